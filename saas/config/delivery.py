"""How committed events come to their handlers: hurried along, followed, and swept up when they were left behind."""

import logging
import threading
import time

from celery import shared_task
from django.conf import settings
from django.db import connection, transaction
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from saas.config import lane
from saas.kernel.clock import real_now as now
from saas.messaging.bus import services as bus
from saas.messaging.bus.tasks import PublicTask

if settings.ROLE == "cell":  # control knows no mall registry
    from saas.tenants.malls import selectors as malls
    from saas.tenants.malls.activation import in_mall
    from saas.tenants.malls.rules import Capability, may

logger = logging.getLogger(__name__)


_FOLLOWED, _FOLLOWED_SECONDS = 20, 2.0  # of one task: so many further events, begun within that time
_under_way = threading.local()  # `.mall`, `.events`: what the deliveries of this thread's task have published there


def kick(event_id: str, mall: str) -> None:
    """Hurry one committed event along; without Redis the sweeper finds it later.

    What a handler publishes in its own mall follows in the handler's own piece of work. Of the rest a cell's goes to its
    deliverers; control has few, and they are tasks.
    """
    events: list[str] | None = getattr(_under_way, "events", None)
    if events is not None and mall == _under_way.mall:
        events.append(event_id)
    elif settings.ROLE == "cell":
        try:
            lane.push(event_id, mall)
        except (RedisError, OSError):
            logger.warning("Redis unreachable; event %s waits for the sweeper", event_id)
    else:
        _send(event_id, mall, fact=False)


def _send(event_id: str, mall: str, *, fact: bool) -> None:
    try:
        kwargs = {"event_id": event_id, "mall": mall, "fact": fact}
        deliver.apply_async(kwargs=kwargs, retry=False, argsrepr="", kwargsrepr=event_id)  # type: ignore[call-arg]
    except (OperationalError, OSError):
        logger.warning("broker unreachable; event %s waits for the sweeper", event_id)


@shared_task(base=PublicTask, name="saas.config.delivery.deliver", ignore_result=True)
def deliver(*, event_id: str, mall: str, fact: bool = False, **_: object) -> None:
    """Deliver an event, and those that follow from it, in a worker: facts, schedules, and what was left behind."""
    _deliver_on(event_id, mall, fact)


def deliver_on(*, event_id: str, mall: str) -> None:
    """As the task, in this thread: afterwards the connection looks at the trap."""
    connection.set_schema_to_public()  # type: ignore[attr-defined]
    try:
        _deliver_on(event_id, mall, False)
    finally:
        connection.set_trap()  # type: ignore[attr-defined]


def _deliver_on(event_id: str, mall: str, fact: bool) -> None:
    """Run an event's handlers, inside its mall if it has one and this is a cell; then those of what they published.

    Each event is delivered by itself, as if it had come alone: a process that dies leaves the rest to the sweeper.
    """
    events: list[str] = []
    begun, followed = time.monotonic(), 0
    _under_way.mall, _under_way.events = mall, events
    try:
        run_delivery(event_id=event_id, mall=mall, fact=fact)
        while events and followed < _FOLLOWED and time.monotonic() - begun < _FOLLOWED_SECONDS:
            followed += 1
            run_delivery(event_id=events.pop(0), mall=mall, fact=False)
    finally:
        _under_way.events = None
        for left in events:
            kick(left, mall)


def run_delivery(*, event_id: str, mall: str, fact: bool) -> bool:
    """Deliver one event in this process; whether every handler is done."""
    step = bus.deliver_fact if fact else bus.deliver
    if not mall or fact or settings.ROLE != "cell":
        return step(event_id, now=now())
    active = malls.mall_for_work(mall)
    if not may(active.state, Capability.JOBS):
        return False
    with in_mall(active):
        return step(event_id, now=now())


@shared_task(base=PublicTask, name="saas.config.delivery.sweep", ignore_result=True)
def sweep(**_: object) -> None:
    """Every two seconds: send what is due and has not been delivered (schedules, lost messages, retries)."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(7350001)")
        if not cursor.fetchone()[0]:
            return
        due = bus.due_events(now=now())
    for event_id, mall, fact in due:
        _send(event_id, mall, fact=fact)
