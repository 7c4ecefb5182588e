"""Facts that cells send about malls."""

import datetime as dt

from django.db.models import F

from saas.kernel.clock import china_date
from saas.messaging.bus import services as bus
from saas.messaging.bus.services import Event
from saas.tenants.vendors import cells, services
from saas.tenants.vendors.models import MallDay
from saas.tenants.vendors.rules import PlaceState


def on_sale_completed(event: Event) -> None:
    """Add one completed order to its mall's day. Payload: `amount` (fen), `completed_at` (ISO instant)."""
    completed_at = dt.datetime.fromisoformat(str(event.payload["completed_at"]))
    day, _ = MallDay.objects.get_or_create(mall=event.mall, date=china_date(completed_at))
    MallDay.objects.filter(pk=day.pk).update(
        orders=F("orders") + 1, sales_amount=F("sales_amount") + int(event.payload["amount"])
    )


def on_mall_published(event: Event) -> None:
    """A mall has gone from rehearsal to open. Payload: `at` (ISO instant)."""
    opened_at = dt.datetime.fromisoformat(str(event.payload["at"]))
    services.change_place_state(mall=event.mall, wanted=PlaceState.LIVE, actor="system", now=opened_at)


def on_cell_reported(event: Event) -> None:
    """How a cell does. Only the newest report is kept, of the facts themselves too."""
    cells.note_report(fact=event.payload)
    bus.forget_done(event.topic)
