"""Vouchers of the subsidy in payment: set aside when the order is placed, spent when it is paid, back with a refund."""

import datetime as dt
import re
from pathlib import Path

import pytest

from saas.kernel import clock
from saas.kernel.errors import DomainError
from saas.kernel.ids import new_ulid
from saas.ledger import selectors as book
from tenant_apps.catalog.models import Product
from tenant_apps.catalog.rules import ProductKind
from tenant_apps.modes.subsidy import selectors as subsidy
from tenant_apps.modes.subsidy.services.vouchers import VouchersShort
from tenant_apps.orders import selectors, services
from tenant_apps.orders.models import Order, OrderLine
from tenant_apps.orders.rules import WantedLine
from tenant_apps.orders.services.voucher_payment import VouchersNotTaken
from tenant_apps.sellers import services as sellers
from tenant_apps.settlement import services as settlement
from tenant_apps.settlement.selectors.subsidy import check_pools
from tests.factories import orders as make
from tests.factories import sellers as shops
from tests.factories import subsidy as shop
from tests.factories.people import make_member

PROJECT = Path(__file__).resolve().parents[3]
NOW = clock.now()
EARLIER = NOW - dt.timedelta(days=30)


@pytest.fixture
def buyer(grocery):
    """A member with vouchers of 50.00, out of an order of 100 000.00 that one period has served."""
    shop.approve(now=EARLIER)
    version = shop.publish(now=EARLIER)
    member = make_member()
    one = shop.sold(member, goods=5_000_000, pins={"subsidy": version.ulid}, now=EARLIER)
    settlement.award_order(order=one.order, now=EARLIER)
    settlement.release_order(order=one.order, now=EARLIER)
    settlement.run_period(key="", actor="system", now=EARLIER + dt.timedelta(days=7))
    assert settlement.draw_vouchers(member_ulid=member.ulid, now=NOW) == 5_000
    return member


@pytest.fixture
def seller(grocery):
    return shops.opened(settlement="concession", rate_ppm=200_000, now=EARLIER)


def place(member, sku, *, voucher, total, qty=1):
    return services.place_order(
        member=member,
        lines=[WantedLine(sku.ulid, qty)],
        address=make.HOME,
        expected_total=total,
        idempotency_key=new_ulid(),
        now=NOW,
        voucher_amount=voucher,
    )


def left(member):
    return subsidy.available_vouchers(member.ulid, now=NOW)


def test_half_of_an_order_and_its_whole_refund(buyer, seller, drain):
    sellers.sign_voucher_terms(ulid=seller.ulid, signed=True, actor="user:clerk", now=NOW)
    sku = shops.goods(seller, price=10_000, now=EARLIER)
    order = place(buyer, sku, voucher=5_000, total=5_000)
    line = OrderLine.objects.get(order=order)
    assert (line.voucher_amount, line.cash_amount, order.voucher_amount, left(buyer)) == (5_000, 5_000, 5_000, 0)
    make.pay(order) if hasattr(make, "pay") else services.mark_paid(
        order_ulid=order.ulid, payment=make.fund(order), amount=5_000, now=NOW
    )
    drain()
    services.ship_order(order_ulid=order.ulid, carrier="顺丰", number="SF1234567890", actor=make.CLERK, now=NOW)
    services.receive_order(order_ulid=order.ulid, actor=make.CLERK, now=NOW)
    services.complete_order(order_ulid=order.ulid, actor="system", now=NOW + dt.timedelta(days=8))
    pool = book.balance("pool")
    drain()
    # L = 10.00 on the cash part: 6.00 to the pool; Lv = 10.00 of the voucher part whole; the seller has 80.00
    assert book.balance("pool") == pool + 600 + 1_000
    assert book.balance(f"seller.payable.{seller.ulid}") == 8_000
    assert selectors.vouchers_redeemed(seller.ulid) == 5_000
    assert (book.balance("voucher.reserve"), check_pools()) == (0, [])
    case = services.request_refund(order_ulid=order.ulid, reason="test", actor=make.CLERK, now=NOW)
    services.approve_refund(refund_ulid=case.ulid, actor=make.CLERK, now=NOW, restock=True)
    drain()
    assert (book.balance("pool"), left(buyer), book.balance("voucher.reserve")) == (pool, 5_000, 5_000)
    assert selectors.vouchers_redeemed(seller.ulid) == 0
    assert check_pools() == []


def test_a_seller_who_has_not_signed_takes_none(buyer, seller):
    sku = shops.goods(seller, price=10_000, now=EARLIER)
    with pytest.raises(VouchersNotTaken) as refused:
        place(buyer, sku, voucher=1, total=9_999)
    assert (refused.value.data["limit"], refused.value.field) == (0, "voucher_amount")
    assert (Order.objects.count(), left(buyer)) == (0, 5_000)


def test_more_than_he_has_is_refused_and_nothing_changes(buyer):
    sku = shops.goods(None, price=20_000, supply=8_000, now=EARLIER)
    with pytest.raises(VouchersShort):
        place(buyer, sku, voucher=5_001, total=14_999)
    sku.refresh_from_db()
    assert (Order.objects.count(), left(buyer)) == (0, 5_000)


def test_given_up_before_it_is_paid_they_are_free_again(buyer):
    sku = shops.goods(None, price=10_000, supply=4_000, now=EARLIER)
    order = place(buyer, sku, voucher=4_000, total=6_000)
    assert left(buyer) == 1_000
    services.cancel_order(order_ulid=order.ulid, actor=make.CLERK, reason="test", now=NOW)
    assert (left(buyer), check_pools()) == (5_000, [])


def test_an_order_that_vouchers_pay_whole_is_paid_at_once(buyer, drain):
    sku = shops.goods(None, price=5_000, supply=2_000, now=EARLIER)
    before = book.balance("voucher.reserve")
    services_total = services.quote_checkout(
        lines=[WantedLine(sku.ulid, 1)], now=NOW, voucher_amount=5_000
    ).total_amount
    if services_total:  # freight is paid in money
        sku = shops.goods(None, price=2_500, supply=1_000, now=EARLIER, title="碧螺春")
        order = place(buyer, sku, voucher=5_000, total=services_total, qty=2)
        assert (order.state, order.total_amount) == ("pending_payment", services_total)
        return
    order = place(buyer, sku, voucher=5_000, total=0)
    assert (order.state, order.total_amount) == ("paid", 0)
    drain()
    assert (book.balance("voucher.reserve"), check_pools()) == (before, [])


def test_rule_8_no_way_to_buy_cash_or_pass_on_a_voucher_or_gold(buyer):
    """They come out of lots alone: one statement in the project makes them, fees take none, nothing but money is paid out."""
    makers = [
        path.relative_to(PROJECT).as_posix()
        for folder in ("tenant_apps", "saas")
        for path in (PROJECT / folder).rglob("*.py")
        if re.search(r"INSERT INTO subsidy_voucher |\bVoucher\(|\bVoucher\.objects\.(bulk_)?create", path.read_text())
        and "migrations" not in path.parts
    ]
    assert makers == ["tenant_apps/modes/subsidy/models.py", "tenant_apps/modes/subsidy/services/drawing.py"]
    fee = shops.goods(None, price=5_000, supply=2_000, now=EARLIER)
    Product.objects.filter(pk=fee.product_id).update(kind=ProductKind.MEMBERSHIP)
    with pytest.raises(DomainError):
        place(buyer, fee, voucher=1_000, total=4_000)
    assert (Order.objects.count(), left(buyer)) == (0, 5_000)
    assert book.balance(f"member.wallet.{buyer.ulid}", "GOLD") == 50_000
    paying_out = [path for path in (PROJECT / "tenant_apps/payouts").rglob("*.py") if "migrations" not in path.parts]
    assert paying_out
    assert not [path.name for path in paying_out if re.search(r"GOLD|POINT|COIN|[Vv]oucher", path.read_text())]
