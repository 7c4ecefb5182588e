"""Coupons on the screens: staff and a seller make and end them, a member takes them, checkout uses the best."""

import datetime as dt
import re

import pytest
from django.utils import translation

from saas.identity.models import AuditRecord
from saas.identity.roles import Role
from saas.kernel import clock
from tenant_apps.members.models import Address
from tenant_apps.orders import services as orders
from tenant_apps.orders.models import Order
from tenant_apps.promotions import services as promotions
from tenant_apps.promotions.models import Coupon, MemberCoupon
from tenant_apps.promotions.rules import CouponDraft
from tests.factories import promotions as make
from tests.factories import sellers as shops
from tests.factories.people import make_member, make_staff
from tests.tenant_apps.backoffice.conftest import signed_in

NOW = clock.now()
FORM = {
    "title": "满50减10",
    "kind": "amount",
    "amount": "10",
    "threshold": "50",
    "starts_on": clock.china_date(NOW).isoformat(),
    "ends_on": (clock.china_date(NOW) + dt.timedelta(days=3)).isoformat(),
    "total_qty": "10",
    "person_limit": "2",
}


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def text(answer):
    return re.sub(r"\s+", " ", answer.content.decode())


def test_staff_make_and_end_a_coupon_and_refusals_name_the_field(grocery):
    staff = signed_in(make_staff(Role.FINANCE))
    sku = shops.goods(None, price=6_000, supply=2_000)
    english = {"HTTP_ACCEPT_LANGUAGE": "en"}
    assert "No coupon yet." in text(staff.get("/backoffice/coupons/", **english))
    for change, field in (
        ({"amount": "0"}, "f-amount"),
        ({"kind": "percent", "percent": "x", "cap": "5"}, "f-percent"),
        ({"ends_on": "soon"}, "f-until"),
        ({"products": "https://x/p/01UNKNOWN"}, "f-products"),
        ({"only": ["zones:nowhere"]}, "f-only"),
    ):
        answer = staff.post("/backoffice/coupons/new", {**FORM, **change}, **english)
        assert answer.status_code == 422, change
        assert re.search(rf'id="{field}"[^>]*aria-invalid="true"', text(answer)), field
    assert not Coupon.objects.exists()
    for change in ({}, {"products": f"/p/{sku.product.ulid}"}, {"only": ["zones:self_operated"]}):
        assert staff.post("/backoffice/coupons/new", {**FORM, **change}, **english).status_code == 302
    percent = {"kind": "percent", "percent": "7.5", "cap": "20", "title": "九二五折"}
    staff.post("/backoffice/coupons/new", {**FORM, **percent}, **english)
    rows = list(Coupon.objects.order_by("pk"))
    assert [(row.scope, row.scope_values) for row in rows[:3]] == [
        ("all", []),
        ("products", [sku.product.ulid]),
        ("zones", ["self_operated"]),
    ]
    assert (rows[3].off_ppm, rows[3].cap_amount, rows[3].amount) == (75_000, 2_000, 0)
    assert AuditRecord.objects.filter(action="coupon.created").count() == 4
    shown = text(staff.get("/backoffice/coupons/", **english))
    assert "7.5% off, at most ¥20.00, from goods of ¥50.00" in shown
    assert staff.post(f"/backoffice/coupons/{rows[0].ulid}/end", **english).status_code == 302
    assert Coupon.objects.get(pk=rows[0].pk).ended_at is not None


def test_a_seller_has_his_own_and_nobody_elses(grocery):
    owner, other = make_member(), make_member()
    shop = shops.opened(name="甲", owner=owner.ulid)
    mine, foreign = signed_in(owner.user), signed_in(other.user)
    address = f"/seller/{shop.ulid}/coupons"
    english = {"HTTP_ACCEPT_LANGUAGE": "en"}
    assert foreign.get(address).status_code == 404 and foreign.post(address, FORM).status_code == 404
    assert mine.post(address, {**FORM, "amount": "48"}, **english).status_code == 422  # above 95 % of 50.00
    form = re.search(r'name="form" value="(\w{26})"', text(mine.get(address, **english))).group(1)
    for _press in range(2):  # the button was pressed twice: one coupon
        assert mine.post(address, {**FORM, "form": form}, **english).status_code == 302
    row = Coupon.objects.get()
    assert row.ulid == form
    assert (row.seller_ulid, row.created_by) == (shop.ulid, f"member:{owner.ulid}")
    assert "0 of 10 taken" in text(mine.get(address, **english))
    malls = make.coupon(now=NOW)
    with pytest.raises(promotions.CouponInvalid):  # another's form makes nobody a coupon of it
        promotions.make_coupon(
            draft=CouponDraft(
                title="x", amount=1, threshold_amount=100, starts_at=NOW, ends_at=NOW + dt.timedelta(days=1)
            ),
            actor="member:x",
            now=NOW,
            form=malls.ulid,
        )
    assert mine.post(f"{address}/{malls.ulid}/end").status_code == 404
    assert mine.post(f"{address}/{row.ulid}/end").status_code == 302
    assert Coupon.objects.get(pk=row.pk).ended_at and not Coupon.objects.get(pk=malls.pk).ended_at


def test_a_member_takes_one_and_checkout_uses_the_best_until_he_chooses(grocery):
    sku = shops.goods(None, price=6_000, supply=2_000, title="橙")
    member = make_member()
    shopper = signed_in(member.user)
    english = {"HTTP_ACCEPT_LANGUAGE": "en"}
    assert "No coupons at the moment." in text(shopper.get("/coupons", **english))
    large, small = make.coupon(now=NOW, title="大"), make.coupon(now=NOW, title="小", amount=300)
    make.taken(member, now=NOW, title="远", threshold_amount=20_000)
    for one in (large, small):
        assert shopper.post(f"/coupons/{one.ulid}/take").status_code == 302
    shopper.post(f"/coupons/{large.ulid}/take")  # once a person
    assert MemberCoupon.objects.filter(member=member).count() == 3
    held = {row.coupon.title: row.ulid for row in MemberCoupon.objects.select_related("coupon")}
    Address.objects.create(
        ulid="01ADDRESS", member=member, name="李明", phone="+8613800000001", province_code="440000",
        city_code="440100", district_code="440106", province="广东省", city="广州市", district="天河区",
        detail="体育西路1号", is_default=True, created_at=NOW,
    )  # fmt: skip
    page = text(shopper.get(f"/checkout?sku={sku.ulid}&qty=1", **english))
    assert f'value="{held["大"]}" selected' in page and "Coupons that cannot be used here: 1" in page
    assert "¥140.00 more of its goods are needed." in page
    assert 'name="total" value="5800"' in page  # 60.00 − 10.00 + freight 8.00
    given = {"sku": sku.ulid, "qty": "1", "price": "6000", "coupons": "1", "key": "k" * 12, "address": "01ADDRESS"}
    again = text(shopper.post("/checkout", {**given, "coupon": held["小"], "recount": "1"}, **english))
    assert 'name="total" value="6500"' in again
    none = text(shopper.post("/checkout", {**given, "coupon": "", "recount": "1"}, **english))
    assert 'name="total" value="6800"' in none
    assert shopper.post("/checkout", {**given, "coupon": held["远"], "total": "5800"}, **english).status_code == 422
    assert not Order.objects.exists()
    answer = shopper.post("/checkout", {**given, "coupon": held["小"], "total": "6500"}, **english)
    assert answer.status_code == 302 and answer["Location"].startswith("/pay/")
    order = Order.objects.get()
    assert (order.total_amount, order.coupon_count) == (6_500, 1)
    assert "in an order to be paid" in text(shopper.get("/coupons", **english))
    orders.cancel_order(order_ulid=order.ulid, actor="system", reason="x", now=NOW)
    assert set(MemberCoupon.objects.values_list("state", flat=True)) == {"taken"}
