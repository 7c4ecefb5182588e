"""Ad points and coin deduction: the worked examples of MODES 13a and 11b, and their invariants."""

from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tenant_apps.modes.advertising.rules import AdTier, ad_release, day_budget, share_budget
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


def test_coins_pay_a_part_of_the_goods() -> None:
    assert coin_deduction(9_990, 5_000) == CoinDeduction(2_997, 2_997)
    assert coin_deduction(9_990, 1_000) == CoinDeduction(1_000, 1_000)
    assert coin_deduction(9_990, 5_000, coin_fen=100) == CoinDeduction(29, 2_900)
