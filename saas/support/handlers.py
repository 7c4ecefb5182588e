"""Facts from cells about operators inside malls."""

import datetime as dt

from saas.kernel.clock import real_now
from saas.messaging.bus.services import Event
from saas.support.services import access, announcements, checklist


def on_support_acted(event: Event) -> None:
    """An operator did something in a mall. Payload: `grant`, `what`, `status`, `at` (ISO instant), `did` (audit rows)."""
    access.note_act(
        grant=str(event.payload["grant"]),
        mall=event.mall,
        what=str(event.payload["what"]),
        status=int(event.payload["status"]),
        at=dt.datetime.fromisoformat(str(event.payload["at"])),
        did=event.payload.get("did", []),
    )


def on_support_ended(event: Event) -> None:
    """The owner of a mall ended an access from the back office. Payload: `grant`, `by` (actor), `at` (ISO instant)."""
    access.end_from_mall(
        grant=str(event.payload["grant"]),
        mall=event.mall,
        actor=str(event.payload["by"]),
        now=dt.datetime.fromisoformat(str(event.payload["at"])),
    )


def on_announcement_read(event: Event) -> None:
    """Somebody in a mall has read an announcement. Payload: `ulid`, `at` (ISO instant)."""
    at = dt.datetime.fromisoformat(str(event.payload["at"]))
    announcements.note_read(ulid=str(event.payload["ulid"]), mall=event.mall, at=at)


def on_cell_reported(event: Event) -> None:
    """A cell lives: tell it what was announced before it was registered. Payload: `cell`."""
    announcements.tell_cell(cell_id=str(event.payload["cell"]), now=real_now())


def on_launch_seen(event: Event) -> None:
    """What of its launch checklist a mall has done by itself. Payload: `done` (keys of items)."""
    checklist.settle_seen(mall=event.mall, done=event.payload["done"], actor="system", now=real_now())
