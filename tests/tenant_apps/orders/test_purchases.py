"""A cart of several sellers: one order a seller, one payment for all, refunds each of its own."""

import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction

from saas.kernel import clock
from saas.kernel.ids import new_ulid
from saas.ledger import selectors as book
from saas.ledger import services as ledger
from saas.ledger.services import Move
from saas.messaging.bus.models import OutboxEvent
from tenant_apps.catalog.models import Sku
from tenant_apps.catalog.services import InsufficientStock
from tenant_apps.orders import selectors, services
from tenant_apps.orders.models import CartLine, Order, OrderHistory, OrderLine, Refund
from tenant_apps.orders.pricing import Discount, Funder
from tenant_apps.orders.rules import RefundWish, WantedLine
from tenant_apps.payments.models import Payment, PaymentRefund
from tenant_apps.payments.services.refunding import RefundAbovePaid, start_refund
from tests.factories import orders as make
from tests.factories import sellers as shops
from tests.factories.people import make_member

NOW = clock.now()
EARLIER = NOW - dt.timedelta(days=30)


@pytest.fixture
def goods(grocery):
    """Goods of the mall (20.00), of a commission seller (30.00) and of a supplier (50.00, free freight from 99.00 an order)."""
    merchant = shops.opened(name="甲", rate_ppm=100_000, now=EARLIER)
    supplier = shops.opened(name="乙", settlement="supplier", now=EARLIER)
    return (
        shops.goods(None, price=2_000, supply=1_000, title="橙", now=EARLIER),
        shops.goods(merchant, price=3_000, title="茶", now=EARLIER),
        shops.goods(supplier, price=5_000, supply=2_000, title="米", now=EARLIER),
    )


@pytest.fixture
def buyer(grocery):
    return make_member()


def buy(buyer, goods, *, key="", total=14_800 + 1_600, **more):
    """One orange, one tea, two sacks of rice: 20 + 30 + 100, freight 8 + 8 + 0."""
    own, tea, rice = goods
    return services.place_purchase(
        member=buyer,
        lines=[WantedLine(own.ulid, 1), WantedLine(tea.ulid, 1), WantedLine(rice.ulid, 2)],
        address=make.HOME,
        expected_total=total,
        idempotency_key=key or new_ulid(),
        now=NOW,
        **more,
    )


TOTAL = 15_000 + 1_600


def pay(purchase, amount=TOTAL):
    payment = make.fund(purchase.first, amount=amount, now=NOW)
    arrived = services.mark_purchase_paid(purchase=purchase.first.purchase, payment=payment, amount=amount, now=NOW)
    return payment, arrived


def arrive():
    """The channel has sent back what it was asked for."""
    for row in PaymentRefund.objects.exclude(state="succeeded"):
        ledger.post_entry(
            key=f"refunded:{row.ulid}",
            kind="refunded",
            moves=[Move("clearing.refund", "channel.wechat", row.amount)],
            document=row.document,
            occurred_at=NOW,
        )
        PaymentRefund.objects.filter(pk=row.pk).update(state="succeeded", refunded_at=NOW)
        services.mark_refunded(refund_ulid=row.ulid, now=NOW)


def states():
    return list(Order.objects.order_by("pk").values_list("state", flat=True))


def test_three_sellers_are_three_orders_and_one_payment(buyer, goods, drain):
    for sku in goods:
        services.add_to_cart(member=buyer, sku_ulid=sku.ulid, qty=1, now=NOW)
    groups = selectors.grouped(selectors.cart(buyer))
    assert [(group.name, len(group.rows)) for group in groups] == [("乙", 1), ("甲", 1), ("", 1)]
    purchase = buy(buyer, goods, total=TOTAL)
    rows = [(one.goods_amount, one.freight_amount, one.total_amount, one.purchase_position) for one in purchase.orders]
    assert rows == [(2_000, 800, 2_800, 0), (3_000, 800, 3_800, 1), (10_000, 0, 10_000, 2)]
    assert {one.purchase_amount for one in purchase.orders} == {purchase.total_amount} == {TOTAL}
    assert [one.seller_ulid for one in purchase.orders] == ["", *(sku.product.seller_ulid for sku in goods[1:])]
    assert CartLine.objects.count() == 0 and OrderHistory.objects.filter(action="placed").count() == 3
    assert OutboxEvent.objects.filter(topic="order.payment_due").count() == 1
    assert [one.ulid for one in selectors.placed_with(purchase.orders[1])] == [
        purchase.orders[0].ulid,
        purchase.orders[2].ulid,
    ]
    payment, arrived = pay(purchase)
    assert arrived and states() == ["paid"] * 3
    assert book.uncleared() == []
    assert [book.balance(f"order.escrow.{one.ulid}") for one in purchase.orders] == [2_800, 3_800, 10_000]
    again = services.mark_purchase_paid(
        purchase=purchase.first.purchase, payment=payment, amount=TOTAL, now=NOW
    )  # the same notice once more
    assert again and Refund.objects.count() == 0
    drain()
    for one in purchase.orders:
        services.ship_order(order_ulid=one.ulid, carrier="顺丰", number="SF1234567890", actor=make.CLERK, now=NOW)
        services.receive_order(order_ulid=one.ulid, actor=make.CLERK, now=NOW)
        services.complete_order(order_ulid=one.ulid, actor="system", now=NOW + dt.timedelta(days=8))
    drain()
    assert [book.balance(f"order.escrow.{one.ulid}") for one in purchase.orders] == [0, 0, 0]
    # 30.00 less 10 % and its freight; two sacks at 20.00 and no freight
    assert book.balance(f"seller.payable.{goods[1].product.seller_ulid}") == 2_700 + 800
    assert book.balance(f"seller.payable.{goods[2].product.seller_ulid}") == 4_000


def test_the_same_key_is_the_same_purchase(buyer, goods):
    first = buy(buyer, goods, key="key-of-this-cart", total=TOTAL)
    again = buy(buyer, goods, key="key-of-this-cart", total=1)
    assert [one.ulid for one in again.orders] == [one.ulid for one in first.orders]
    assert Order.objects.count() == 3 and set(Sku.objects.values_list("stock", flat=True)) == {99, 98}


def test_one_short_line_sells_nothing_of_anybody(buyer, goods):
    Sku.objects.filter(pk=goods[2].pk).update(stock=1)
    with pytest.raises(services.TotalChanged):
        buy(buyer, goods, total=TOTAL - 1)
    with pytest.raises(InsufficientStock) as refused:
        buy(buyer, goods, total=TOTAL)
    assert refused.value.data["sku_ulid"] == goods[2].ulid
    assert Order.objects.count() == 0 and list(Sku.objects.order_by("pk").values_list("stock", flat=True)) == [
        100,
        100,
        1,
    ]


@pytest.mark.parametrize("by", ["buyer", "clock"])
def test_before_payment_all_are_given_up_together(buyer, goods, by):
    purchase = buy(buyer, goods, total=TOTAL)
    second = purchase.orders[1]
    if by == "buyer":
        services.cancel_order(order_ulid=second.ulid, actor="member:x", reason="by_buyer", now=NOW)
    else:
        assert services.cancel_if_unpaid(order_ulid=second.ulid, now=NOW)
        assert not services.cancel_if_unpaid(order_ulid=purchase.first.ulid, now=NOW)
    assert states() == ["cancelled"] * 3 and set(Sku.objects.values_list("stock", flat=True)) == {100}
    payment, arrived = pay(purchase)  # it came too late: the whole of it goes back, once
    again = services.mark_purchase_paid(purchase=purchase.first.purchase, payment=payment, amount=TOTAL, now=NOW)
    assert not arrived and not again
    back = Refund.objects.get()
    assert (back.kind, back.amount, back.reason) == ("unusable_payment", TOTAL, "paid_after_cancellation")
    assert PaymentRefund.objects.get().amount == TOTAL
    assert [(one.account, one.amount) for one in book.uncleared()] == [("clearing.refund", TOTAL)]


def test_another_amount_pays_none_of_them(buyer, goods):
    purchase = buy(buyer, goods, total=TOTAL)
    _, arrived = pay(purchase, 2_800)  # just the first order's
    assert not arrived and states() == ["pending_payment"] * 3
    assert (Refund.objects.get().reason, Refund.objects.get().amount) == ("wrong_amount", 2_800)
    _, arrived = pay(purchase)
    assert arrived and states() == ["paid"] * 3
    _, arrived = pay(purchase)
    assert not arrived and Refund.objects.filter(reason="paid_twice").count() == 1


def test_refunds_of_each_order_go_to_the_one_payment_and_never_above_it(buyer, goods, drain):
    purchase = buy(buyer, goods, total=TOTAL)
    payment, _ = pay(purchase)
    drain()
    for one in reversed(purchase.orders):
        case = services.request_refund(order_ulid=one.ulid, reason="test", actor=make.CLERK, now=NOW)
        services.approve_refund(refund_ulid=case.ulid, actor=make.CLERK, now=NOW)
    drain()
    rows = list(PaymentRefund.objects.order_by("pk").values_list("amount", "payment__ulid"))
    assert rows == [(10_000, payment), (3_800, payment), (2_800, payment)]
    assert len(set(PaymentRefund.objects.values_list("number", flat=True))) == 3
    paid = Payment.objects.get(ulid=payment)
    assert (paid.document, paid.refunded_amount, paid.amount) == (f"purchase:{purchase.first.purchase}", TOTAL, TOTAL)
    with pytest.raises(RefundAbovePaid):
        start_refund(payment_document=paid.document, refund_ulid=new_ulid(), amount=1, reason="x", now=NOW)
    arrive()
    assert states() == ["refunded"] * 3 and book.uncleared() == []


def test_discounts_reach_settlement_and_come_back_exactly(buyer, goods, drain):
    _own, tea, rice = goods
    discounts = [
        Discount("coupon:tea", "店铺券", Funder.SELLER, 500, keys=(tea.ulid,)),
        Discount("sale:all", "满减", Funder.MALL, 1_450),
    ]
    # Ds 5.00 on the tea, then Dp 14.50 over 20.00, 25.00 and 100.00; nobody reaches free freight any more
    purchase = buy(buyer, goods, total=13_050 + 2_400, discounts=discounts)
    lines = list(OrderLine.objects.order_by("pk"))
    rows = [(one.merchant_discount_amount, one.platform_discount_amount, one.cash_amount) for one in lines]
    assert rows == [(0, 200, 1_800), (500, 250, 2_250), (0, 1_000, 9_000)]
    assert [(one["source"], one["funder"], one["amount"]) for one in lines[1].discounts] == [
        ("coupon:tea", "seller", 500),
        ("sale:all", "mall", 250),
    ]
    pay(purchase, 15_450)
    drain()
    case = services.request_refund(
        order_ulid=purchase.orders[2].ulid,
        reason="test",
        actor=make.CLERK,
        now=NOW,
        wishes=[RefundWish(lines[2].ulid, 1)],
    )
    services.approve_refund(refund_ulid=case.ulid, actor=make.CLERK, now=NOW)
    drain()
    assert PaymentRefund.objects.get().amount == 4_500  # half of what was paid for two sacks
    arrive()
    for one in purchase.orders:
        services.ship_order(order_ulid=one.ulid, carrier="顺丰", number="SF1234567890", actor=make.CLERK, now=NOW)
        services.receive_order(order_ulid=one.ulid, actor=make.CLERK, now=NOW)
        services.complete_order(order_ulid=one.ulid, actor="system", now=NOW + dt.timedelta(days=8))
    drain()
    # C 22.50 + Dp 2.50 less 10 %; one sack of two at its supply price; both with their freight
    assert book.balance(f"seller.payable.{tea.product.seller_ulid}") == 2_250 + 800
    assert book.balance(f"seller.payable.{rice.product.seller_ulid}") == 2_000 + 800
    for one in purchase.orders:
        case = services.request_refund(
            order_ulid=one.ulid, reason="all", actor=make.CLERK, now=NOW, freight_amount=one.freight_amount
        )
        services.approve_refund(refund_ulid=case.ulid, actor=make.CLERK, now=NOW, restock=True)
    drain()
    arrive()
    assert sum(PaymentRefund.objects.values_list("amount", flat=True)) == 15_450
    assert states() == ["refunded"] * 3 and book.uncleared() == []
    assert all(one.refunded_cash_amount == one.cash_amount for one in OrderLine.objects.all())
    posted = {row.family: row.posted for row in book.trial_balance() if row.posted}
    assert posted == {}  # everything is where it was before


def test_sums_that_do_not_hold_cannot_be_committed(buyer, goods):
    purchase = buy(buyer, goods, total=TOTAL)

    def refused(change):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

    one = Order.objects.filter(pk=purchase.orders[1].pk)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    refused(lambda: one.update(purchase_amount=TOTAL - 1))
    refused(lambda: one.update(freight_amount=700, total_amount=3_700))
    refused(lambda: one.update(purchase=new_ulid()))
    with pytest.raises(IntegrityError), transaction.atomic():
        one.update(purchase="", purchase_position=0)
    assert OrderLine.objects.count() == 3
