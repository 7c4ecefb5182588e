"""MODES 8 to the fen."""

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from saas.kernel.money import pct
from tenant_apps.modes import areas as held
from tenant_apps.modes.contract import (
    AreaFacts,
    BuyerFacts,
    Channel,
    Grade,
    HolderFacts,
    LineFacts,
    SaleFacts,
    SellerFacts,
    SellerKind,
    Told,
)
from tenant_apps.modes.regional import rules
from tenant_apps.modes.regional.mode import Regional
from tenant_apps.modes.regional.settings import RegionalSettings
from tests.cases import cases

MODE = Regional()
HUNDRED = LineFacts(line="1", level_amount=10000)


def area(grade: str, *weights: int, unsold: int = 0) -> AreaFacts:
    """An area whose holders are named `<grade>1`, `<grade>2`, …"""
    holders = tuple(HolderFacts(f"{grade}{number}", weight) for number, weight in enumerate(weights, start=1))
    return AreaFacts(grade=Grade(grade), code=grade, holders=holders, unsold_weight=unsold)


def amounts(settings: RegionalSettings, *areas: AreaFacts, line: LineFacts = HUNDRED) -> list[tuple[str, int]]:
    sale = SaleFacts(buyer=BuyerFacts(member="C"), areas=areas)
    return [(one.payee, one.amount) for one in MODE.award(settings, line, sale)]


def test_a_district_shared_by_two() -> None:
    got = amounts(RegionalSettings(), area("district", 3_000_000, 7_000_000), area("city", 1), area("province", 1))
    assert got == [("district1", 90), ("district2", 210), ("city1", 200), ("province1", 100)]


def test_a_pot_of_one_yuan_among_three_equal_owners() -> None:
    assert amounts(RegionalSettings(), area("province", 5, 5, 5)) == [
        ("province1", 34),
        ("province2", 33),
        ("province3", 33),
    ]


def differential(**rates: int) -> RegionalSettings:
    return RegionalSettings.model_validate({"mode": "differential", "rate_ppm": rates})


def test_differential_of_one_two_three_percent() -> None:
    settings = differential(district=10_000, city=20_000, province=30_000)
    got = amounts(settings, area("district", 30, 70), area("city", 1), area("province", 1))
    assert got == [("district1", 30), ("district2", 70), ("city1", 100), ("province1", 100)]


def test_a_grade_without_holder_or_rate_does_not_count_as_filled() -> None:
    settings = differential(district=10_000, city=20_000, province=30_000)
    assert amounts(settings, area("district"), area("province", 1)) == [("province1", 300)]
    unpaid = differential(district=0, city=20_000, province=30_000)
    assert amounts(unpaid, area("district", 1), area("city", 1), area("province", 1)) == [
        ("city1", 200),
        ("province1", 100),
    ]


def test_a_lower_rate_above_a_higher_one_earns_nothing_in_differential() -> None:
    settings = differential(district=30_000, city=10_000, province=20_000)
    assert amounts(settings, area("district", 1), area("city", 1), area("province", 1)) == [("district1", 300)]


def test_six_grades_in_their_order() -> None:
    settings = RegionalSettings.model_validate({"rate_ppm": {grade.value: 10_000 for grade in Grade}})
    got = amounts(settings, *(area(grade.value, 1) for grade in reversed(Grade)))
    assert [name for name, _amount in got] == [f"{grade.value}1" for grade in Grade]


def test_the_unsold_part_stays_with_the_mall_or_goes_to_the_owners() -> None:
    part = area("district", 30, 20, unsold=50)
    assert amounts(RegionalSettings(), part) == [("district1", 90), ("district2", 60)]
    assert amounts(RegionalSettings(unsold_share="owners"), part) == [("district1", 180), ("district2", 120)]


def test_an_agent_earns_nothing_on_his_own_shop_and_the_others_no_more() -> None:
    own = LineFacts(line="1", level_amount=10000, seller=SellerFacts(member="district1"))
    assert amounts(RegionalSettings(), area("district", 30, 70), line=own) == [("district2", 210)]


@pytest.mark.parametrize(
    ("base", "kind", "amount"),
    [
        ("by_seller", SellerKind.SELF, 300),
        ("by_seller", SellerKind.COMMISSION, 300),
        ("by_seller", SellerKind.CONCESSION, 60),
        ("paid", SellerKind.CONCESSION, 300),
        ("concession", SellerKind.SELF, 0),
        ("profit", SellerKind.SELF, 120),
    ],
)
def test_base(base: str, kind: SellerKind, amount: int) -> None:
    line = LineFacts(line="1", level_amount=10000, supply_cost=6000, seller=SellerFacts(kind=kind, rate_ppm=200_000))
    got = amounts(RegionalSettings.model_validate({"base": base}), area("district", 1), line=line)
    assert sum(one for _name, one in got) == amount


@pytest.mark.parametrize(
    ("rate", "codes"), [(0, []), (9_999, ["district_rate_unusual"]), (10_000, []), (30_001, ["district_rate_unusual"])]
)
def test_an_unusual_district_is_a_caution(rate: int, codes: list[str]) -> None:
    settings = RegionalSettings.model_validate({"rate_ppm": {"district": rate}})
    assert [one.code for one in MODE.validate(settings, Channel())] == [*codes, "area_agencies"]


@pytest.mark.parametrize(
    "values",
    [{"rate_ppm": {"city": 100_001}}, {"rate_ppm": {"village": 1}}, {"holders_max": 201}, {"mode": "both"}],
)
def test_refused_settings(values: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        RegionalSettings.model_validate(values)


def test_more_than_ten_holders_are_a_caution() -> None:
    assert "many_holders" in [one.code for one in MODE.validate(RegionalSettings(holders_max=11), Channel())]


def test_explains_the_grade_and_the_part() -> None:
    sale = SaleFacts(buyer=BuyerFacts(member="C"), areas=(area("district", 30, 70),))
    first = MODE.award(RegionalSettings(), HUNDRED, sale)[0]
    said = MODE.explain(first, Told(order="M1", product="Tea", buyer="Li**"))
    assert (said.data["grade_word"], said.data["pot_amount"], said.data["full_amount"]) == ("district", 300, 90)


@hypothesis.settings(max_examples=cases(300), deadline=None)
@given(
    st.integers(0, 10**8),
    st.lists(st.integers(1, 10**9), min_size=1, max_size=12),
    st.integers(0, 10**9),
    st.booleans(),
)
def test_owners_and_the_unsold_part_make_up_the_pot(pot: int, weights: list[int], unsold: int, to_owners: bool) -> None:
    part = area("district", *weights, unsold=unsold)
    shares = held.split(pot, part, HUNDRED, unsold_to_owners=to_owners)
    given_out = sum(amount for _agent, amount in shares)
    if to_owners or not unsold:
        assert given_out == pot
    else:
        whole = sum(weights) + unsold
        assert abs(given_out * whole - pot * sum(weights)) < whole * (len(weights) + 1)
        assert given_out <= pot


@hypothesis.settings(max_examples=cases(200), deadline=None)
@given(
    st.integers(0, 10**8),
    st.fixed_dictionaries({grade.value: st.integers(0, 100_000) for grade in Grade}),
    st.sets(st.sampled_from(list(Grade))),
)
def test_differential_grades_telescope_to_the_highest_rate(base: int, rates: dict, filled: set[Grade]) -> None:
    settings = RegionalSettings.model_validate({"mode": "differential", "rate_ppm": rates})
    pots = rules.pots(settings, base, [area(grade.value, 1) for grade in filled])
    highest = max((rates[grade.value] for grade in filled), default=0)
    assert sum(amount for _area, _rate, amount in pots) == pct(base, highest)
