"""The bus: published in the transaction, delivered once a handler, retried, scheduled, withdrawn."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from saas.config.delivery import run_delivery
from saas.kernel.clock import now
from saas.messaging.bus import services as bus
from saas.messaging.bus.models import OutboxEvent

seen: list[bus.Event] = []


def remember(event: bus.Event) -> None:
    seen.append(event)


def fail_once(event: bus.Event) -> None:
    seen.append(event)
    if len(seen) == 2:
        raise ValueError("not yet")


@pytest.fixture
def wires(grocery):
    before = bus.wired()
    seen.clear()
    here = __name__
    bus.wire({"test.one": [f"{here}.remember"], "test.two": [f"{here}.remember", f"{here}.fail_once"]})
    yield
    bus.wire(before)


def publish(topic: str, key: str = "k1", **more) -> str:
    with transaction.atomic():
        return bus.publish(topic, {"n": 1}, key=key, **more)


def test_an_event_reaches_its_handler_once_with_its_mall(wires, grocery, drain):
    event_id = publish("test.one")
    assert drain() == 1
    assert run_delivery(event_id=event_id, mall=grocery.ulid, fact=False)
    assert [(event.topic, event.mall, event.payload) for event in seen] == [("test.one", grocery.ulid, {"n": 1})]


def test_a_failing_handler_is_retried_without_repeating_the_one_that_succeeded(wires, grocery):
    event_id = publish("test.two")
    assert not run_delivery(event_id=event_id, mall=grocery.ulid, fact=False)
    row = OutboxEvent.objects.get(event_id=event_id)
    assert (row.attempts, row.done_at, row.last_error) == (1, None, "ValueError: not yet")
    assert row.available_at > now()
    assert run_delivery(event_id=event_id, mall=grocery.ulid, fact=False)
    assert bus.consumed(event_id) == [f"{__name__}.remember", f"{__name__}.fail_once"]
    assert len(seen) == 3
    assert OutboxEvent.objects.get(event_id=event_id).done_at is not None


def test_a_rolled_back_transaction_publishes_nothing(wires, drain):
    with pytest.raises(RuntimeError), transaction.atomic():
        bus.publish("test.one", {}, key="k")
        raise RuntimeError
    assert drain() == 0
    assert seen == []


def test_the_same_key_twice_is_refused_by_the_database(wires):
    publish("test.one")
    with pytest.raises(IntegrityError):
        publish("test.one")


def test_a_schedule_waits_for_its_time_and_can_be_withdrawn(wires, drain):
    later = now() + dt.timedelta(hours=2)
    publish("test.one", "a", available_at=later)
    publish("test.one", "b", available_at=later)
    assert drain() == 0
    with transaction.atomic():
        assert bus.cancel("test.one", key="b")
        assert not bus.cancel("test.one", key="b")
    assert drain(until=later + dt.timedelta(seconds=1)) == 1


def test_publishing_outside_a_transaction_is_refused(committed):
    with pytest.raises(RuntimeError, match="outside a transaction"):
        bus.publish("test.one", {}, key="k")
    assert not OutboxEvent.objects.exists()
