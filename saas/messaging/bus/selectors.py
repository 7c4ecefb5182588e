"""Reads of outbox and inbox, for the pages of operators."""

import datetime as dt
from dataclasses import dataclass

from saas.messaging.bus.models import InboxEvent, OutboxEvent


@dataclass(frozen=True)
class Pending:
    """An event that has not had its effect yet. `side` is outbox or inbox."""

    side: str
    event_id: str
    topic: str
    mall: str
    destination: str
    attempts: int
    available_at: dt.datetime
    last_error: str


def failures(*, limit: int) -> list[Pending]:
    """Events that failed at least once and are not done, the most tried first."""
    return _pending(limit, attempts__gt=0)


def waiting(*, limit: int) -> list[Pending]:
    """Events that have not been tried, schedules among them, the earliest first."""
    return _pending(limit, attempts=0)


def _pending(limit: int, **condition: int) -> list[Pending]:
    outbox = OutboxEvent.objects.filter(done_at=None, **condition).order_by("-attempts", "available_at")[:limit]
    inbox = InboxEvent.objects.filter(done_at=None, **condition).order_by("-attempts", "available_at")[:limit]
    rows = [_of("outbox", row, row.destination) for row in outbox] + [_of("inbox", row, "local") for row in inbox]
    return sorted(rows, key=lambda row: (-row.attempts, row.available_at))[:limit]


def _of(side: str, row: OutboxEvent | InboxEvent, destination: str) -> Pending:
    return Pending(
        side=side,
        event_id=row.event_id,
        topic=row.topic,
        mall=row.mall,
        destination=destination,
        attempts=row.attempts,
        available_at=row.available_at,
        last_error=row.last_error,
    )
