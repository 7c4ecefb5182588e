"""Opening hours and the franchise checklist, on paper."""

import datetime as dt

import pytest
from django.utils import translation

from saas.kernel.clock import CHINA
from tenant_apps.counter import pages
from tenant_apps.counter.rules import franchise, hours
from tenant_apps.counter.rules.franchise import Franchise, Gap
from tenant_apps.counter.rules.hours import Closing, Door, HoursFault, Opening, Span

MONDAY = dt.date(2026, 11, 23)


def at(day: int, clock: str) -> dt.datetime:
    hour, minute = map(int, clock.split(":"))
    return dt.datetime.combine(MONDAY + dt.timedelta(days=day), dt.time(hour, minute), CHINA)


WEEK = (
    hours.parse_day("9:00-12:00,13:30 - 21:00"),
    *((hours.parse_day("09:00-21:00"),) * 3),
    hours.parse_day("18:00-02:00"),
    hours.parse_day("00:00-24:00"),
    (),
)


def test_a_day_is_read_and_shown_as_it_was_typed():
    assert WEEK[0] == (Span(540, 720), Span(810, 1260))
    assert hours.show_day(WEEK[0]) == "09:00-12:00, 13:30-21:00"
    assert hours.show_day(WEEK[4]) == "18:00-02:00" and WEEK[4] == (Span(1080, 1560),)
    assert hours.week_from_json(hours.week_to_json(WEEK)) == WEEK
    assert hours.parse_day(" ") == ()


@pytest.mark.parametrize(
    "text", ["9-21", "25:00-26:00", "09:00-09:00", "09:00-12:00,11:00-14:00", "24:30-02:00", "9:00-10:00 " * 4]
)
def test_what_is_no_day_is_named(text):
    with pytest.raises(HoursFault):
        hours.parse_day(text)


@pytest.mark.parametrize(
    ("day", "clock", "door", "until"),
    [
        (0, "08:59", Door.CLOSED, (0, "09:00")),
        (0, "09:00", Door.OPEN, (0, "12:00")),
        (0, "12:00", Door.CLOSED, (0, "13:30")),
        (0, "21:00", Door.CLOSED, (1, "09:00")),
        (4, "23:00", Door.OPEN, (6, "00:00")),  # Saturday goes on
        (5, "01:59", Door.OPEN, (6, "00:00")),  # Saturday goes on
        (5, "12:00", Door.OPEN, (6, "00:00")),
        (6, "10:00", Door.CLOSED, (7, "09:00")),
    ],
)
def test_the_door(day, clock, door, until):
    assert hours.opening(WEEK, (), at(day, clock)) == Opening(door, at(*until))


def test_closed_days():
    closings = hours.parse_closings("2026-11-24 2026-11-25 Stocktaking\n2026-11-28")
    assert closings == (
        Closing(dt.date(2026, 11, 24), dt.date(2026, 11, 25), "Stocktaking"),
        Closing(dt.date(2026, 11, 28), dt.date(2026, 11, 28), ""),
    )
    assert hours.parse_closings(hours.show_closings(closings)) == closings
    assert hours.closings_from_json(hours.closings_to_json(closings)) == closings
    assert hours.opening(WEEK, closings, at(1, "10:00")) == Opening(Door.CLOSED, at(3, "09:00"), "Stocktaking")
    assert hours.opening(WEEK, closings, at(5, "01:00")).door is Door.OPEN  # the night before is finished
    assert hours.opening(WEEK, closings, at(5, "03:00")) == Opening(Door.CLOSED, at(7, "09:00"))
    for wrong in ("2026-02-30", "tomorrow", "2026-11-25 2026-11-24"):
        with pytest.raises(HoursFault):
            hours.parse_closings(wrong)
    assert hours.opening(((),) * 7, closings, at(1, "10:00")) == Opening(Door.UNKNOWN)
    long = (Closing(MONDAY, MONDAY + dt.timedelta(days=365), ""),)
    assert hours.opening(WEEK, long, at(1, "10:00")) == Opening(Door.CLOSED, None)


def test_a_door_that_never_closes_says_so():
    always = ((Span(0, 1440),),) * 7
    assert hours.opening(always, (), at(1, "23:59")) == Opening(Door.OPEN, None)
    closed = (Closing(dt.date(2026, 11, 26), dt.date(2026, 11, 26), ""),)
    assert hours.opening(always, closed, at(1, "10:00")) == Opening(Door.OPEN, at(3, "00:00"))
    joined = ((Span(540, 1440),), (Span(0, 120),), *(((),) * 5))  # Monday until Tuesday at two
    assert hours.opening(joined, (), at(0, "10:00")) == Opening(Door.OPEN, at(1, "02:00"))
    with translation.override("en"):
        assert pages.door_text(Opening(Door.OPEN, None), at(1, "10:00")) == "Open round the clock"
        assert pages.door_text(Opening(Door.OPEN, at(3, "00:00")), at(1, "10:00")) == "Open until 11-26 00:00"
        assert pages.door_text(Opening(Door.OPEN, at(1, "02:00")), at(0, "23:00")) == "Open until 02:00"


def test_the_franchise_checklist():
    day = dt.date(2026, 11, 1)
    assert franchise.gaps(Franchise()) == []
    assert franchise.gaps(Franchise(applies=True, recruiting_text="加盟三个月回本")) == [
        Gap.DISCLOSURE_MISSING,
        Gap.FILING_MISSING,
        Gap.EARNINGS_NAMED,
    ]
    signed = Franchise(
        applies=True, disclosed_on=day, contract_on=dt.date(2026, 11, 30), filing_number="1440100112600001"
    )
    assert franchise.gaps(signed) == [Gap.CONTRACT_TOO_EARLY]
    fine = Franchise(
        applies=True, disclosed_on=day, contract_on=dt.date(2026, 12, 1), filing_number="1440100112600001",
        recruiting_text="我们提供选址、培训与供货。",
    )  # fmt: skip
    assert franchise.gaps(fine) == []
    assert franchise.from_json(franchise.to_json(fine)) == fine and franchise.to_json(Franchise()) == {}
