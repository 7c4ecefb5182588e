"""What the catalog does upon events."""

import datetime as dt

from saas.kernel.clock import now
from saas.messaging.bus.services import Event
from tenant_apps.catalog import services as catalog


def on_shelf_due(event: Event) -> None:
    """A product is due on the shelf, or off it."""
    at = dt.datetime.fromisoformat(event.payload["at"])
    catalog.keep_schedule(ulid=event.payload["product"], step=event.payload["step"], at=at, now=now())
