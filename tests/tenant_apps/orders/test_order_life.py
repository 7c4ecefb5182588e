"""From payment to completion: every step once, in order, on record; money that bought nothing goes back whole."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from saas.kernel import clock
from saas.kernel.errors import InvalidInput, NotFound
from saas.kernel.states import IllegalTransition
from saas.ledger import selectors as book
from saas.messaging.bus.models import OutboxEvent
from tenant_apps.catalog import selectors as catalog_selectors
from tenant_apps.catalog.models import Sku
from tenant_apps.orders import handlers, selectors, services
from tenant_apps.orders.models import Order, Refund
from tenant_apps.orders.rules import OrderState, RefundKind
from tenant_apps.payments.models import PaymentRefund
from tests.factories import catalog, people
from tests.factories import orders as make

NOW = clock.now()


@pytest.fixture
def buyer(grocery):
    return people.make_member(name="买家")


@pytest.fixture
def sku(grocery):
    return catalog.single(price=3000, stock=10)


def _sent_back():
    """What is on its way back through the channel: amount, payment, reason."""
    return list(PaymentRefund.objects.order_by("pk").values_list("amount", "payment__ulid", "reason"))


def _event(topic):
    return OutboxEvent.objects.filter(topic=topic)


def test_payment_fills_the_escrow_freight_included(buyer, sku):
    order = make.paid(buyer, (sku, 2))
    assert (order.state, order.total_amount) == (OrderState.PAID, 6800)
    assert book.balance(f"order.escrow.{order.ulid}") == 6800
    assert book.uncleared() == []
    assert [event.key for event in _event("order.paid")] == [order.ulid]


def test_mark_paid_takes_at_most_eight_statements(buyer, sku):
    make.paid(buyer, (sku, 1))
    order = make.placed(buyer, (sku, 1))
    payment = make.fund(order)
    with CaptureQueriesContext(connection) as statements:
        services.mark_paid(order_ulid=order.ulid, payment=payment, amount=order.total_amount, now=NOW)
    counted = [str(row["sql"]) for row in statements if "SAVEPOINT" not in str(row["sql"])]
    assert len(counted) <= 8, "\n".join(counted)


def test_same_payment_again_changes_nothing(buyer, sku):
    order = make.paid(buyer, (sku, 1))
    assert services.mark_paid(order_ulid=order.ulid, payment=order.payment, amount=order.total_amount, now=NOW)
    assert _sent_back() == [] and _event("order.paid").count() == 1
    assert book.balance(f"order.escrow.{order.ulid}") == order.total_amount


def test_payment_of_a_cancelled_order_goes_back_whole(buyer, sku):
    order = make.placed(buyer, (sku, 1))
    services.cancel_order(order_ulid=order.ulid, actor=f"member:{buyer.ulid}", reason="不想要了", now=NOW)
    assert Sku.objects.get(pk=sku.pk).stock == 10
    payment = make.fund(order)
    assert services.mark_paid(order_ulid=order.ulid, payment=payment, amount=3800, now=NOW) is False
    assert services.mark_paid(order_ulid=order.ulid, payment=payment, amount=3800, now=NOW) is False
    assert _sent_back() == [(3800, payment, "paid_after_cancellation")]
    assert Order.objects.get(pk=order.pk).state == OrderState.CANCELLED
    assert book.balance("clearing.payment") == 0 and book.balance("clearing.refund") == 3800
    assert Sku.objects.get(pk=sku.pk).stock == 10


def test_second_payment_goes_back_whole(buyer, sku):
    order = make.paid(buyer, (sku, 1))
    payment = make.fund(order)
    assert services.mark_paid(order_ulid=order.ulid, payment=payment, amount=3800, now=NOW) is False
    assert _sent_back() == [(3800, payment, "paid_twice")]
    assert Order.objects.get(pk=order.pk).payment == order.payment
    refund = Refund.objects.get()
    assert refund.kind == RefundKind.UNUSABLE_PAYMENT
    services.mark_refunded(refund_ulid=refund.ulid, now=NOW)
    assert Order.objects.get(pk=order.pk).state == OrderState.PAID


@pytest.mark.parametrize("amount", [3799, 3801])
def test_wrong_amount_never_marks_paid(buyer, sku, amount):
    order = make.placed(buyer, (sku, 1))
    payment = make.fund(order, amount=amount)
    assert services.mark_paid(order_ulid=order.ulid, payment=payment, amount=amount, now=NOW) is False
    order.refresh_from_db()
    assert (order.state, order.payment) == (OrderState.PENDING_PAYMENT, "")
    assert _sent_back() == [(amount, payment, "wrong_amount")] and not _event("order.paid").exists()
    assert book.balance(f"order.escrow.{order.ulid}") == 0


def test_unpaid_order_is_cancelled_when_its_time_is_over(buyer, sku, drain):
    order = make.placed(buyer, (sku, 4))
    drain(until=order.payment_due_at - dt.timedelta(minutes=1))
    assert Order.objects.get(pk=order.pk).state == OrderState.PENDING_PAYMENT
    drain(until=order.payment_due_at + dt.timedelta(seconds=1))
    order.refresh_from_db()
    assert order.state == OrderState.CANCELLED
    assert Sku.objects.get(pk=sku.pk).stock == 10
    last = selectors.history(order.ulid).last()
    assert (last.actor, last.reason) == ("system", "payment_timeout")


def test_paid_order_is_not_cancelled_by_its_schedule(buyer, sku):
    order = make.paid(buyer, (sku, 1))
    assert services.cancel_if_unpaid(order_ulid=order.ulid, now=order.payment_due_at) is False
    with pytest.raises(IllegalTransition):
        services.cancel_order(order_ulid=order.ulid, actor="user:x", reason="", now=NOW)
    assert Order.objects.get(pk=order.pk).state == OrderState.PAID


def test_sales_are_counted_on_the_card(buyer, sku, drain):
    make.paid(buyer, (sku, 3))
    for event in _event("order.paid"):
        handlers.on_paid(event)
    assert catalog_selectors.list_cards().cards[0].sold == 3


def test_ships_receives_and_completes_with_history(buyer, sku):
    order = make.completed(buyer, (sku, 1), now=NOW)
    assert order.state == OrderState.COMPLETED
    assert [row.action for row in selectors.history(order.ulid)] == [
        "placed",
        "paid",
        "shipped",
        "received",
        "completed",
    ]
    fact = _event("sale.completed").get()
    assert (fact.destination, fact.payload["amount"], fact.payload["order"]) == ("control", 3800, order.ulid)
    assert _event("order.completed").count() == 1


def test_what_a_rehearsal_sells_is_no_turnover_of_the_vendor(rehearsing):
    sold, buyer = catalog.single(), people.make_member(name="Test person")
    rehearsed = make.completed(buyer, (sold, 1), now=NOW)
    assert rehearsed.state == OrderState.COMPLETED and _event("order.completed").count() == 1
    assert _event("sale.completed").count() == 0  # neither MallDay nor the service fee hears of it
    waiting = make.received(buyer, (sold, 1), now=NOW)
    rehearsing.state = "suspended"
    services.complete_order(order_ulid=waiting.ulid, actor="system", now=NOW + dt.timedelta(days=30))
    assert _event("sale.completed").count() == 0
    rehearsing.state, rehearsing.live_at = "active", NOW
    real = make.completed(buyer, (sold, 2), now=NOW)
    assert _event("sale.completed").get().payload["order"] == real.ulid


def test_refuses_completion_inside_the_window(buyer, sku):
    order = make.received(buyer, (sku, 1), now=NOW)
    with pytest.raises(services.AftersalesOpen):
        services.complete_order(order_ulid=order.ulid, actor="user:x", now=NOW + dt.timedelta(days=6, hours=23))
    assert Order.objects.get(pk=order.pk).state == OrderState.RECEIVED
    services.complete_order(order_ulid=order.ulid, actor="system", now=NOW + dt.timedelta(days=7))


def test_steps_by_the_clock_when_nobody_acts(buyer, sku, monkeypatch):
    order = make.shipped(buyer, (sku, 1), now=NOW)
    due = _event("order.receive_due").get()
    assert due.available_at == NOW + dt.timedelta(days=10)
    monkeypatch.setattr(handlers, "now", lambda: NOW + dt.timedelta(days=10))
    handlers.on_receive_due(due)
    complete = _event("order.complete_due").get()
    assert complete.available_at == NOW + dt.timedelta(days=17)
    monkeypatch.setattr(handlers, "now", lambda: NOW + dt.timedelta(days=17))
    handlers.on_complete_due(complete)
    order.refresh_from_db()
    assert (order.state, order.completed_at) == (OrderState.COMPLETED, NOW + dt.timedelta(days=17))
    handlers.on_receive_due(due)
    handlers.on_complete_due(complete)
    assert _event("order.completed").count() == 1


@pytest.mark.parametrize(
    ("carrier", "number"), [("", "SF123456"), ("顺丰", "x"), ("顺丰", "中文单号啊"), ("顺丰", "a b c d")]
)
def test_refuses_shipping_without_a_real_number(buyer, sku, carrier, number):
    order = make.paid(buyer, (sku, 1))
    with pytest.raises(InvalidInput):
        services.ship_order(order_ulid=order.ulid, carrier=carrier, number=number, actor=make.CLERK, now=NOW)
    assert Order.objects.get(pk=order.pk).state == OrderState.PAID


def test_refuses_shipping_twice_and_before_payment(buyer, sku):
    ship = {"carrier": "顺丰", "number": "SF123456", "actor": make.CLERK, "now": NOW}
    with pytest.raises(IllegalTransition):
        services.ship_order(order_ulid=make.placed(buyer, (sku, 1)).ulid, **ship)
    order = make.shipped(buyer, (sku, 1))
    with pytest.raises(IllegalTransition):
        services.ship_order(order_ulid=order.ulid, **ship)


def test_a_stranger_neither_sees_nor_receives_an_order(buyer, sku):
    order = make.shipped(buyer, (sku, 1))
    stranger = people.make_member()
    with pytest.raises(NotFound):
        selectors.order_of_member(stranger, order.ulid)
    with pytest.raises(NotFound):
        services.receive_order(order_ulid=order.ulid, actor="member:x", member=stranger, now=NOW)
    assert selectors.order_of_member(buyer, order.ulid).state == OrderState.SHIPPED


def test_order_list_is_two_statements(buyer, sku):
    for _ in range(3):
        make.placed(buyer, (sku, 1))
    with CaptureQueriesContext(connection) as statements:
        page = selectors.orders_of_member(buyer, page_size=2)
        titles = [line.title for order in page.orders for line in order.lines.all()]
    assert len(statements) == 2
    assert (len(page.orders), page.has_next, titles) == (2, True, ["赣南脐橙"] * 2)
    assert selectors.state_counts(buyer)["pending_payment"] == 3
