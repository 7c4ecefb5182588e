"""Ad points and coin deduction: the worked examples of MODES 13a and 11b, and their invariants."""

from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tenant_apps.modes.advertising.rules import (
    AdTier,
    ad_release,
    day_budget,
    income_of_day,
    releases,
    share_budget,
)
from tenant_apps.modes.coins.rules import CoinDeduction, coin_deduction
from tests.cases import cases

TIERS = (AdTier(20_000, 10_000), AdTier(40_000, 12_000))
AMPLE = 10**9


def test_two_percent_of_what_is_left() -> None:
    assert ad_release(20_000, AMPLE) == 400
    assert ad_release(19_600, AMPLE) == 392


def test_thresholds() -> None:
    assert ad_release(10_000, AMPLE, tiers=TIERS) == 0
    assert ad_release(30_000, AMPLE, tiers=TIERS) == 300
    assert ad_release(30_000, AMPLE, tiers=TIERS, on_threshold=True) == 200
    assert ad_release(40_000, AMPLE, tiers=TIERS) == 480


def test_the_budget_binds() -> None:
    assert ad_release(20_000, 150) == 150
    assert ad_release(20_000, 0) == 0
    assert day_budget(1_000) == 700
    assert day_budget(-5) == 0
    assert share_budget([400, 400], 1_000) == [400, 400]
    assert share_budget([400, 200, 100], 100) == [57, 29, 14]


@hypothesis_settings(max_examples=cases(100), deadline=None)
@given(st.lists(st.integers(0, 10**7), max_size=20), st.integers(0, 10**6))
def test_releases_never_exceed_points_or_budget(points: list[int], budget: int) -> None:
    wanted = [ad_release(one, AMPLE) for one in points]
    assert all(release <= one for release, one in zip(wanted, points, strict=True))
    paid = share_budget(wanted, budget)
    assert sum(paid) <= budget and all(one <= most for one, most in zip(paid, wanted, strict=True))


def test_a_second_ad_of_the_day_finds_what_the_first_left() -> None:
    found = releases(["A", "B", "A", "C"], {"A": 20_000, "B": 10_000}, tiers=TIERS[:1], on_threshold=False)
    assert [(one.points, one.rate_ppm, one.amount) for one in found] == [
        (20_000, 10_000, 200),
        (10_000, 0, 0),
        (19_800, 0, 0),
        (0, 0, 0),
    ]


@hypothesis_settings(max_examples=cases(200), deadline=None)
@given(st.lists(st.integers(-10_000, 10_000), max_size=30))
def test_days_share_out_no_more_income_than_there_ever_was(booked: list[int]) -> None:
    """Corrections are made up before anything new is shared out: the sum is the highest that all income ever stood at."""
    deficit, shared, total, highest = 0, 0, 0, 0
    for amount in booked:
        income, deficit = income_of_day(amount, deficit)
        assert income >= 0 <= deficit and min(income, deficit) == 0
        shared += income
        total += amount
        highest = max(highest, total)
        assert shared == highest


def test_coins_pay_a_part_of_the_goods() -> None:
    assert coin_deduction(9_990, 5_000) == CoinDeduction(2_997, 2_997)
    assert coin_deduction(9_990, 1_000) == CoinDeduction(1_000, 1_000)
    assert coin_deduction(9_990, 5_000, coin_fen=100) == CoinDeduction(29, 2_900)
