"""The relay of one cell: carries facts between control's database and the cell's, each at least once (SCALE 4.4, 4.5).

`python -m saas.messaging.relay`, with ROLE=relay: the only process that sees both databases. A fact is inserted into
the other side's inbox under its unique event id and committed; only then is it marked as sent. NOTIFY wakes the
relay, a one-second poll stands behind it. A guard refuses to touch one side while a transaction is open on the other.
"""

import logging
import os
import select
import signal
import time
from typing import Any

import django
import psycopg
from celery import Celery
from django.apps import apps
from django.conf import settings
from django.db import OperationalError, connections, transaction
from kombu.exceptions import OperationalError as BrokerError

from saas.kernel.clock import real_now as now

logger = logging.getLogger(__name__)

CELL_SIDE, CONTROL_SIDE = "default", "control"
CHANNEL = "bus_outbox"
LEADER_LOCK = 7350002
BATCH = 200


class SeamViolation(RuntimeError):
    """A statement for one side of the seam while a transaction was open on the other."""


def install_guard() -> None:
    """Make each of the two connections refuse work while the other one is inside a transaction."""
    for alias, other in ((CELL_SIDE, CONTROL_SIDE), (CONTROL_SIDE, CELL_SIDE)):
        connections[alias].execute_wrappers.append(_guard(alias, other))


def _guard(alias: str, other: str) -> Any:
    def check(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        if connections[other].in_atomic_block:
            raise SeamViolation(f"{alias} used inside a transaction of {other}")
        return execute(sql, params, many, context)

    return check


def carry(source: str, target: str, *, destination: str, sender: str) -> list[tuple[str, str]]:
    """Move the facts in `source`'s outbox addressed to `destination` into `target`'s inbox; (event id, mall) of each."""
    outbox, inbox = apps.get_model("bus", "OutboxEvent"), apps.get_model("bus", "InboxEvent")
    waiting = list(outbox.objects.using(source).filter(destination=destination, done_at=None).order_by("pk")[:BATCH])
    if not waiting:
        return []
    with transaction.atomic(using=target):
        inbox.objects.using(target).bulk_create(
            [
                inbox(
                    event_id=row.event_id,
                    source=sender,
                    topic=row.topic,
                    mall=row.mall,
                    epoch=row.epoch,
                    version=row.version,
                    payload=row.payload,
                    created_at=row.created_at,
                )
                for row in waiting
            ],
            ignore_conflicts=True,
        )
    with transaction.atomic(using=source):
        outbox.objects.using(source).filter(pk__in=[row.pk for row in waiting]).update(done_at=now())
    return [(row.event_id, row.mall) for row in waiting]


def carry_both(cell: str) -> dict[str, list[tuple[str, str]]]:
    """One pass in each direction; what now lies in each inbox, by the queue of its workers."""
    return {
        f"cell.{cell}": carry(CONTROL_SIDE, CELL_SIDE, destination=cell, sender="control"),
        "control": carry(CELL_SIDE, CONTROL_SIDE, destination="control", sender=cell),
    }


def _kick(app: Celery, queue: str, events: list[tuple[str, str]]) -> None:
    try:
        for event_id, mall in events:
            kwargs = {"event_id": event_id, "mall": mall, "fact": True}
            app.send_task("saas.config.delivery.deliver", kwargs=kwargs, queue=queue, retry=False)
    except (BrokerError, OSError):
        logger.warning("broker unreachable; the sweeper of %s delivers", queue)


class Ear:
    """Listens on both databases; `wait` returns when either has something, or after `seconds`."""

    def __init__(self) -> None:
        self._open: dict[str, Any] = {}

    def wait(self, seconds: float) -> None:
        for alias in (CELL_SIDE, CONTROL_SIDE):
            if alias in self._open:
                continue
            parameters = connections[alias].get_connection_params()
            for name in ("cursor_factory", "context"):
                parameters.pop(name, None)
            try:
                ear = psycopg.connect(**parameters, autocommit=True)
                ear.execute(f"LISTEN {CHANNEL}")
                self._open[alias] = ear
            except psycopg.OperationalError:
                continue
        if not self._open:
            time.sleep(seconds)
            return
        by_socket = {ear.pgconn.socket: alias for alias, ear in self._open.items()}
        ready, _, _ = select.select(list(by_socket), [], [], seconds)
        for number in ready:
            alias = by_socket[number]
            try:
                for _ in self._open[alias].notifies(timeout=0):
                    pass
            except psycopg.OperationalError:
                self._open.pop(alias).close()


def _lead(cell: str) -> bool:
    with connections[CELL_SIDE].cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [LEADER_LOCK])
        return bool(cursor.fetchone()[0])


def run(cell: str, app: Celery) -> None:
    """Carry until told to stop. Either side may be away: the other keeps its outbox until it is back."""
    stopping: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda received, frame: stopping.append(received))
    ear, leading = Ear(), False
    while not stopping:
        try:
            leading = leading or _lead(cell)
            if leading:
                moved = carry_both(cell)
                for queue, events in moved.items():
                    _kick(app, queue, events)
                if any(moved.values()):
                    continue
        except OperationalError as error:
            logger.warning("one side is away: %s", str(error).splitlines()[0])
            leading = False
            for connection in connections.all():
                connection.close()
        ear.wait(1.0)


def main() -> None:
    """Entry point of the relay process."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "saas.config.settings.base")
    django.setup()
    if settings.ROLE != "relay":
        raise SystemExit("the relay runs with ROLE=relay")
    install_guard()
    app = Celery("relay", broker=settings.CELERY_BROKER_URL)
    app.conf.broker_transport_options = settings.CELERY_BROKER_TRANSPORT_OPTIONS
    logger.info("relay of cell %s", settings.CELL)
    run(settings.CELL, app)


if __name__ == "__main__":
    main()
