"""Concessions of single products, notional ones of own goods, points for voucher payments: sold, completed, refunded."""

import datetime as dt

import pytest

from saas.kernel import clock
from saas.kernel.ids import new_ulid
from saas.ledger import selectors as book
from tenant_apps.modes.services import SettingsInvalid, SettingsRefused
from tenant_apps.modes.subsidy import selectors as subsidy
from tenant_apps.modes.subsidy.models import Lot
from tenant_apps.orders import services
from tenant_apps.orders.models import OrderLine
from tenant_apps.orders.rules import WantedLine
from tenant_apps.sellers import services as sellers
from tenant_apps.settlement import services as settlement
from tenant_apps.settlement.selectors.subsidy import check_pools
from tests.factories import orders as make
from tests.factories import sellers as shops
from tests.factories import subsidy as shop
from tests.factories.people import make_member

NOW = clock.now()
EARLIER = NOW - dt.timedelta(days=30)


def override(scope, key, rate):
    return {"scope": scope, "key": key, "rate_ppm": [rate]}


def terms_of(order):
    """SKU → (kind, rate, cost for the base profit) as the order keeps them."""
    lines = OrderLine.objects.filter(order=order)
    return {one.sku_ulid: one.seller.get("rate_ppm", 0) for one in lines}


def lots(order):
    return list(Lot.objects.filter(order_ulid=order.ulid).order_by("side").values_list("side", "points"))


def refund(order, drain):
    case = services.request_refund(order_ulid=order.ulid, reason="test", actor=make.CLERK, now=NOW)
    services.approve_refund(refund_ulid=case.ulid, actor=make.CLERK, now=NOW, restock=True)
    drain()


def test_the_sku_goes_before_the_product_and_the_product_before_the_seller(grocery, drain):
    shop.approve(now=EARLIER)
    seller = shops.opened(settlement="concession", rate_ppm=200_000, now=EARLIER)
    by_sku, by_product, by_seller = (
        shops.goods(seller, price=10_000, title=title, now=EARLIER) for title in ("龙井", "毛峰", "白茶")
    )
    shop.publish(
        now=EARLIER,
        overrides=[
            override("sku", by_sku.ulid, 30_000),
            override("product", by_sku.product.ulid, 50_000),
            override("product", by_product.product.ulid, 100_000),
            override("seller", seller.ulid, 150_000),
        ],
    )
    order = make.completed(make_member(), (by_sku, 1), (by_product, 1), (by_seller, 1))
    drain()
    assert terms_of(order) == {by_sku.ulid: 30_000, by_product.ulid: 100_000, by_seller.ulid: 150_000}
    assert book.balance(f"seller.payable.{seller.ulid}") == 9_700 + 9_000 + 8_500
    assert (book.balance("pool"), lots(order)) == (1_680, [("buyer", 2_800), ("merchant", 2_800)])
    refund(order, drain)
    assert (book.balance("pool"), book.balance(f"seller.payable.{seller.ulid}")) == (0, 0)
    assert check_pools() == []


def test_own_goods_feed_the_pool_out_of_their_margin_and_never_more(grocery, drain):
    shop.approve(now=EARLIER)
    shop.publish(now=EARLIER, own_concession_ppm=200_000)
    wide = shops.goods(None, price=10_000, supply=4_000, now=EARLIER)
    narrow = shops.goods(None, price=10_000, supply=9_500, title="毛峰", now=EARLIER)
    order = make.completed(make_member(), (wide, 1), (narrow, 1))
    drain()
    assert terms_of(order) == {wide.ulid: 200_000, narrow.ulid: 50_000}
    # 20.00 + 5.00 of concession; buyers only: the mall grants itself nothing
    assert (book.balance("pool"), lots(order)) == (1_500, [("buyer", 2_500)])
    assert book.balance("own_goods") == 13_500
    assert check_pools() == []
    refund(order, drain)
    assert (book.balance("pool"), book.balance("own_goods"), check_pools()) == (0, 0, [])


def test_what_vouchers_pay_earns_the_points_that_the_mall_set(grocery, drain):
    shop.approve(now=EARLIER)
    version = shop.publish(now=EARLIER, voucher_earns_points_ppm=200_000)
    member = make_member()
    one = shop.sold(member, goods=5_000_000, pins={"subsidy": version.ulid}, now=EARLIER)
    settlement.award_order(order=one.order, now=EARLIER)
    settlement.release_order(order=one.order, now=EARLIER)
    settlement.run_period(key="", actor="system", now=EARLIER + dt.timedelta(days=7))
    settlement.draw_vouchers(member_ulid=member.ulid, now=NOW)
    seller = shops.opened(settlement="concession", rate_ppm=200_000, now=EARLIER)
    sellers.sign_voucher_terms(ulid=seller.ulid, signed=True, actor="user:clerk", now=NOW)
    sku = shops.goods(seller, price=10_000, now=EARLIER)
    order = services.place_order(
        member=member,
        lines=[WantedLine(sku.ulid, 1)],
        address=make.HOME,
        expected_total=5_000,
        idempotency_key=new_ulid(),
        now=NOW,
        voucher_amount=5_000,
    )
    services.mark_paid(order_ulid=order.ulid, payment=make.fund(order), amount=5_000, now=NOW)
    drain()
    services.ship_order(order_ulid=order.ulid, carrier="顺丰", number="SF1234567890", actor=make.CLERK, now=NOW)
    services.receive_order(order_ulid=order.ulid, actor=make.CLERK, now=NOW)
    services.complete_order(order_ulid=order.ulid, actor="system", now=NOW + dt.timedelta(days=8))
    drain()
    # 10.00 of concession on money, and a fifth of the 10.00 on vouchers
    assert lots(order) == [("buyer", 1_200), ("merchant", 1_200)]
    refund(order, drain)
    assert (lots(order), check_pools()) == ([("buyer", 0), ("merchant", 0)], [])


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"overrides": [override("sku", "01ABC", 29_999)]}, "overrides"),
        ({"overrides": [override("sku", "01ABC", 200_001)]}, "overrides"),
        ({"own_concession_ppm": 29_999}, "own_concession_ppm"),
        ({"own_concession_ppm": 200_001}, "own_concession_ppm"),
        ({"voucher_earns_points_ppm": 1, "voucher_concession_to_pool": False}, "voucher_earns_points_ppm"),
        (
            {"pool_base": "turnover", "pool_share_ppm": 90_000, "overrides": [override("sku", "01ABC", 89_999)]},
            "pool_share_ppm",
        ),
    ],
)
def test_concessions_out_of_range_and_points_that_nothing_funds_are_refused(grocery, values, field):
    shop.approve()
    with pytest.raises((SettingsInvalid, SettingsRefused)) as refused:
        shop.publish(**values)
    assert refused.value.field == field
    assert subsidy.terms_in_force(now=shop.NOW).ulid == ""
