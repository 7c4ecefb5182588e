"""MODES 9b to the fen."""

import pytest
from pydantic import ValidationError

from tenant_apps.modes.contract import (
    BuyerFacts,
    Channel,
    LineFacts,
    LineKind,
    PayeeKind,
    SaleFacts,
    SellerFacts,
    Told,
)
from tenant_apps.modes.store_income.mode import StoreIncome
from tenant_apps.modes.store_income.settings import StoreIncomeSettings

MODE = StoreIncome()
TWO_HUNDRED = LineFacts(line="1", level_amount=20000)
PICKED_UP = SaleFacts(buyer=BuyerFacts(member="C", store="S1"), pickup_store="S2", pickup_line="1")


def amounts(settings: StoreIncomeSettings, line: LineFacts, sale: SaleFacts) -> list[tuple[str, str, int]]:
    return [(one.kind, one.payee, one.amount) for one in MODE.award(settings, line, sale)]


def test_two_hundred_yuan_picked_up_elsewhere() -> None:
    assert amounts(StoreIncomeSettings(), TWO_HUNDRED, PICKED_UP) == [("store", "S1", 1000), ("pickup", "S2", 200)]
    assert {one.payee_kind for one in MODE.award(StoreIncomeSettings(), TWO_HUNDRED, PICKED_UP)} == {PayeeKind.STORE}


def test_a_store_has_no_share_of_its_own_products() -> None:
    own = LineFacts(line="1", level_amount=20000, seller=SellerFacts(store="S1"))
    assert amounts(StoreIncomeSettings(), own, PICKED_UP) == [("pickup", "S2", 200)]
    handing = LineFacts(line="1", level_amount=20000, seller=SellerFacts(store="S2"))
    assert amounts(StoreIncomeSettings(), handing, PICKED_UP) == [("store", "S1", 1000)]


def test_an_uninvited_buyer_has_no_store() -> None:
    assert amounts(StoreIncomeSettings(), TWO_HUNDRED, SaleFacts(buyer=BuyerFacts(member="C"))) == []


def test_the_pickup_award_stands_on_the_first_line_of_goods_of_any_zone() -> None:
    assert amounts(StoreIncomeSettings(), LineFacts(line="2", level_amount=20000), PICKED_UP) == [("store", "S1", 1000)]
    pack = LineFacts(line="1", level_amount=20000, zone="gift_pack")
    assert amounts(StoreIncomeSettings(), pack, PICKED_UP) == [("pickup", "S2", 200)]
    assert not MODE.takes(StoreIncomeSettings(), LineFacts(line="1", level_amount=1, kind=LineKind.MEMBERSHIP))


def test_the_award_for_handing_over_may_be_a_percentage() -> None:
    assert amounts(StoreIncomeSettings(pickup_ppm=15_000), TWO_HUNDRED, PICKED_UP)[1] == ("pickup", "S2", 300)


def test_overrides() -> None:
    settings = StoreIncomeSettings(
        overrides=[
            {"scope": "product", "key": "p", "rate_ppm": [200_000]},
            {"scope": "sku", "key": "s", "rate_ppm": [0]},
        ]
    )
    sale = SaleFacts(buyer=BuyerFacts(member="C", store="S1"))
    assert amounts(settings, LineFacts(line="1", level_amount=10000, product="p"), sale) == [("store", "S1", 2000)]
    assert amounts(settings, LineFacts(line="1", level_amount=10000, product="p", sku="s"), sale) == []


@pytest.mark.parametrize(
    "values",
    [
        {"rate_ppm": 29_999},
        {"rate_ppm": 200_001},
        {"rate_ppm": -1},
        {"pickup_fen": -1},
        {"overrides": [{"scope": "sku", "key": "s", "rate_ppm": [29_999]}]},
        {"overrides": [{"scope": "sku", "key": "s", "rate_ppm": [30_000, 30_000]}]},
    ],
)
def test_refused_settings(values: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        StoreIncomeSettings.model_validate(values)


@pytest.mark.parametrize("rate", [0, 30_000, 200_000])
def test_the_ends_of_the_range_are_allowed(rate: int) -> None:
    assert MODE.validate(StoreIncomeSettings(rate_ppm=rate), Channel()) == []


def test_each_kind_has_its_sentence() -> None:
    told = Told(order="M1", product="Tea", buyer="Li**")
    fixed = [MODE.explain(one, told).text for one in MODE.award(StoreIncomeSettings(), TWO_HUNDRED, PICKED_UP)]
    parts = MODE.award(StoreIncomeSettings(pickup_ppm=10_000), TWO_HUNDRED, PICKED_UP)
    assert len({*fixed, MODE.explain(parts[1], told).text}) == 3
