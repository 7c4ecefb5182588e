"""Dunning as data: what happens how many days after an invoice was due. Pure."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Action(StrEnum):
    """What a step does."""

    REMIND = "remind"
    RESTRICT = "restrict"  # the mall sells on; nothing can be added to it
    SUSPEND = "suspend"  # storefront closed; back office, refunds and export go on
    ARCHIVE = "archive"  # the subscription has expired


@dataclass(frozen=True)
class Step:
    """`action` on the `days`-th day after the due day."""

    days: int
    action: Action


STEPS: tuple[Step, ...] = (
    Step(1, Action.REMIND),
    Step(4, Action.REMIND),
    Step(7, Action.RESTRICT),
    Step(10, Action.REMIND),
    Step(14, Action.SUSPEND),
    Step(60, Action.ARCHIVE),
)
PAYMENT_DAYS = 7  # between the invoice and the day it is due
SUSPENSIONS_A_RUN = 30


def days_past_due(*, due_on: dt.date, today: dt.date, extended_to: dt.date | None = None) -> int:
    """Days since an invoice should have been paid; an extension moves the day it is due."""
    return max(0, (today - max(due_on, extended_to or due_on)).days)


def steps_due(days: int, done: Iterable[int], steps: Sequence[Step] = STEPS) -> list[tuple[int, Step]]:
    """The steps whose day has come and which lie after the last one `done` (positions), in their order.

    Of several reminders that are due at once only the last is worth sending; the others are left out.
    """
    last = max(done, default=-1)
    due = [(n, step) for n, step in enumerate(steps) if step.days <= days and n > last]
    reminders = [n for n, step in due if step.action is Action.REMIND]
    return [(n, step) for n, step in due if step.action is not Action.REMIND or n == reminders[-1]]
