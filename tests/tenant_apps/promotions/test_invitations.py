"""Coupons that an invitation brings: once each, within limits, void when the first order is refunded; on the screens."""

import datetime as dt

import pytest
from django.core.cache import cache
from django.db import IntegrityError, transaction

from saas.identity.models import AuditRecord
from saas.identity.roles import Role
from saas.kernel import clock
from saas.kernel.ids import new_ulid
from saas.messaging.bus.services import Event
from tenant_apps.modes import quoting
from tenant_apps.orders import services as orders
from tenant_apps.orders.rules import WantedLine
from tenant_apps.promotions import handlers, services
from tenant_apps.promotions.models import Coupon, MemberCoupon
from tenant_apps.promotions.rules import Audience, CouponKind, CouponState
from tests.factories import orders as make
from tests.factories import promotions as coupons
from tests.factories import sellers as shops
from tests.factories.browser import MallClient
from tests.factories.people import make_member, make_staff
from tests.tenant_apps.backoffice.conftest import signed_in

NOW = clock.now()
EARLIER = NOW - dt.timedelta(days=30)


@pytest.fixture(autouse=True)
def mall(grocery):
    cache.clear()
    return grocery


def held(member):
    return list(MemberCoupon.objects.filter(member=member).order_by("pk").values_list("coupon__title", "state"))


def invite(inviter, *, now=NOW):
    member = make_member(referrer=inviter)
    services.give_for_registration(invited_ulid=member.ulid, now=now)
    return member


def paid(member, sku, *, used=()):
    wanted = [WantedLine(sku.ulid, 1)]
    quote = orders.quote_checkout(lines=wanted, now=NOW, buyer=quoting.buyer_of(member, NOW), coupons=used)
    order = orders.place_order(
        member=member, lines=wanted, address=make.HOME, expected_total=quote.total_amount, idempotency_key=new_ulid(),
        coupons=used, now=NOW,
    )  # fmt: skip
    assert orders.mark_paid(
        order_ulid=order.ulid, payment=make.fund(order, now=NOW), amount=order.total_amount, now=NOW
    )
    return order


def refund(order):
    case = orders.request_refund(order_ulid=order.ulid, reason="x", actor=make.CLERK, now=NOW)
    orders.approve_refund(refund_ulid=case.ulid, actor=make.CLERK, now=NOW)
    orders.mark_refunded(refund_ulid=case.ulid, now=NOW)


def test_registering_brings_both_once_and_stops_at_the_limits():
    small = {"now": NOW, "amount": 500, "threshold_amount": 0}
    coupons.coupon(**small, title="新人", audience=Audience.INVITED_REGISTERED)
    row = coupons.coupon(
        **small, title="老友", audience=Audience.INVITER_REGISTERED, person_limit=3, day_limit=2, total_qty=10
    )
    inviter = make_member()
    first = make_member(referrer=inviter)
    event = Event(new_ulid(), "member.joined", "", 1, {"member": first.ulid}, NOW)
    handlers.on_member_joined(event)
    handlers.on_member_joined(event)
    assert (held(first), held(inviter)) == ([("新人", "taken")], [("老友", "taken")])
    assert AuditRecord.objects.filter(action="coupon.given").count() == 2
    services.give_for_registration(invited_ulid=make_member().ulid, now=NOW)  # invited by nobody
    invite(inviter)
    third = invite(inviter)  # the third of the day: the friend has his, the inviter has had two
    assert held(third) == [("新人", "taken")] and len(held(inviter)) == 2
    tomorrow = NOW + dt.timedelta(days=1)
    for _ in range(2):
        services.give_for_registration(invited_ulid=make_member(referrer=inviter).ulid, now=tomorrow)
    row.refresh_from_db()
    assert (len(held(inviter)), row.taken_qty) == (3, 3)  # three a person in all
    with pytest.raises(IntegrityError), transaction.atomic():
        MemberCoupon.objects.filter(member=inviter).update(invited_ulid=first.ulid)
    with pytest.raises(services.CouponNotForYou):
        services.take_coupon(coupon_ulid=row.ulid, member=inviter, now=NOW)
    for changes, field in (
        ({"amount": 2_001}, "audience"), ({"kind": CouponKind.PERCENT, "off_ppm": 50_000, "cap_amount": 9}, "audience"),
        ({"day_limit": 1_001}, "day_limit"), ({"seller_ulid": shops.opened(name="甲", now=EARLIER).ulid, "threshold_amount": 5_000}, "inviter"),
    ):  # fmt: skip
        with pytest.raises(services.CouponInvalid) as refused:
            coupons.coupon(**small | {"audience": Audience.INVITER_PAID} | changes)
        assert refused.value.field == field
    services.end_coupon(ulid=row.ulid, actor=make.CLERK, now=NOW)
    invite(make_member())
    assert Coupon.objects.get(pk=row.pk).taken_qty == 3


def test_the_first_paid_order_brings_both_and_its_refund_takes_back_what_is_unused():
    sku = shops.goods(None, price=6_000, supply=2_000, title="橙", stock=50, now=EARLIER)
    small = {"now": NOW, "amount": 500, "threshold_amount": 0, "person_limit": 5}
    inviter, friend = make_member(), None
    friend = make_member(referrer=inviter)
    assert orders.give_for_first_order(order_ulid=paid(make_member(), sku).ulid, now=NOW) == 0  # none runs
    coupons.coupon(**small, title="友", audience=Audience.INVITED_PAID)
    coupons.coupon(**small, title="荐", audience=Audience.INVITER_PAID)
    first = paid(friend, sku)
    assert [orders.give_for_first_order(order_ulid=first.ulid, now=NOW) for _ in range(2)] == [2, 0]
    second = paid(friend, sku, used=[MemberCoupon.objects.get(member=friend).ulid])
    assert orders.give_for_first_order(order_ulid=second.ulid, now=NOW) == 0
    # the friend has used his, the inviter holds his in an unpaid order: it is void when that order gives it back
    waiting = orders.place_order(
        member=inviter, lines=[WantedLine(sku.ulid, 1)], address=make.HOME,
        expected_total=6_000 - 500 + second.freight_amount, idempotency_key=new_ulid(),
        coupons=[MemberCoupon.objects.get(member=inviter).ulid], now=NOW,
    )  # fmt: skip
    refund(first)
    assert (held(friend), held(inviter)) == ([("友", "used")], [("荐", "reserved")])
    orders.cancel_order(order_ulid=waiting.ulid, actor=make.CLERK, reason="x", now=NOW)
    assert held(inviter) == [("荐", "void")]
    row = MemberCoupon.objects.get(member=inviter)
    assert row.revoked_at == NOW and AuditRecord.objects.filter(action="coupon.revoked").count() == 1
    with pytest.raises(orders.CouponNotUsable):
        paid(inviter, sku, used=[row.ulid])
    other = make_member(referrer=inviter)
    order = paid(other, sku)
    orders.give_for_first_order(order_ulid=order.ulid, now=NOW)
    refund(order)
    assert (held(other), held(inviter)[1:]) == ([("友", "void")], [("荐", "void")])
    again = paid(other, sku)  # once for each friend, whatever he buys later
    assert orders.give_for_first_order(order_ulid=again.ulid, now=NOW) == 0
    late = make_member(referrer=inviter)  # refunded before the event came: nothing
    order = paid(late, sku)
    refund(order)
    assert orders.give_for_first_order(order_ulid=order.ulid, now=NOW) == 0 and held(late) == []
    with pytest.raises(IntegrityError), transaction.atomic():
        MemberCoupon.objects.filter(pk=row.pk).update(state=CouponState.VOID, revoked_at=None)


def test_staff_make_one_and_both_see_it():
    staff, english = signed_in(make_staff(Role.FINANCE)), {"HTTP_ACCEPT_LANGUAGE": "en"}
    today = clock.china_date(NOW)
    form = {"title": "邀请礼", "kind": "amount", "amount": "8", "threshold": "0", "starts_on": today.isoformat(),
            "ends_on": (today + dt.timedelta(days=9)).isoformat(), "total_qty": "10", "person_limit": "5", "day_limit": "2",
            "audience": "inviter_reg"}  # fmt: skip
    refused = staff.post("/backoffice/coupons/new", form | {"amount": "21"}, **english)
    assert refused.status_code == 422 and "at most 20.00" in refused.text and not Coupon.objects.exists()
    assert staff.post("/backoffice/coupons/new", form).status_code == 302
    row = Coupon.objects.get()
    assert (row.audience, row.day_limit) == ("inviter_reg", 2)
    assert "given to who invited, when the invited has registered" in staff.get("/backoffice/coupons/", **english).text
    inviter = make_member()
    shop = MallClient("grocery.localhost")
    shop.force_login(inviter.user)
    page = shop.get("/coupons", **english).text
    assert "For inviting friends" in page and "/take" not in page and "for an invitation" not in page
    invite(inviter, now=clock.now())
    assert "for an invitation" in shop.get("/coupons", **english).text
    assert shop.post(f"/coupons/{row.ulid}/take").status_code == 302 and len(held(inviter)) == 1
