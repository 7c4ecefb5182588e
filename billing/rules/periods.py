"""Periods of a subscription: half-open spans of days in China, counted from an anchor. Pure.

An anchor on the 31st gives 28 (29) February and again 31 March: every boundary is counted from the anchor, never from
the boundary before it.
"""

import calendar
import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from billing.rules.plans import Period
from saas.kernel.clock import CHINA

_MONTHS = {Period.MONTH: 1, Period.YEAR: 12}


@dataclass(frozen=True, order=True)
class Span:
    """Days from `start` up to, but without, `end`."""

    start: dt.date
    end: dt.date

    @property
    def days(self) -> int:
        return (self.end - self.start).days

    def __contains__(self, day: dt.date) -> bool:
        return self.start <= day < self.end


def add_months(anchor: dt.date, months: int) -> dt.date:
    """The anchor's day `months` later, or the last day of a month that is too short."""
    year, month = divmod(anchor.year * 12 + anchor.month - 1 + months, 12)
    return dt.date(year, month + 1, min(anchor.day, calendar.monthrange(year, month + 1)[1]))


def period_containing(anchor: dt.date, period: Period, day: dt.date) -> Span:
    """The period of the anchor in which `day` lies (also before the anchor)."""
    unit = _MONTHS[period]
    index = ((day.year - anchor.year) * 12 + day.month - anchor.month) // unit
    while add_months(anchor, index * unit) > day:
        index -= 1
    while add_months(anchor, (index + 1) * unit) <= day:
        index += 1
    return Span(add_months(anchor, index * unit), add_months(anchor, (index + 1) * unit))


def periods_from(anchor: dt.date, period: Period, start: dt.date, until: dt.date) -> Iterator[Span]:
    """The periods that begin on or after `start` and not after `until`; `start` is a boundary."""
    span = period_containing(anchor, period, start)
    while span.start <= until:
        yield span
        span = period_containing(anchor, period, span.end)


def midnight(day: dt.date) -> dt.datetime:
    """The instant at which `day` begins in China."""
    return dt.datetime.combine(day, dt.time(), CHINA)


def month_of(day: dt.date) -> Span:
    """The calendar month of a day."""
    first = day.replace(day=1)
    return Span(first, add_months(first, 1))
