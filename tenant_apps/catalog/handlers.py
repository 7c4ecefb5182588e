"""What the catalog does upon events."""

import datetime as dt
from functools import partial

from django.db import transaction

from saas.kernel.clock import now
from saas.messaging.bus.services import Event
from tenant_apps.catalog import services as catalog
from tenant_apps.catalog.services import exporting, fetching, running


def on_shelf_due(event: Event) -> None:
    """A product is due on the shelf, or off it."""
    at = dt.datetime.fromisoformat(event.payload["at"])
    catalog.keep_schedule(ulid=event.payload["product"], step=event.payload["step"], at=at, now=now())


def on_job_due(event: Event) -> None:
    """The next step of an import, export or bulk edit; an export is written after this has committed."""
    ulid = event.payload["job"]
    if running.run_step(ulid=ulid, now=now()):
        transaction.on_commit(partial(_write_export, ulid), robust=True)


def on_pictures_due(event: Event) -> None:
    """Pictures of an import wait: fetched after this has committed."""
    ulid, turn = event.payload["job"], event.payload["turn"]
    if fetching.prepare(ulid, turn=turn, now=now()):
        transaction.on_commit(partial(_fetch_pictures, ulid, turn), robust=True)


def _write_export(ulid: str) -> None:
    exporting.write(ulid, now=now())


def _fetch_pictures(ulid: str, turn: int) -> None:
    fetching.fetch_some(ulid, turn=turn, now=now())
