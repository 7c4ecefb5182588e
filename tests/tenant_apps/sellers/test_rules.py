"""Terms of sellers, tiers, periods: by hand on paper."""

import datetime as dt

import pytest

from tenant_apps.sellers.rules import (
    SettlementKind,
    TakeTier,
    cutoff,
    draft_fault,
    is_rewarded,
    months_later,
    period_key,
    take_rate,
    tiers_fault,
    years_served,
)
from tests.factories.sellers import draft

TIERS = (TakeTier(10_000_00, 40_000), TakeTier(50_000_00, 30_000))
UTC = dt.UTC


@pytest.mark.parametrize(
    ("turnover", "rate"),
    [(0, 50_000), (9_999_99, 50_000), (10_000_00, 40_000), (49_999_99, 40_000), (50_000_00, 30_000), (10**12, 30_000)],
)
def test_the_take_falls_with_the_rolling_turnover(turnover: int, rate: int) -> None:
    assert take_rate(50_000, TIERS, turnover) == rate


@pytest.mark.parametrize(
    ("tiers", "fault"),
    [
        ((), None),
        (TIERS, None),
        ((TakeTier(0, 10_000),), "bounds"),
        ((TakeTier(100, 300_001),), "bounds"),
        ((TakeTier(200, 10_000), TakeTier(100, 5_000)), "turnover_order"),
        ((TakeTier(100, 10_000), TakeTier(200, 20_000)), "rate_order"),
        (tuple(TakeTier(n, 1) for n in range(1, 12)), "too_many"),
    ],
)
def test_tiers_rise_in_turnover_and_never_in_rate(tiers: tuple[TakeTier, ...], fault: str | None) -> None:
    assert tiers_fault(tiers, SettlementKind.COMMISSION) == fault


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({}, None),
        ({"name": " "}, "name"),
        ({"rate_ppm": 300_001}, "rate_ppm"),
        ({"settlement": "concession", "rate_ppm": 29_999}, "rate_ppm"),
        ({"settlement": "concession", "rate_ppm": 200_001}, "rate_ppm"),
        ({"settlement": "supplier", "rate_ppm": 1}, "rate_ppm"),
        ({"settlement": "supplier", "tiers": TIERS}, "tiers"),
        ({"service_fee_amount": -1}, "service_fee_amount"),
        ({"cycle_days": 31}, "cycle_days"),
        ({"score_ppm": 1_000_001}, "score_ppm"),
        ({"code": "Ab"}, "code"),
        ({"area_code": "44"}, "area_code"),
        ({"licence_number": "abc"}, "licence_number"),
        ({"owner": "M", "referrer": "M"}, "referrer"),
    ],
)
def test_a_draft_names_the_field_at_fault(changes: dict[str, object], field: str | None) -> None:
    assert draft_fault(draft(**changes)) == field


def test_a_store_lies_in_a_district() -> None:
    from tenant_apps.sellers.rules import SellerKind

    assert draft_fault(draft(kind=SellerKind.STORE)) == "area_code"


def test_a_day_is_settled_on_the_next_one_in_china() -> None:
    day = dt.date(2026, 11, 22)
    assert period_key(day, weekly=False) == "2026-11-22"
    assert cutoff(day, cycle_days=1, weekly=False) == dt.datetime(2026, 11, 21, 16, tzinfo=UTC)
    assert cutoff(day, cycle_days=0, weekly=False) == dt.datetime(2026, 11, 22, 16, tzinfo=UTC)
    assert cutoff(day, cycle_days=7, weekly=False) == dt.datetime(2026, 11, 15, 16, tzinfo=UTC)


def test_a_week_is_settled_when_the_next_one_has_begun() -> None:
    monday, sunday = dt.date(2026, 11, 23), dt.date(2026, 11, 29)
    assert period_key(monday, weekly=True) == period_key(sunday, weekly=True) == "2026-W48"
    for day in (monday, sunday):
        assert cutoff(day, cycle_days=1, weekly=True) == dt.datetime(2026, 11, 22, 16, tzinfo=UTC)


def test_months_end_with_their_last_day() -> None:
    assert months_later(dt.datetime(2027, 1, 31, 4, tzinfo=UTC), 1) == dt.datetime(2027, 2, 28, 4, tzinfo=UTC)
    assert months_later(dt.datetime(2026, 11, 22, 4, tzinfo=UTC), 12) == dt.datetime(2027, 11, 22, 4, tzinfo=UTC)
    assert months_later(dt.datetime(2026, 12, 31, 4, tzinfo=UTC), 2) == dt.datetime(2027, 2, 28, 4, tzinfo=UTC)


def test_bringing_a_seller_in_is_rewarded_for_a_year() -> None:
    since = dt.datetime(2026, 11, 22, 4, tzinfo=UTC)
    assert is_rewarded(since, since)
    assert is_rewarded(since, dt.datetime(2027, 11, 22, 3, 59, tzinfo=UTC))
    assert not is_rewarded(since, dt.datetime(2027, 11, 22, 4, tzinfo=UTC))
    assert not is_rewarded(None, since)


def test_years_of_service_are_counted_from_the_first_day() -> None:
    since = dt.datetime(2026, 11, 22, 4, tzinfo=UTC)
    assert years_served(since, since) == 0
    assert years_served(since, dt.datetime(2027, 11, 22, 3, tzinfo=UTC)) == 0
    assert years_served(since, dt.datetime(2028, 11, 22, 4, tzinfo=UTC)) == 2
