"""Bookings of a store's visits: what a plan may be, which times a day has, who is free, until when it may be changed. Pure."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from tenant_apps.counter.rules.hours import Closing, Week

MIN_MINUTES, MAX_MINUTES = 10, 480
MAX_CAPACITY = 100
MAX_TECHNICIANS, MAX_NAME = 30, 20
MAX_DAYS_AHEAD = 60
MAX_CHANGE_HOURS = 168
MISSED_AFTER = dt.timedelta(minutes=30)  # after its end nobody comes any more


class BookingState(StrEnum):
    """Where a booking stands."""

    BOOKED = "booked"
    ATTENDED = "attended"
    CANCELLED = "cancelled"
    MISSED = "missed"


TRANSITIONS: dict[BookingState, frozenset[BookingState]] = {
    BookingState.BOOKED: frozenset({BookingState.ATTENDED, BookingState.CANCELLED, BookingState.MISSED}),
    BookingState.ATTENDED: frozenset(),
    BookingState.CANCELLED: frozenset(),
    BookingState.MISSED: frozenset(),
}
TAKES_PLACE = frozenset({BookingState.BOOKED, BookingState.ATTENDED})


@dataclass(frozen=True, kw_only=True)
class PlanDraft:
    """How visits of a card are booked. With technicians each takes one at a time; without, `capacity` at once."""

    minutes: int = 60
    capacity: int = 1
    technicians: tuple[str, ...] = ()
    days_ahead: int = 14
    change_hours: int = 2  # until so long before its start a member may move or cancel it
    missed_costs_visit: bool = False
    is_open: bool = True


@dataclass(frozen=True)
class Taken:
    """A booking that takes a place."""

    starts_at: dt.datetime
    ends_at: dt.datetime
    technician: str


@dataclass(frozen=True)
class Time:
    """A time that can be booked: places left, or the technicians who are free."""

    starts_at: dt.datetime
    ends_at: dt.datetime
    left: int
    technicians: tuple[str, ...] = ()


def plan_fault(draft: PlanDraft) -> str | None:
    """Which field of a plan cannot be (its name), or None."""
    if not MIN_MINUTES <= draft.minutes <= MAX_MINUTES:
        return "minutes"
    if not 1 <= draft.capacity <= MAX_CAPACITY:
        return "capacity"
    names = draft.technicians
    if len(names) > MAX_TECHNICIANS or len(set(names)) != len(names) or any(not 1 <= len(n) <= MAX_NAME for n in names):
        return "technicians"
    if not 1 <= draft.days_ahead <= MAX_DAYS_AHEAD:
        return "days_ahead"
    if not 0 <= draft.change_hours <= MAX_CHANGE_HOURS:
        return "change_hours"
    return None


def starts(week: Week, closings: Sequence[Closing], day: dt.date, minutes: int, zone: dt.tzinfo) -> list[dt.datetime]:
    """When a visit may begin on a day: one after another from each opening on, as long as it ends before closing."""
    if any(one.first <= day <= one.last for one in closings):
        return []
    midnight = dt.datetime.combine(day, dt.time(), zone)
    return [
        midnight + dt.timedelta(minutes=begin)
        for span in week[day.weekday()]
        for begin in range(span.opens, span.closes - minutes + 1, minutes)
    ]


def free(
    begin: dt.datetime,
    *,
    minutes: int,
    capacity: int,
    technicians: Sequence[str],
    taken: Iterable[Taken],
    busy: Iterable[Taken],
) -> Time:
    """What is left of a time. `taken` are bookings of the same visits there, `busy` those of anything with a technician."""
    end = begin + dt.timedelta(minutes=minutes)
    if technicians:
        occupied = {one.technician for one in busy if one.starts_at < end and begin < one.ends_at}
        names = tuple(name for name in technicians if name not in occupied)
        return Time(begin, end, len(names), names)
    number = sum(one.starts_at < end and begin < one.ends_at for one in taken)
    return Time(begin, end, max(0, capacity - number))


def may_change(starts_at: dt.datetime, *, change_hours: int, now: dt.datetime) -> bool:
    """Whether a member may still move or cancel a booking."""
    return now <= starts_at - dt.timedelta(hours=change_hours) and now < starts_at
