"""Several parcels an order: per line and quantity, shipped when all is; refunds of what never left; tracking by hand."""

import pytest
from django.utils import translation

from saas.kernel import clock
from saas.kernel.errors import InvalidInput
from saas.kernel.states import IllegalTransition
from saas.messaging.bus.models import OutboxEvent
from tenant_apps.catalog.models import Sku
from tenant_apps.orders import parcels, selectors, services
from tenant_apps.orders.models import OrderLine, Parcel
from tenant_apps.orders.parcels import Sendable
from tenant_apps.orders.rules import RefundWish
from tests.factories import catalog
from tests.factories import orders as make
from tests.factories.people import make_member

NOW = clock.now()


@pytest.fixture
def order(grocery):
    """Three of one and two of another, paid."""
    with translation.override("en"):
        yield make.paid(make_member(), (catalog.single("橙"), 3), (catalog.single("茶"), 2), now=NOW)


def send(order, number, pieces=None):
    return services.send_parcel(
        order_ulid=order.ulid, carrier="顺丰速运", number=number, actor=make.CLERK, now=NOW, pieces=pieces
    )


def lines(order):
    return [line.ulid for line in OrderLine.objects.filter(order=order).order_by("position")]


def shipped_events():
    return OutboxEvent.objects.filter(topic="order.shipped").count()


def test_an_order_is_shipped_when_its_last_piece_is(order):
    first, second = lines(order)
    send(order, "SF0000000001", {first: 2})
    order.refresh_from_db()
    assert (order.state, order.tracking_number, shipped_events()) == ("paid", "SF0000000001", 0)
    for pieces, left in (({first: 2}, 1), ({second: 3}, 2), ({}, 1), ({"nothing": 1}, 0)):
        with pytest.raises(services.NotToSend) as refused:
            send(order, "SF0000000002", pieces)
        assert refused.value.data["left"] == left
    with pytest.raises(InvalidInput, match="already"):
        send(order, "SF0000000001", {first: 1})
    assert Parcel.objects.count() == 1
    send(order, "SF0000000002")  # all that is left
    order.refresh_from_db()
    assert (order.state, order.shipped_at, shipped_events()) == ("shipped", NOW, 1)
    shown = selectors.parcels_of(selectors.order(order.ulid))
    assert [[(line.title, qty) for line, qty in one.content] for one in shown] == [[("橙", 2)], [("橙", 1), ("茶", 2)]]
    with pytest.raises(IllegalTransition):
        send(order, "SF0000000003")
    assert [one.action for one in selectors.history(order.ulid)][-2:] == ["parcel_sent", "shipped"]


def test_what_never_left_is_refunded_and_the_rest_counts_as_shipped(order):
    first, second = lines(order)
    stock = Sku.objects.get(ulid=OrderLine.objects.get(ulid=second).sku_ulid).stock
    send(order, "SF0000000001", {first: 3, second: 1})
    case = services.request_refund(
        order_ulid=order.ulid, reason="sold out", actor=make.CLERK, now=NOW, wishes=[RefundWish(second, 1)]
    )
    services.approve_refund(refund_ulid=case.ulid, actor=make.CLERK, now=NOW)
    order.refresh_from_db()
    assert (order.state, shipped_events()) == ("shipped", 1)
    assert Sku.objects.get(ulid=OrderLine.objects.get(ulid=second).sku_ulid).stock == stock + 1


def test_only_what_is_in_no_parcel_goes_back_into_stock_by_itself(order):
    first, _second = lines(order)
    stock = Sku.objects.get(ulid=OrderLine.objects.get(ulid=first).sku_ulid).stock
    send(order, "SF0000000001", {first: 2})
    case = services.request_refund(
        order_ulid=order.ulid, reason="all of it", actor=make.CLERK, now=NOW, wishes=[RefundWish(first, 3)]
    )
    services.approve_refund(refund_ulid=case.ulid, actor=make.CLERK, now=NOW)
    line = OrderLine.objects.get(ulid=first)
    assert (line.restocked_qty, line.refunded_qty, line.restocked_cost_amount) == (1, 3, 400)
    assert Sku.objects.get(ulid=line.sku_ulid).stock == stock + 1


def test_staff_say_where_a_parcel_is(order):
    parcel = send(order, "SF0000000001")
    for state, text, field in (("lost", "x", "state"), ("moving", " ", "text")):
        with pytest.raises(InvalidInput) as refused:
            services.record_tracking(parcel_ulid=parcel.ulid, state=state, text=text, actor=make.CLERK, now=NOW)
        assert refused.value.field == field
    for state, text in (("collected", "已揽收"), ("delivered", "已签收")):
        services.record_tracking(parcel_ulid=parcel.ulid, state=state, text=text, actor=make.CLERK, now=NOW)
    shown = selectors.parcels_of(selectors.order(order.ulid))[0]
    assert (shown.state, [one["text"] for one in shown.events]) == ("delivered", ["已签收", "已揽收"])


def test_rules():
    rows = [Sendable("a", 3, 1, 1), Sendable("b", 2, 2, 0), Sendable("c", 1, 0, 1)]
    assert parcels.left(rows) == {"a": 1}
    assert [parcels.fault(one, rows) for one in ({"a": 1}, {"a": 2}, {"b": 1}, {}, {"a": 0})] == [
        None,
        "a",
        "b",
        "a",
        "a",
    ]
    assert [parcels.number_fault(one) for one in ("SF-12", "SF1", "顺丰1234", "1" * 41)] == [False, True, True, True]
