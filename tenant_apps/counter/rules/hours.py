"""Opening hours of a store: a regular week, closed days, whether it is open at an instant. Pure; minutes of a day in China."""

import datetime as dt
import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

DAY = 24 * 60
MAX_SPANS = 3  # a day
MAX_CLOSINGS = 60
LOOK_AHEAD_DAYS = 60
_SPAN = re.compile(r"^([01]?\d|2[0-4]):([0-5]\d)[-–~至]([01]?\d|2[0-4]):([0-5]\d)$")
_CLOSING = re.compile(r"^(\d{4}-\d{2}-\d{2})(?:\s*(?:-|–|~|至|\s)\s*(\d{4}-\d{2}-\d{2}))?(?:\s+(.*))?$")


class HoursFault(ValueError):
    """What was typed is no span, or spans overlap; `at` is the text at fault."""

    def __init__(self, at: str) -> None:
        super().__init__(at)
        self.at = at


@dataclass(frozen=True)
class Span:
    """Open from one minute of the day to another; the end may lie in the night after (beyond 1440)."""

    opens: int
    closes: int


Week = tuple[tuple[Span, ...], ...]  # Monday first; without any span the hours are not known


@dataclass(frozen=True)
class Closing:
    """Days on which a store stays closed, first and last included, and why."""

    first: dt.date
    last: dt.date
    note: str = ""


class Door(StrEnum):
    """Whether one can walk in."""

    OPEN = "open"
    CLOSED = "closed"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Opening:
    """How a store stands at an instant: open until, or closed until (None: neither within two months), and why."""

    door: Door
    until: dt.datetime | None = None
    note: str = ""

    @property
    def is_open(self) -> bool:
        return self.door is Door.OPEN


def parse_day(text: str) -> tuple[Span, ...]:
    """`09:00-12:00, 13:30-21:00` as spans in order; empty: closed that day. `22:00-02:00` ends in the night after.

    Raises HoursFault.
    """
    found: list[Span] = []
    for part in re.split(r"[,,;;\s]+", re.sub(r"\s*([-–~至])\s*", r"\1", text.replace(":", ":").strip())):
        if not part:
            continue
        match = _SPAN.match(part)
        if match is None:
            raise HoursFault(part)
        opens, closes = (int(match[at]) * 60 + int(match[at + 1]) for at in (1, 3))
        if opens >= DAY or closes > DAY or opens == closes:
            raise HoursFault(part)
        found.append(Span(opens, closes if closes > opens else closes + DAY))
    found.sort(key=lambda span: span.opens)
    if len(found) > MAX_SPANS:
        raise HoursFault(text)
    for before, after in itertools.pairwise(found):
        if after.opens <= before.closes:
            raise HoursFault(f"{show_span(before)}, {show_span(after)}")
    return tuple(found)


def parse_closings(text: str) -> tuple[Closing, ...]:
    """A line a closing: `2027-02-05 2027-02-12 Spring Festival`; the last day and the note may be left out.

    Raises HoursFault.
    """
    found = []
    for line in filter(None, (one.strip() for one in text.splitlines())):
        match = _CLOSING.match(line)
        try:
            assert match is not None
            first = dt.date.fromisoformat(match[1])
            last = dt.date.fromisoformat(match[2]) if match[2] else first
        except (AssertionError, ValueError):
            raise HoursFault(line) from None
        if not first <= last <= first + dt.timedelta(days=366):
            raise HoursFault(line)
        found.append(Closing(first, last, (match[3] or "").strip()[:60]))
    if len(found) > MAX_CLOSINGS:
        raise HoursFault(str(len(found)))
    return tuple(sorted(found, key=lambda one: one.first))


def show_span(span: Span) -> str:
    """`09:00-21:00`; an end in the night after is shown as that night's time."""
    closes = span.closes if span.closes <= DAY else span.closes - DAY
    return f"{span.opens // 60:02d}:{span.opens % 60:02d}-{closes // 60:02d}:{closes % 60:02d}"


def show_day(spans: Sequence[Span]) -> str:
    """As `parse_day` reads it."""
    return ", ".join(show_span(span) for span in spans)


def show_closings(closings: Sequence[Closing]) -> str:
    """As `parse_closings` reads it."""
    return "\n".join(
        " ".join(filter(None, (str(one.first), str(one.last) if one.last != one.first else "", one.note)))
        for one in closings
    )


def opening(week: Week, closings: Sequence[Closing], at: dt.datetime) -> Opening:
    """How the door stands at a local instant. A night that began before a closed day is still finished."""
    if not any(week):
        return Opening(Door.UNKNOWN)
    today = at.date()
    for day in (today - dt.timedelta(days=1), today):
        for opens, closes in _times(week, closings, day, at):
            if opens <= at < closes:
                return Opening(Door.OPEN, _open_until(week, closings, closes))
    note = next((one.note for one in closings if one.first <= today <= one.last), "")
    for ahead in range(LOOK_AHEAD_DAYS):
        for opens, _closes in _times(week, closings, today + dt.timedelta(days=ahead), at):
            if opens > at:
                return Opening(Door.CLOSED, opens, note)
    return Opening(Door.CLOSED, None, note)


def _open_until(week: Week, closings: Sequence[Closing], closes: dt.datetime) -> dt.datetime | None:
    """When a door that is open closes: not where the next span begins as the last one ends. None: not within two months."""
    for _day in range(LOOK_AHEAD_DAYS):
        spans = _times(week, closings, closes.date(), closes)
        later = max((ends for opens, ends in spans if opens <= closes < ends), default=None)
        if later is None:
            return closes
        closes = later
    return None


def _times(
    week: Week, closings: Sequence[Closing], day: dt.date, at: dt.datetime
) -> list[tuple[dt.datetime, dt.datetime]]:
    if any(one.first <= day <= one.last for one in closings):
        return []
    midnight = dt.datetime.combine(day, dt.time(), at.tzinfo)
    return [
        (midnight + dt.timedelta(minutes=span.opens), midnight + dt.timedelta(minutes=span.closes))
        for span in week[day.weekday()]
    ]


def week_to_json(week: Week) -> list[list[list[int]]]:
    """As a store keeps it."""
    return [[[span.opens, span.closes] for span in day] for day in week]


def week_from_json(stored: Sequence[Sequence[Sequence[int]]]) -> Week:
    """The week that `week_to_json` kept; nothing kept is a week whose hours are not known."""
    return tuple(tuple(Span(*span) for span in day) for day in stored) if stored else ((),) * 7


def closings_to_json(closings: Sequence[Closing]) -> list[dict[str, str]]:
    """As a store keeps them."""
    return [{"first": str(one.first), "last": str(one.last), "note": one.note} for one in closings]


def closings_from_json(stored: Sequence[Mapping[str, Any]]) -> tuple[Closing, ...]:
    """The closings that `closings_to_json` kept."""
    return tuple(
        Closing(dt.date.fromisoformat(one["first"]), dt.date.fromisoformat(one["last"]), one["note"]) for one in stored
    )
