"""A case is asked for, decided and paid; never more than was paid; an open case holds completion."""

import datetime as dt

import pytest

from saas.kernel import clock
from saas.kernel.errors import InvalidInput, NotFound
from saas.kernel.states import IllegalTransition
from saas.messaging.bus.models import OutboxEvent
from tenant_apps.catalog.models import Sku
from tenant_apps.orders import selectors, services
from tenant_apps.orders.models import Order, OrderLine, Refund, RefundPart
from tenant_apps.orders.rules import OrderState, RefundState, RefundWish
from tests.factories import catalog, people
from tests.factories import orders as make

NOW = clock.now()


@pytest.fixture
def buyer(grocery):
    return people.make_member(name="买家")


@pytest.fixture
def sku(grocery):
    return catalog.single(price=1000, supply=400, stock=10)


def _ask(order, *wishes, **more):
    more = {"reason": "坏果", "actor": "member:x", "now": NOW, **more}
    return services.request_refund(order_ulid=order.ulid, wishes=list(wishes) or None, **more)


def _approve(refund, **more):
    return services.approve_refund(refund_ulid=refund.ulid, actor=make.CLERK, now=NOW, **more)


def _line(order):
    return OrderLine.objects.get(order=order)


def test_whole_order_before_shipping_returns_goods_freight_and_stock(buyer, sku):
    order = make.paid(buyer, (sku, 3), now=NOW)
    refund = _approve(_ask(order))
    assert (refund.amount, refund.freight_amount) == (3800, 800)
    assert Sku.objects.get(pk=sku.pk).stock == 10
    facts = selectors.returned_sale(refund.ulid)
    assert (facts.amount, facts.parts[0].qty, facts.parts[0].cash_amount, facts.parts[0].cost_amount) == (
        3800,
        3,
        3000,
        1200,
    )
    assert OutboxEvent.objects.filter(topic="order.refund_approved", key=refund.ulid).exists()
    services.mark_refunded(refund_ulid=refund.ulid, now=NOW)
    services.mark_refunded(refund_ulid=refund.ulid, now=NOW)
    order.refresh_from_db()
    assert (order.state, order.refunded_amount, order.refunded_freight_amount) == (OrderState.REFUNDED, 3800, 800)
    assert OutboxEvent.objects.get(topic="order.refunded").payload["closed"] is True


def test_one_piece_after_shipping_keeps_freight_and_stock(buyer, sku):
    order = make.shipped(buyer, (sku, 3), now=NOW)
    refund = _approve(_ask(order, RefundWish(_line(order).ulid, 1)))
    assert (refund.amount, refund.freight_amount) == (1000, 0)
    line = _line(order)
    assert (line.refunded_qty, line.refunded_cash_amount, line.restocked_qty) == (1, 1000, 0)
    assert Sku.objects.get(pk=sku.pk).stock == 7
    services.mark_refunded(refund_ulid=refund.ulid, now=NOW)
    order.refresh_from_db()
    assert (order.state, order.refunded_amount) == (OrderState.SHIPPED, 1000)


def test_returned_goods_go_into_stock_when_staff_say_so(buyer, sku):
    order = make.received(buyer, (sku, 3), now=NOW)
    refund = _approve(_ask(order, RefundWish(_line(order).ulid, 2)), restock=True)
    assert Sku.objects.get(pk=sku.pk).stock == 9
    assert RefundPart.objects.get(refund=refund).restocked_cost_amount == 800


def test_amount_only_refund_keeps_the_pieces(buyer, sku):
    order = make.shipped(buyer, (sku, 3), now=NOW)
    refund = _approve(_ask(order, RefundWish(_line(order).ulid, 0, 500), freight_amount=200))
    assert (refund.amount, refund.freight_amount) == (700, 200)
    assert _line(order).refunded_qty == 0
    rest = _approve(_ask(order))
    assert (rest.amount, _line(order).refunded_value_amount) == (2500, 3000)


@pytest.mark.parametrize(
    ("qty", "value", "freight"),
    [(4, None, 0), (-1, None, 0), (1, 3001, 0), (0, 0, 0), (1, -5, 0), (1, None, 801), (1, None, -1)],
)
def test_refuses_a_refund_above_what_was_paid(buyer, sku, qty, value, freight):
    order = make.paid(buyer, (sku, 3))
    with pytest.raises(services.RefundAbovePaid):
        _ask(order, RefundWish(_line(order).ulid, qty, value), freight_amount=freight)
    assert not Refund.objects.exists() and _line(order).refunded_value_amount == 0
    assert Order.objects.get(pk=order.pk).refunded_amount == 0


def test_open_and_paid_cases_together_never_exceed_the_line(buyer, sku):
    order = make.paid(buyer, (sku, 3))
    ulid = _line(order).ulid
    first = _ask(order, RefundWish(ulid, 2))
    with pytest.raises(services.RefundAbovePaid):
        _ask(order, RefundWish(ulid, 2))
    _approve(first)
    with pytest.raises(services.RefundAbovePaid):
        _ask(order, RefundWish(ulid, 2))
    second = _approve(_ask(order))
    assert second.amount == 1000 + 800
    with pytest.raises(services.NothingToRefund):
        _ask(order)
    assert Order.objects.get(pk=order.pk).refunded_amount == 3800


def test_refuses_deciding_twice(buyer, sku):
    order = make.paid(buyer, (sku, 1))
    refund = _approve(_ask(order))
    for decide in (_approve, lambda case: services.refuse_refund(refund_ulid=case.ulid, actor="u", note="n", now=NOW)):
        with pytest.raises(IllegalTransition):
            decide(refund)
    assert Order.objects.get(pk=order.pk).refunded_amount == order.total_amount
    assert Sku.objects.get(pk=sku.pk).stock == 10


def test_refused_case_changes_nothing_and_says_why(buyer, sku):
    order = make.paid(buyer, (sku, 1))
    refund = _ask(order)
    with pytest.raises(InvalidInput):
        services.refuse_refund(refund_ulid=refund.ulid, actor=make.CLERK, note=" ", now=NOW)
    services.refuse_refund(refund_ulid=refund.ulid, actor=make.CLERK, note="已过鲜期", now=NOW)
    assert Refund.objects.get().state == RefundState.REFUSED
    assert Order.objects.get(pk=order.pk).refunded_amount == 0
    assert selectors.history(order.ulid).last().reason == "已过鲜期"


def test_nothing_to_refund_before_payment(buyer, sku):
    order = make.placed(buyer, (sku, 1))
    with pytest.raises(services.NothingToRefund):
        _ask(order)


def test_open_case_stops_shipping_and_completion_until_it_closes(buyer, sku):
    order = make.paid(buyer, (sku, 2))
    refund = _ask(order, RefundWish(_line(order).ulid, 1))
    with pytest.raises(services.RefundOpen):
        services.ship_order(order_ulid=order.ulid, carrier="顺丰", number="SF123456", actor=make.CLERK, now=NOW)
    services.withdraw_refund(refund_ulid=refund.ulid, member=buyer, now=NOW)
    services.ship_order(order_ulid=order.ulid, carrier="顺丰", number="SF123456", actor=make.CLERK, now=NOW)
    services.receive_order(order_ulid=order.ulid, actor="member:x", now=NOW)
    case = _ask(order, RefundWish(_line(order).ulid, 1))
    later = NOW + dt.timedelta(days=8)
    with pytest.raises(services.RefundOpen):
        services.complete_order(order_ulid=order.ulid, actor="system", now=later)
    assert services.complete_if_due(order_ulid=order.ulid, now=later) is False
    services.approve_refund(refund_ulid=case.ulid, actor=make.CLERK, now=later)
    assert services.complete_if_due(order_ulid=order.ulid, now=later) is False
    services.mark_refunded(refund_ulid=case.ulid, now=later)
    again = OutboxEvent.objects.get(topic="order.complete_due", key=f"{order.ulid}:{case.ulid}")
    assert again.available_at == later
    assert services.complete_if_due(order_ulid=order.ulid, now=later) is True


def test_shopper_is_too_late_after_completion_but_staff_may_refund(buyer, sku):
    order = make.completed(buyer, (sku, 2), now=NOW)
    with pytest.raises(services.AftersalesClosed):
        _ask(order, member=buyer)
    refund = _approve(_ask(order))
    assert refund.amount == 2000
    services.mark_refunded(refund_ulid=refund.ulid, now=NOW)
    assert Order.objects.get(pk=order.pk).state == OrderState.REFUNDED


def test_a_stranger_can_neither_ask_nor_withdraw(buyer, sku):
    order = make.paid(buyer, (sku, 1))
    stranger = people.make_member()
    with pytest.raises(NotFound):
        _ask(order, member=stranger)
    refund = _ask(order, member=buyer)
    with pytest.raises(NotFound):
        services.withdraw_refund(refund_ulid=refund.ulid, member=stranger, now=NOW)
    assert Refund.objects.get().state == RefundState.REQUESTED
