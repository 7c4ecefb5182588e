"""States of exports and deletions, how long each lasts, and what must be settled before a mall is deleted. Pure."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

EXPORT_DAYS = 7  # a finished export is kept
LINK_SECONDS = 600  # a download link holds
WAIT_DAYS, WAIT_DAYS_MIN, WAIT_DAYS_MAX = 30, 7, 365  # from the second person's word to the deletion
REMIND_DAYS = 3
QUARANTINE_DAYS = 90  # nobody else gets the address of a deleted mall: its customers may still come
ANSWER_HOURS = 24  # how old what the cell said may be when a deletion is confirmed


class ExportState(StrEnum):
    """Where an export stands."""

    MAKING = "making"
    READY = "ready"
    FAILED = "failed"
    EXPIRED = "expired"


class DeletionState(StrEnum):
    """Where a deletion stands. Until it runs it can be called off."""

    ASKED = "asked"
    SCHEDULED = "scheduled"
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"


DELETION_TRANSITIONS: dict[DeletionState, frozenset[DeletionState]] = {
    DeletionState.ASKED: frozenset({DeletionState.SCHEDULED, DeletionState.CANCELLED}),
    DeletionState.SCHEDULED: frozenset({DeletionState.RUNNING, DeletionState.CANCELLED}),
    DeletionState.RUNNING: frozenset({DeletionState.DONE}),
    DeletionState.DONE: frozenset(),
    DeletionState.CANCELLED: frozenset(),
}
OPEN = frozenset({DeletionState.ASKED, DeletionState.SCHEDULED, DeletionState.RUNNING})
CANCELLABLE = frozenset({DeletionState.ASKED, DeletionState.SCHEDULED})


@dataclass(frozen=True)
class Check:
    """One line of the checklist: `key` names it, `passed` None while the cell has not answered."""

    key: str
    passed: bool | None
    detail: str = ""


@dataclass(frozen=True)
class Standing:
    """What control knows of the mall when its deletion is looked at."""

    subscription_ended: bool
    owed_amount: int  # fen, of the vendor's invoices for this mall
    exports: int  # finished, or expired since
    books_taken: bool  # the vendor says that the books the law wants kept are with them
    cell: Mapping[str, Any] | None  # what the cell answered: withdrawals, uncleared, orders, holds


def checklist(standing: Standing) -> list[Check]:
    """Every condition of a deletion, in the order in which a person settles them."""
    return [
        Check("subscription_ended", standing.subscription_ended),
        Check("invoices_paid", standing.owed_amount == 0, _yuan(standing.owed_amount)),
        _none_left("orders_finished", standing.cell, "orders"),
        _none_left("withdrawals_settled", standing.cell, "withdrawals"),
        _none_left("clearing_empty", standing.cell, "uncleared"),
        Check("export_made", standing.exports > 0),
        Check("books_taken", standing.books_taken),
    ]


def unsettled(checks: list[Check]) -> list[str]:
    """The keys of what is not settled, or not known to be."""
    return [check.key for check in checks if not check.passed]


def _none_left(key: str, cell: Mapping[str, Any] | None, name: str) -> Check:
    if cell is None:
        return Check(key, None)
    count = int(cell.get(name, 0))
    return Check(key, count == 0, str(count) if count else "")


def _yuan(fen: int) -> str:
    return f"¥{fen // 100}.{fen % 100:02d}" if fen else ""


def is_fresh(answered_at: dt.datetime | None, *, now: dt.datetime) -> bool:
    """Whether what the cell said is new enough to decide by."""
    return answered_at is not None and now - answered_at <= dt.timedelta(hours=ANSWER_HOURS)
