"""Facts from cells that billing counts."""

import datetime as dt

from billing.selectors import accounts
from billing.services import collecting, metering
from saas.kernel import clock
from saas.messaging.bus.services import Event


def on_sale_completed(event: Event) -> None:
    """An order was completed. Payload: `amount` (fen), `completed_at` (ISO instant)."""
    metering.record_sale(
        mall=event.mall,
        amount=int(event.payload["amount"]),
        completed_at=dt.datetime.fromisoformat(str(event.payload["completed_at"])),
    )


def on_usage_counted(event: Event) -> None:
    """A mall counted its staff, its products, its files, or a day's text messages or traffic.

    Payload: `feature`, `used`, `at` (ISO instant), for what is counted by the day `date` (ISO day in China), too.
    """
    if event.payload["feature"] in (*accounts.COUNTS, accounts.TEXTS, accounts.ANSWERED):
        date = event.payload.get("date")
        metering.record_count(
            mall=event.mall,
            metric=str(event.payload["feature"]),
            quantity=int(event.payload["used"]),
            counted_at=dt.datetime.fromisoformat(str(event.payload["at"])),
            date=dt.date.fromisoformat(str(date)) if date else None,
        )


def on_notice_received(event: Event) -> None:
    """A channel's notice about an invoice was stored. Payload: `notice`."""
    collecting.process_notice(notice_ulid=str(event.payload["notice"]), now=clock.now())
