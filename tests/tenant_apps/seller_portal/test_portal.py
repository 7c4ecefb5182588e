"""The seller's portal: to-dos, orders, parcels, cases, stock; and nobody ever opens another seller's anything."""

import pytest
from django.conf import settings
from django.urls import URLPattern, reverse

from saas.identity.models import AuditRecord
from saas.identity.roles import Role
from saas.kernel import clock
from tenant_apps.catalog.models import Sku
from tenant_apps.orders import services
from tenant_apps.orders.models import Order, Parcel, Refund
from tenant_apps.seller_portal import urls as portal
from tenant_apps.sellers import services as sellers
from tenant_apps.sellers.models import Statement
from tenant_apps.storefront import urls_seller
from tests.factories import catalog
from tests.factories import orders as make
from tests.factories import sellers as sold
from tests.factories.browser import MallClient
from tests.factories.people import make_member, make_staff

NOW = clock.now()
OPEN = {"home", "pickup", "apply", "apply_paper"}  # of one's own, without anybody's ULID in the address


def browse(user):
    client = MallClient(HTTP_ACCEPT_LANGUAGE="en")
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
    return client


@pytest.fixture
def shop(grocery, settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path)
    return sold.opened(owner=make_member(name="店主").ulid, now=NOW)


@pytest.fixture
def tea(shop):
    return sold.goods(shop, price=10_000, title="龙井", stock=30, now=NOW)


@pytest.fixture
def order(tea):
    return make.paid(make_member(name="王小明"), (tea, 3))


@pytest.fixture
def owner(shop):
    return browse(shop.owner.user)


def case_of(order, **more):
    return services.open_case(
        order_ulid=order.ulid,
        service=more.pop("service", "refund_only"),
        reason="破损",
        wishes=None,
        photos=[(catalog.picture(), "image/jpeg")],
        member=order.member,
        now=clock.now(),
    )


def test_orders_are_shipped_in_parts_and_the_shopper_is_masked_afterwards(shop, order, owner):
    desk = owner.get(f"/seller/{shop.ulid}/desk").content.decode()
    assert 'Orders to ship<span class="badge badge-primary">1</span>' in desk
    page = f"/seller/{shop.ulid}/orders/{order.ulid}"
    assert order.number in owner.get(f"/seller/{shop.ulid}/orders?state=paid").content.decode()
    shown = owner.get(page).content.decode()
    assert order.recipient_phone in shown and "Send a parcel" in shown
    line = order.lines.get().ulid
    refused = owner.post(page, {"carrier": "", "number": "SF1", f"send-{line}": "1"})
    assert refused.status_code == 422 and not Parcel.objects.exists()
    assert owner.post(page, {"carrier": "SF", "number": "SF10001", f"send-{line}": "x"}).status_code == 422
    owner.post(page, {"carrier": "顺丰速运", "number": "SF1000000001", f"send-{line}": "1"})
    owner.post(page, {"carrier": "顺丰速运", "number": "SF1000000002", f"send-{line}": "2"})
    order.refresh_from_db()
    assert (order.state, [row.pieces for row in Parcel.objects.order_by("pk")]) == ("shipped", [{line: 1}, {line: 2}])
    assert "Send a parcel" not in owner.get(page).content.decode()
    Order.objects.filter(pk=order.pk).update(state="completed", received_at=NOW, completed_at=NOW)
    done = owner.get(page).content.decode()
    assert order.recipient_phone not in done and order.recipient_name not in done


def test_a_case_is_answered_by_its_seller_and_audited(shop, order, owner):
    case = case_of(order)
    assert case.order.number in owner.get(f"/seller/{shop.ulid}/cases").content.decode()
    page = f"/seller/{shop.ulid}/cases/{case.ulid}"
    assert "破损" in owner.get(page).content.decode()
    assert owner.get(f"{page}/photo/{case.evidence[0]}")["Content-Type"] == "image/jpeg"
    assert owner.post(page, {"step": "decline", "note": " "}).status_code == 422
    assert Refund.objects.get().stage == "seller"
    owner.post(page, {"step": "decline", "note": "已按约定发货"})
    assert Refund.objects.get().stage == "declined"
    assert AuditRecord.objects.filter(target=f"refund:{case.ulid}", actor=f"member:{shop.owner.ulid}").count() == 1
    assert "No case waits for you." in owner.get(f"/seller/{shop.ulid}/cases").content.decode()
    assert owner.post(page, {"step": "nothing"}).status_code == 404
    services.appeal(refund_ulid=case.ulid, member=order.member, note="请商城裁定", now=clock.now())
    assert owner.post(page, {"step": "agree"}).status_code == 409  # the mall decides now


def test_agreeing_pays_back(shop, order, owner):
    case = case_of(order)
    owner.post(f"/seller/{shop.ulid}/cases/{case.ulid}", {"step": "agree", "note": "抱歉"})
    row = Refund.objects.get()
    assert (row.state, row.amount) == ("approved", order.total_amount)


def test_stock_is_counted_by_the_seller(shop, tea, owner):
    page = f"/seller/{shop.ulid}/goods"
    assert "30 in stock" in owner.get(page).content.decode()
    owner.post(page, {"sku": tea.ulid, "delta": "-25", "reason": "盘点"})
    assert Sku.objects.get(pk=tea.pk).stock == 5
    assert (
        'SKUs low in stock<span class="badge badge-primary">1</span>'
        in owner.get(f"/seller/{shop.ulid}/desk").content.decode()
    )
    for wrong in ("-6", "many", ""):
        owner.post(page, {"sku": tea.ulid, "delta": wrong})
    assert Sku.objects.get(pk=tea.pk).stock == 5
    other = sold.goods(None, supply=100, now=NOW)
    assert owner.post(page, {"sku": other.ulid, "delta": "9"}).status_code == 404
    assert Sku.objects.get(pk=other.pk).stock == 100


def test_nobody_opens_another_sellers_anything(shop, tea, order, owner):
    """Every address of a seller, made out of the lists of addresses: not found for every other person, GET and POST."""
    case = case_of(order)
    sellers.add_seller_paper(
        seller_ulid=shop.ulid,
        content=b"%PDF-1.7\n%%EOF",
        content_type="application/pdf",
        kind="licence",
        actor="user:X",
        now=NOW,
    )
    shop.refresh_from_db()
    statement = Statement.objects.create(
        ulid="01STATEMENT0000000000000000"[:26], number="S1", seller=shop, period_key="2026-W01", until=NOW, closed_at=NOW,
        turnover_amount=1, fee_amount=0, sale_amount=1, refund_amount=0, award_amount=0, deduction_amount=0, total_amount=1,
    )  # fmt: skip
    known = {
        "ulid": shop.ulid,
        "order_ulid": order.ulid,
        "product_ulid": tea.product.ulid,
        "case_ulid": case.ulid,
        "coupon": "01X",
        "sale_ulid": "01X",
        "statement_ulid": statement.ulid,
    }
    rival = sold.opened(owner=make_member(name="同行").ulid, name="别家茶行", now=NOW)
    strangers = [browse(person) for person in (rival.owner.user, order.member.user, make_staff(Role.OWNER))]
    tried = 0
    for name, pattern in _patterns():
        if pattern.name in OPEN:
            continue
        wanted = pattern.pattern.converters
        values = {key: known.get(key, "") for key in wanted}
        if "name" in wanted:
            values["name"] = case.evidence[0] if "case_ulid" in wanted else shop.papers[0]["file"]
        if pattern.name == "old_statement":
            values["ulid"] = statement.ulid
        address = reverse(f"{name}:{pattern.name}", kwargs=values)
        if pattern.name not in ("coupon_end", "flash_end", "product_step", "product_times", "product_pictures"):
            assert owner.get(address).status_code in (200, 301), address
        for stranger in strangers:
            assert stranger.get(address).status_code in (404, 405), address
            assert stranger.post(address, {"step": "leave", "reason": "x", "answer": "right"}).status_code in (
                404,
                405,
            ), address
        assert MallClient().get(address).status_code in (302, 405), address
        if {"order_ulid", "case_ulid", "statement_ulid", "product_ulid"} & set(
            wanted
        ):  # his own shop, somebody else's order
            mixed = reverse(f"{name}:{pattern.name}", kwargs={**values, "ulid": rival.ulid})
            assert strangers[0].get(mixed).status_code in (404, 405) and strangers[0].post(mixed, {}).status_code in (
                404,
                405,
            )
        tried += 1
    assert tried >= 14
    shop.refresh_from_db()
    statement.refresh_from_db()
    assert (shop.state, statement.state, Refund.objects.get().stage) == ("active", "draft", "seller")


def _patterns() -> list[tuple[str, URLPattern]]:
    return [(module.app_name, one) for module in (portal, urls_seller) for one in module.urlpatterns]
