"""Facts from cells about operators inside malls."""

import datetime as dt

from saas.messaging.bus.services import Event
from saas.support.services import access


def on_support_acted(event: Event) -> None:
    """An operator did something in a mall. Payload: `grant`, `what`, `status`, `at` (ISO instant)."""
    access.note_act(
        grant=str(event.payload["grant"]),
        mall=event.mall,
        what=str(event.payload["what"]),
        status=int(event.payload["status"]),
        at=dt.datetime.fromisoformat(str(event.payload["at"])),
    )
