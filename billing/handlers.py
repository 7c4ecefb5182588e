"""Facts from cells that billing counts."""

import datetime as dt

from billing.selectors import accounts
from billing.services import metering
from saas.messaging.bus.services import Event


def on_sale_completed(event: Event) -> None:
    """An order was completed. Payload: `amount` (fen), `completed_at` (ISO instant)."""
    metering.record_sale(
        mall=event.mall,
        amount=int(event.payload["amount"]),
        completed_at=dt.datetime.fromisoformat(str(event.payload["completed_at"])),
    )


def on_usage_counted(event: Event) -> None:
    """A mall counted its staff or products. Payload: `feature`, `used`, `at` (ISO instant)."""
    if event.payload["feature"] in accounts.COUNTS:
        metering.record_count(
            mall=event.mall,
            metric=str(event.payload["feature"]),
            quantity=int(event.payload["used"]),
            counted_at=dt.datetime.fromisoformat(str(event.payload["at"])),
        )
