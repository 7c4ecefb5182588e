"""What an order of ten awards costs the database, from its event to its frozen awards, and at completion."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from saas.kernel import clock
from saas.messaging.bus import services as bus
from saas.messaging.bus.models import OutboxEvent
from tenant_apps.modes.contract import PayeeKind
from tenant_apps.orders import services as orders
from tenant_apps.settlement.models import Award
from tests.factories import catalog
from tests.factories import orders as make
from tests.factories.people import make_member
from tests.statements import counted
from tests.tenant_apps.settlement.listed_mode import pinned

MOST = 12
TEN = [(f"kind{number}", PayeeKind.STORE if number % 2 else PayeeKind.MEMBER, f"P{number}", 10) for number in range(10)]


def delivered(topic: str, handler: str, capture: bool = True) -> list[str]:
    """The statements of one event's delivery to settlement; other packages' handlers have had it before."""
    event = OutboxEvent.objects.filter(topic=topic, done_at=None).latest("pk")
    kept = bus.wired()
    try:
        bus.wire({**kept, topic: (handler,)})
        with CaptureQueriesContext(connection) as seen:
            assert bus.deliver(event.event_id, now=clock.now())
    finally:
        bus.wire(kept)
    return counted(seen)


@pytest.fixture
def order_of_ten(grocery, monkeypatch):
    """Orders of one line with ten awards to ten payees."""
    pins = pinned(monkeypatch, *TEN)
    buyer = make_member()
    sku = catalog.single(price=10_000, supply=4_000, stock=99)

    def place():
        order = make.placed(buyer, (sku, 1))
        type(order).objects.filter(pk=order.pk).update(settings_versions=pins)
        payment = make.fund(order)
        assert orders.mark_paid(order_ulid=order.ulid, payment=payment, amount=order.total_amount, now=clock.now())
        return order

    return place


def complete(order):
    now = clock.now()
    orders.ship_order(order_ulid=order.ulid, carrier="顺丰", number="SF1234567890", actor=make.CLERK, now=now)
    orders.receive_order(order_ulid=order.ulid, actor=make.CLERK, now=now)
    orders.complete_order(order_ulid=order.ulid, actor="system", now=now + dt.timedelta(days=8))


def test_from_paid_to_ten_frozen_awards_in_at_most_twelve_statements(order_of_ten):
    handler = "tenant_apps.settlement.handlers.on_order_paid"
    order_of_ten()
    first = delivered("order.paid", handler)  # opens ten wallets
    order_of_ten()
    again = delivered("order.paid", handler)
    print(len(first), len(again), *[sql[:150] for sql in again], sep="\n")
    assert Award.objects.filter(state="frozen").count() == 20
    assert len(first) <= MOST and len(again) <= 8


def test_their_release_takes_no_more(order_of_ten):
    handler = "tenant_apps.settlement.handlers.on_order_completed"
    for _ in range(2):
        order = order_of_ten()
        delivered("order.paid", "tenant_apps.settlement.handlers.on_order_paid")
        complete(order)
        statements = delivered("order.completed", handler)
    print(len(statements), *[sql[:150] for sql in statements], sep="\n")
    assert Award.objects.filter(state="released").count() == 20
    assert len(statements) <= MOST
