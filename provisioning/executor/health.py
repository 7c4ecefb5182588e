"""A cell tells control once a minute how it does: an operator's list is made of facts, never of queries over cells."""

import datetime as dt

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Min

from provisioning.executor import schema
from saas.messaging.bus import services as bus
from saas.messaging.bus.models import OutboxEvent
from saas.tenants.malls.models import Mall
from saas.tenants.malls.rules import LEFT

REPORTED = "cell.reported"


def report(*, now: dt.datetime) -> dict[str, object]:
    """Send the cell's report: versions, malls, bytes, and how old the oldest fact is that still waits for the relay."""
    version = schema.migrations_hash()
    here = Mall.objects.exclude(state__in=LEFT)
    waiting = OutboxEvent.objects.filter(destination=bus.CONTROL, done_at=None, available_at__lte=now)
    oldest = waiting.aggregate(first=Min("created_at"))["first"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        size = int(cursor.fetchone()[0])
    fact = {
        "cell": settings.CELL,
        "at": now.isoformat(),
        "version": version,
        "malls": here.count(),
        "malls_behind": here.exclude(schema_version__in=["", version]).count(),
        "database_bytes": size,
        "outbox_waiting": waiting.count(),
        "outbox_lag_seconds": int(max((now - oldest).total_seconds(), 0)) if oldest else 0,
    }
    with transaction.atomic():
        bus.forget_done(REPORTED)
        bus.publish(REPORTED, fact, key=f"{settings.CELL}:{now.isoformat()}", destination=bus.CONTROL, mall="")
    return fact
