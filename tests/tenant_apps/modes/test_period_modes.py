"""The shop manager's award, shop growth, the reward for bringing in sellers: worked examples and invariants (MODES 9c, 12)."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from saas.kernel.money import pct
from tenant_apps.modes.contract import BuyerFacts, LineFacts, PayeeKind, SaleFacts, SellerFacts, SellerKind
from tenant_apps.modes.manager_award import rules as manager
from tenant_apps.modes.manager_award.mode import ManagerAward
from tenant_apps.modes.manager_award.settings import ManagerAwardSettings
from tenant_apps.modes.merchant_referral import rules as referral
from tenant_apps.modes.merchant_referral.mode import MerchantReferral
from tenant_apps.modes.merchant_referral.settings import MerchantReferralSettings
from tenant_apps.modes.period_contract import PeriodPayee, ShopPeriod
from tenant_apps.modes.registry import MODES, PERIODS
from tenant_apps.modes.shop_growth import rules as growth
from tenant_apps.modes.shop_growth.mode import ShopGrowth
from tenant_apps.modes.shop_growth.settings import ShopGrowthSettings
from tests.cases import cases

SALE = SaleFacts(buyer=BuyerFacts(member="C"))


def line(cash: int = 10000, *, store: bool = True, rate_ppm: int = 50_000, **seller: object) -> LineFacts:
    """Goods of a shop that pays 5 % commission; a store unless said otherwise."""
    values: dict[str, object] = {
        "kind": SellerKind.COMMISSION,
        "rate_ppm": rate_ppm,
        "id": "S",
        "store": "S" if store else "",
    }
    return LineFacts(line="L", level_amount=cash, list_amount=cash, seller=SellerFacts(**{**values, **seller}))  # type: ignore[arg-type]


def shop(**values: object) -> ShopPeriod:
    return ShopPeriod(**{"seller": "S", "store": "S", "manager": "M", "turnover": 0, **values})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("turnover", "amount"),
    [
        (4_000_000, 40_000),  # MODES 9c (x): 40 000.00 → 400.00
        (5_000_000, 100_000),  # MODES 9c (x): 50 000.00 → 1 000.00, of the whole turnover
        (999_999, 0),
        (1_000_000, 10_000),
        (4_999_999, 49_999),
    ],
)
def test_a_manager_earns_the_tier_of_the_shops_whole_turnover(turnover: int, amount: int) -> None:
    award = ManagerAward().period_award(ManagerAwardSettings(), shop(turnover=turnover))
    assert (award.amount if award else 0) == amount
    if award:
        assert (award.payee, award.payee_kind, award.base_amount) == ("M", PeriodPayee.MEMBER, turnover)


def test_a_sale_sets_the_highest_tier_rate_aside() -> None:
    (award,) = ManagerAward().award(ManagerAwardSettings(), line(), SALE)
    assert (award.payee, award.payee_kind, award.amount, award.rate_ppm) == ("S", PayeeKind.ACCRUAL, 200, 20_000)


def test_only_stores_have_a_manager_unless_the_mall_says_otherwise() -> None:
    mode = ManagerAward()
    assert mode.takes(ManagerAwardSettings(), line())
    assert not mode.takes(ManagerAwardSettings(), line(store=False))
    assert mode.takes(ManagerAwardSettings(stores_only=False), line(store=False))
    assert not mode.takes(ManagerAwardSettings(enabled=False), line())
    assert not mode.takes(ManagerAwardSettings(stores_only=False), LineFacts(line="L", level_amount=1))
    assert mode.period_award(ManagerAwardSettings(), shop(store="", turnover=5_000_000)) is None
    assert mode.period_award(ManagerAwardSettings(), shop(manager="", turnover=5_000_000)) is None


@pytest.mark.parametrize(
    ("fee", "level", "rolling", "amount"),
    [
        (876_543, 3, 50_000_000, 87_654),  # MODES 12: fees 8 765.43 at L3 10 % → 876.54
        (876_543, 2, 10_000_000, 43_827),  # at L2 5 % → 438.27
        (876_543, 1, 9_999_999, 0),
        (876_543, 4, 200_000_000, 175_308),
    ],
)
def test_a_shop_has_a_part_of_the_take_back_by_its_level(fee: int, level: int, rolling: int, amount: int) -> None:
    award = ShopGrowth().period_award(ShopGrowthSettings(), shop(turnover=1, fee=fee, rolling_turnover=rolling))
    assert award is not None
    assert (award.level, award.amount, award.payee, award.payee_kind) == (level, amount, "S", PeriodPayee.CREDIT)


def test_a_low_score_or_an_open_violation_stops_promotion_but_not_the_fall() -> None:
    settings, rich = ShopGrowthSettings(), 200_000_000
    assert growth.level_of(settings, shop(rolling_turnover=rich, level=2, score_ppm=899_999)) == 2
    assert growth.level_of(settings, shop(rolling_turnover=rich, level=2, score_ppm=900_000)) == 4
    assert growth.level_of(settings, shop(rolling_turnover=rich, level=2, has_violation=True)) == 2
    assert growth.level_of(settings, shop(rolling_turnover=0, level=3, has_violation=True)) == 1
    assert growth.points_of(settings, 1, 3) == 6_000
    assert growth.points_of(settings, 3, 1) == 0


def test_growth_sets_the_highest_return_of_the_take_aside() -> None:
    (award,) = ShopGrowth().award(ShopGrowthSettings(), line(), SALE)
    assert (award.base_amount, award.amount, award.payee) == (500, 100, "S")
    assert not ShopGrowth().takes(ShopGrowthSettings(), line(kind=SellerKind.SUPPLIER, rate_ppm=0))


def test_whoever_brought_the_seller_in_has_ten_per_cent_of_the_take() -> None:
    mode, settings = MerchantReferral(), MerchantReferralSettings()
    (award,) = mode.award(settings, line(referrer="R", member="M"), SALE)
    assert (award.base_amount, award.amount) == (500, 50)
    month = mode.period_award(settings, shop(turnover=10_000, fee=500, referrer="R"))
    assert month is not None and (month.payee, month.amount) == ("R", 50)


def test_nobody_is_rewarded_for_himself_or_when_nobody_brought_the_seller_in() -> None:
    mode, settings = MerchantReferral(), MerchantReferralSettings()
    assert not mode.takes(settings, line(referrer="M", member="M"))
    assert not mode.takes(settings, line())
    assert referral.month(settings, shop(turnover=1, fee=500, referrer="M")) is None
    assert referral.month(settings, shop(turnover=1, fee=500)) is None


def test_a_fixed_sum_begins_at_the_turnover_and_ends_when_it_is_paid() -> None:
    settings = MerchantReferralSettings(fixed_fen=10_000, min_turnover_fen=1_000_000)
    assert referral.month(settings, shop(turnover=999_999, fee=50_000, referrer="R")) is None
    first = referral.month(settings, shop(turnover=1, turnover_before=999_999, fee=60_000, referrer="R"))
    assert first is not None and first.amount == 6_000
    rest = referral.month(settings, shop(turnover=2_000_000, fee=60_000, paid_before=6_000, referrer="R"))
    assert rest is not None and rest.amount == 4_000
    assert referral.month(settings, shop(turnover=2_000_000, fee=60_000, paid_before=10_000, referrer="R")) is None


@pytest.mark.parametrize(
    ("model", "values", "text"),
    [
        (ManagerAwardSettings, {"tier_from_fen": (100,)}, "each tier"),
        (ManagerAwardSettings, {"tier_from_fen": (200, 100)}, "rise"),
        (ManagerAwardSettings, {"tier_rate_ppm": (20_000, 10_000)}, "higher tier"),
        (ManagerAwardSettings, {"tier_rate_ppm": (10_000, 200_001)}, "200000"),
        (ShopGrowthSettings, {"return_ppm": (1,)}, "each level"),
        (ShopGrowthSettings, {"level_from_fen": (3, 2, 1)}, "rise"),
        (ShopGrowthSettings, {"return_ppm": (3, 2, 1)}, "higher level"),
        (MerchantReferralSettings, {"rate_ppm": 500_001}, "500000"),
    ],
)
def test_settings_that_cannot_be_are_refused_by_name(model: type, values: dict[str, object], text: str) -> None:
    with pytest.raises(ValidationError, match=text):
        model(**values)


def test_period_modes_are_modes() -> None:
    assert set(PERIODS) <= set(MODES)


@settings(max_examples=cases(100), deadline=None)
@given(sales=st.lists(st.integers(0, 3_000_000), max_size=8))
def test_a_month_never_earns_more_than_the_highest_rate_of_what_was_sold(sales: list[int]) -> None:
    turnover = sum(sales)
    terms = ManagerAwardSettings()
    set_aside = sum(sum(one.amount for one in manager.accrual(terms, line(cash))) for cash in sales)
    award = manager.month(terms, shop(turnover=turnover))
    assert (award.amount if award else 0) <= pct(turnover, max(terms.tier_rate_ppm))
    assert set_aside <= pct(turnover, max(terms.tier_rate_ppm))
    assert set_aside >= pct(turnover, max(terms.tier_rate_ppm)) - len(sales)


@settings(max_examples=cases(100), deadline=None)
@given(fee=st.integers(0, 10**9), rolling=st.integers(0, 10**11), more=st.integers(0, 10**11))
def test_the_return_is_at_most_the_take_and_levels_rise_with_turnover(fee: int, rolling: int, more: int) -> None:
    terms = ShopGrowthSettings()
    lower, higher = (growth.month(terms, shop(fee=fee, rolling_turnover=one)) for one in (rolling, rolling + more))
    assert 0 <= lower.amount <= higher.amount <= fee
    assert lower.level <= higher.level
