"""The bus: published in the transaction, delivered once a handler, retried, scheduled, withdrawn."""

import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction

from saas.config import delivery
from saas.config.delivery import run_delivery
from saas.kernel.clock import now
from saas.messaging.bus import services as bus
from saas.messaging.bus.models import OutboxEvent
from saas.tenants.malls.models import Mall

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
    connection.set_schema_to_public()
    with pytest.raises(RuntimeError, match="outside a transaction"):
        bus.publish("test.one", {}, key="k")
    assert not OutboxEvent.objects.exists()


def hand_on(event: bus.Event) -> None:
    seen.append(event)
    with transaction.atomic():
        bus.publish("test.one", {"n": 2}, key=f"after:{event.event_id}")


def hand_on_and_fail(event: bus.Event) -> None:
    hand_on(event)
    raise ValueError("not yet")


def go_round(event: bus.Event) -> None:
    seen.append(event)
    with transaction.atomic():
        bus.publish("test.round", {}, key=f"after:{event.event_id}")


@pytest.fixture
def mall(committed):
    """A mall whose commits are real, so that what is published is hurried along."""
    before = bus.wired()
    seen.clear()
    here = __name__
    names = {"one": "remember", "first": "hand_on", "failing": "hand_on_and_fail", "round": "go_round"}
    bus.wire({f"test.{topic}": [f"{here}.{name}"] for topic, name in names.items()}, delivery.kick)
    connection.set_schema_to_public()
    yield Mall.objects.get(schema_name="t_test_grocery")
    bus.wire(before, delivery.kick)


def of_tests() -> list[tuple[str, bool]]:
    connection.set_schema_to_public()
    rows = OutboxEvent.objects.filter(topic__startswith="test.").order_by("pk")
    return [(row.topic, row.done_at is not None) for row in rows]


def test_what_a_handler_publishes_follows_in_its_task_unless_it_failed(mall):
    first, failing = publish("test.first", mall=mall.ulid), publish("test.failing", mall=mall.ulid)
    delivery.deliver(event_id=first, mall=mall.ulid)
    assert [(event.topic, event.mall) for event in seen] == [("test.first", mall.ulid), ("test.one", mall.ulid)]
    delivery.deliver(event_id=failing, mall=mall.ulid)
    assert [event.topic for event in seen] == ["test.first", "test.one", "test.failing"]
    assert of_tests() == [("test.first", True), ("test.failing", False), ("test.one", True)]


def test_a_task_does_not_follow_for_ever(mall):
    delivery.deliver(event_id=publish("test.round", mall=mall.ulid), mall=mall.ulid)
    assert len(seen) == 1 + 20
    assert of_tests() == [("test.round", True)] * 21 + [("test.round", False)]
