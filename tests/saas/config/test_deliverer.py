"""The deliverer of a cell: takes what was committed, loses nothing when it is killed, finishes when it is asked to stop."""

import os
import signal
import subprocess
import sys
import time

import pytest
from django.core.cache import caches
from django.db import connection, transaction

from saas.config import lane
from saas.kernel.clock import now
from saas.messaging.bus import services as bus
from saas.messaging.bus.models import Consumption, OutboxEvent
from saas.runtime.paths import PROJECT
from saas.tenants.malls.models import Mall


@pytest.fixture
def deliverer(committed):
    started = []

    def start() -> subprocess.Popen:
        made = subprocess.Popen([sys.executable, "-m", "saas.config.deliverer"], env={**os.environ}, cwd=PROJECT)
        started.append(made)
        return made

    connection.set_schema_to_public()
    caches["public"].clear()
    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
            process.wait()


def publish(number: int, *, hurried: bool = True) -> tuple[str, str]:
    """An event of a payment that does not exist, so that its handler has nothing to do; its id and its mall."""
    mall = Mall.objects.get(schema_name="t_test_grocery").ulid
    with transaction.atomic():
        payload, at = {"payment": "none", "attempt": 1}, None if hurried else now()
        return bus.publish("payment.query_due", payload, key=f"{number}", mall=mall, available_at=at), mall


def wait_for(condition) -> None:
    end = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def somebody_waits() -> bool:
    """Whether a backend waits for a row that we hold."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
            " AND datname = current_database() AND query LIKE '%bus_outboxevent%')"
        )
        return bool(cursor.fetchone()[0])


def is_done(event: str) -> bool:
    return OutboxEvent.objects.get(event_id=event).done_at is not None


def interrupt(process: subprocess.Popen, event: str, mall: str, number: int) -> None:
    """Send a signal to a deliverer in the midst of a delivery."""
    with transaction.atomic():
        OutboxEvent.objects.select_for_update().get(event_id=event)
        lane.push(event, mall)
        wait_for(somebody_waits)
        process.send_signal(number)
        if number == signal.SIGKILL:
            process.wait()
        else:
            time.sleep(0.2)
            assert process.poll() is None


def test_events_are_delivered_as_they_are_committed_and_none_is_lost_by_a_kill(deliverer):
    process = deliverer()
    events = [publish(number)[0] for number in range(20)]
    wait_for(lambda: all(is_done(event) for event in events))
    assert Consumption.objects.filter(event_id__in=events).count() == len(events)

    event, mall = publish(20, hurried=False)
    interrupt(process, event, mall, signal.SIGKILL)
    assert not is_done(event)
    assert not Consumption.objects.filter(event_id=event).exists()
    assert (event, mall, False) in bus.due_events(now=now())

    interrupt(following := deliverer(), event, mall, signal.SIGTERM)
    assert following.wait(timeout=20) == 0
    assert is_done(event)
    assert Consumption.objects.filter(event_id=event).count() == 1
