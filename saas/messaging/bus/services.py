"""Publishing and consuming events. Publishing is an insert in the caller's transaction; consuming is once per handler."""

import datetime as dt
import json
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, models, transaction
from django.utils.module_loading import import_string

from saas.kernel import clock
from saas.kernel.ids import new_ulid
from saas.kernel.prepared import prepared_cursor
from saas.kernel.rows import insert_part
from saas.messaging.bus.models import Consumption, InboxEvent, OutboxEvent

logger = logging.getLogger(__name__)

LOCAL = "local"
CONTROL = "control"
PARKED = "moving"  # as saas.messaging.bus.moving: nobody serves it
MAX_ATTEMPTS = 12


@dataclass(frozen=True)
class Event:
    """What a handler receives. `mall` is the ULID of the mall it happened in, empty for control's own events."""

    event_id: str
    topic: str
    mall: str
    epoch: int
    payload: dict[str, Any]
    created_at: dt.datetime


Handler = Callable[[Event], None]
_handlers: dict[str, tuple[str, ...]] = {}
_alone: dict[str, str] = {}  # topic → its handler, of topics that have one
_alone_as_json = "{}"
_kick: Callable[[str, str], None] | None = None
_on_world_time: frozenset[str] = frozenset()


def wire(
    handlers: Mapping[str, Sequence[str]],
    kick: Callable[[str, str], None] | None = None,
    on_world_time: Iterable[str] = (),
) -> None:
    """Install the event → handlers table (dotted names; saas.config.wiring), how a committed event is hurried along, and
    the topics that no rehearsal's clock moves."""
    global _kick, _on_world_time, _alone, _alone_as_json
    _on_world_time = frozenset(on_world_time)
    _handlers.clear()
    _handlers.update({topic: tuple(names) for topic, names in handlers.items()})
    _alone = {topic: names[0] for topic, names in _handlers.items() if len(names) == 1}
    _alone_as_json = json.dumps(_alone)
    _kick = kick


def wired() -> dict[str, tuple[str, ...]]:
    """The table in force, for checks and pages."""
    return dict(_handlers)


def publish(
    topic: str,
    payload: Mapping[str, Any],
    *,
    key: str,
    destination: str = LOCAL,
    mall: str | None = None,
    available_at: dt.datetime | None = None,
) -> str:
    """Write an event into the outbox, in the caller's transaction; return its id.

    `key` is unique within topic and mall (a restored mall has the documents of another): publishing the same key again is a
    programming error and raises IntegrityError. With `available_at` in the future the event is a schedule: an instant of
    the active mall, stored as the world's. `mall` defaults to the active one. The payload holds only ids, integers,
    booleans, text and lists or dicts of these.
    """
    event = _prepared(topic, payload, key, destination, mall, available_at)
    event.save(force_insert=True)
    return event.event_id


def publish_part(
    topic: str, payload: Mapping[str, Any], *, key: str, available_at: dt.datetime | None = None
) -> tuple[str, list[Any]]:
    """As `publish` to this database, as an INSERT … SELECT that the caller makes part of a statement of its own.

    For the paths whose statements are counted. The caller must run it, in this transaction.
    """
    return insert_part(_prepared(topic, payload, key, LOCAL, None, available_at))


def _prepared(
    topic: str,
    payload: Mapping[str, Any],
    key: str,
    destination: str,
    mall: str | None,
    available_at: dt.datetime | None,
) -> OutboxEvent:
    if not connection.in_atomic_block:
        raise RuntimeError(f"publish({topic}) outside a transaction")
    tenant = getattr(connection, "tenant", None)
    event = OutboxEvent(
        event_id=new_ulid(),
        topic=topic,
        key=key,
        destination=destination,
        mall=getattr(tenant, "ulid", "") if mall is None else mall,
        epoch=getattr(tenant, "epoch", 0) or 0,
        payload=dict(payload),
        available_at=clock.to_real(available_at) if available_at else clock.real_now(),
    )
    if destination == LOCAL and available_at is None and _kick is not None:
        kick, event_id, mall_ulid = _kick, event.event_id, event.mall
        transaction.on_commit(lambda: kick(event_id, mall_ulid), robust=True)
    return event


def hurry(mall: str, *, by: dt.timedelta) -> int:
    """Bring what a mall's calendar holds nearer, in the caller's transaction: its clock was moved on by as much.

    Polls of a channel and repeats of notices (`wire(on_world_time=…)`), and what has failed and waits, go by the world's
    time and stay where they are. How many events moved.
    """
    rows = OutboxEvent.objects.filter(
        mall=mall, destination=LOCAL, done_at=None, attempts=0, available_at__gt=clock.real_now()
    ).exclude(topic__in=_on_world_time)
    return rows.update(available_at=models.F("available_at") - by)


def next_of_calendar(mall: str) -> dt.datetime | None:
    """When (the world's time) the next event falls due that a mall's calendar holds; None: it holds none."""
    rows = OutboxEvent.objects.filter(mall=mall, destination=LOCAL, done_at=None, attempts=0)
    found: dt.datetime | None = rows.exclude(topic__in=_on_world_time).aggregate(at=models.Min("available_at"))["at"]
    return found


def due_of(mall: str, *, now: dt.datetime) -> list[str]:
    """Ids of a mall's own pending events that are due and have not failed, the earliest first."""
    rows = OutboxEvent.objects.filter(
        mall=mall, destination=LOCAL, done_at=None, attempts=0, available_at__lte=now
    ).order_by("available_at", "pk")
    return list(rows.values_list("event_id", flat=True))


def cancel(topic: str, *, key: str) -> bool:
    """Withdraw a scheduled event of the active mall that has not been delivered; whether there was one."""
    mall = getattr(getattr(connection, "tenant", None), "ulid", "")
    return bool(OutboxEvent.objects.filter(topic=topic, key=key, mall=mall, done_at=None).delete()[0])


def deliver(event_id: str, *, now: dt.datetime) -> bool:
    """Run every handler of one local event, each at most once in a transaction of its own; whether all are done.

    Call it with the event's mall active (control: none). A handler that fails leaves the event pending with a later
    `available_at`; the sweeper brings it again. After MAX_ATTEMPTS it waits for a person (`last_error` says why).
    """
    done = _deliver_at_once(event_id, now)
    if done is not None:
        return done
    row = OutboxEvent.objects.filter(event_id=event_id, destination=LOCAL, done_at=None).first()
    return row is None or _consume(row, now)


# An event with one handler: read, marked as consumed and as done by one statement, in the transaction of its effect.
_TAKE = """
WITH done AS (
  UPDATE public.bus_outboxevent SET done_at = %(now)s, last_error = ''
   WHERE event_id = %(event_id)s AND destination = 'local' AND done_at IS NULL AND %(handlers)s::jsonb ? topic
  RETURNING id, topic, mall, epoch, payload, created_at, attempts
), taken AS (
  INSERT INTO public.bus_consumption (event_id, handler)
  SELECT %(event_id)s, %(handlers)s::jsonb ->> topic FROM done ON CONFLICT DO NOTHING RETURNING 1
)
SELECT done.*, EXISTS (SELECT FROM taken) FROM done"""


def _deliver_at_once(event_id: str, now: dt.datetime) -> bool | None:
    """Deliver an event that has one handler; None: it has none or several, or is done, or could not be taken."""
    row = None
    try:
        with transaction.atomic():
            with prepared_cursor(connection) as cursor:
                cursor.execute(_TAKE, {"now": now, "event_id": event_id, "handlers": _alone_as_json})
                row = cursor.fetchone()
            if row is None:
                return None
            _, topic, mall, epoch, payload, created_at, _, first_time = row
            if first_time:
                content = json.loads(payload) if isinstance(payload, str) else payload
                import_string(_alone[topic])(Event(event_id, topic, mall, epoch, content, created_at))
    except Exception as error:
        if row is None:
            return None
        _put_off(OutboxEvent(pk=row[0], event_id=event_id, topic=row[1], attempts=row[6]), error, now)
        return False
    return True


def deliver_fact(event_id: str, *, now: dt.datetime) -> bool:
    """As `deliver`, for a fact that the relay put into the inbox."""
    row = InboxEvent.objects.filter(event_id=event_id, done_at=None).first()
    return row is None or _consume(row, now)


def _consume(row: OutboxEvent | InboxEvent, now: dt.datetime) -> bool:
    event = Event(row.event_id, row.topic, row.mall, row.epoch, row.payload, row.created_at)
    names = _handlers.get(row.topic, ())
    try:
        for position, name in enumerate(names):
            handler: Handler = import_string(name)
            with transaction.atomic():
                if not _first_time(event.event_id, name):
                    continue
                handler(event)
                if position == len(names) - 1:
                    _mark_done(row, now)
    except Exception as error:
        _put_off(row, error, now)
        return False
    if row.done_at is None:  # no handler was left to run it in
        with transaction.atomic():
            _mark_done(row, now)
    return True


def _put_off(row: OutboxEvent | InboxEvent, error: Exception, now: dt.datetime) -> None:
    delay = dt.timedelta(seconds=min(2**row.attempts, 3600))
    with transaction.atomic():
        type(row).objects.filter(pk=row.pk).update(
            attempts=row.attempts + 1,
            available_at=now + delay,
            last_error=f"{type(error).__name__}: {error}"[:2000],
        )
    tags = {"mall": row.mall}
    logger.error(
        "event %s %s failed (attempt %s)", row.topic, row.event_id, row.attempts + 1, exc_info=error, extra=tags
    )


def _first_time(event_id: str, handler: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO public.bus_consumption (event_id, handler) VALUES (%s, %s) ON CONFLICT DO NOTHING",
            [event_id, handler],
        )
        return bool(cursor.rowcount == 1)


def _mark_done(row: OutboxEvent | InboxEvent, now: dt.datetime) -> None:
    if row.done_at is None:
        type(row).objects.filter(pk=row.pk).update(done_at=now, last_error="")
        row.done_at = now


def due_events(*, now: dt.datetime, limit: int = 200) -> list[tuple[str, str, bool]]:
    """Pending deliveries that are due, oldest first: (event id, mall ULID, is it a fact from the inbox)."""
    local = OutboxEvent.objects.filter(
        done_at=None, destination=LOCAL, available_at__lte=now, attempts__lt=MAX_ATTEMPTS
    ).order_by("available_at")
    facts = InboxEvent.objects.filter(done_at=None, available_at__lte=now, attempts__lt=MAX_ATTEMPTS).order_by("pk")
    rows = [(event_id, mall, False) for event_id, mall in local.values_list("event_id", "mall")[:limit]]
    rows += [(event_id, mall, True) for event_id, mall in facts.values_list("event_id", "mall")[:limit]]
    return rows


def consumed(event_id: str) -> list[str]:
    """Which handlers have had their effect for an event."""
    return list(Consumption.objects.filter(event_id=event_id).order_by("pk").values_list("handler", flat=True))


def retry(event_id: str, *, now: dt.datetime) -> bool:
    """Let an event that failed be tried again from its first attempt; whether there was one."""
    fresh = {"attempts": 0, "available_at": now}
    with transaction.atomic():
        outbox = OutboxEvent.objects.filter(event_id=event_id, done_at=None).update(**fresh)
        inbox = InboxEvent.objects.filter(event_id=event_id, done_at=None).update(**fresh)
    return bool(outbox or inbox)


def forget_done(topic: str) -> None:
    """Delete what is done of a topic that reports a state again and again: only its newest fact means anything."""
    with transaction.atomic():
        done = [
            *OutboxEvent.objects.filter(topic=topic, done_at__isnull=False).values_list("event_id", flat=True),
            *InboxEvent.objects.filter(topic=topic, done_at__isnull=False).values_list("event_id", flat=True),
        ]
        Consumption.objects.filter(event_id__in=done).delete()
        OutboxEvent.objects.filter(event_id__in=done).delete()
        InboxEvent.objects.filter(event_id__in=done).delete()


def forget_mall(mall: str) -> int:
    """Delete what is done of a mall that is gone: payloads may name people. How many events."""
    with transaction.atomic():
        count = 0
        for model in (OutboxEvent, InboxEvent):
            done = list(model.objects.filter(mall=mall, done_at__isnull=False).values_list("event_id", flat=True))
            Consumption.objects.filter(event_id__in=done).delete()
            count += model.objects.filter(event_id__in=done).delete()[0]
    return count


def take_up(mall: str) -> int:
    """Give a mall's workers the events that were set aside while it was held; how many."""
    with transaction.atomic():
        return OutboxEvent.objects.filter(mall=mall, destination=PARKED, done_at=None).update(destination=LOCAL)
