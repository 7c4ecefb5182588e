"""The payout ratio: every product at every level's price, everybody above of highest rank, named where it is too much."""

import time
from collections.abc import Iterator

import pytest
from django.utils import translation

from tenant_apps.modes import worst_case
from tenant_apps.modes.contract import Caution, LineFacts, Refusal, SellerFacts, SellerKind
from tenant_apps.modes.distribution.settings import DistributionSettings
from tenant_apps.modes.rulebook import Rulebook
from tenant_apps.modes.sentences import render_problem
from tenant_apps.modes.settlement_terms.settings import SettlementSettings
from tenant_apps.modes.worst_case import Combination, payouts, problems

TERMS = SettlementSettings()


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


def book(**values: object) -> Rulebook:
    return Rulebook(TERMS, {"distribution": DistributionSettings.model_validate(values)})


def tea(name: str = "Tea", *, price: int = 10_000, cost: int = 4_000, **more: object) -> Combination:
    return Combination(name, LineFacts(line=name, level_amount=price, supply_cost=cost, sku=name, **more))  # type: ignore[arg-type]


def test_above_all_that_is_left_is_refused_with_the_combination_named() -> None:
    found = payouts([tea("Rice", cost=1_000), tea()], book(rate_ppm=[400_000, 300_000]))
    assert [(one.title, one.funds, one.awarded, one.by_mode) for one in found] == [
        ("Tea", 6_000, 7_000, {"distribution": 7_000}),
        ("Rice", 9_000, 7_000, {"distribution": 7_000}),
    ]
    (problem,) = problems(found, TERMS)
    assert isinstance(problem, Refusal)
    assert problem.data["count"] == 1
    told = render_problem(problem)
    assert "“Tea”" in told
    assert "Distribution ¥70.00" in told
    assert "¥60.00" in told


def test_exactly_all_is_no_refusal_but_a_caution_and_up_to_the_line_there_is_none() -> None:
    whole = payouts([tea(cost=3_000)], book(rate_ppm=[400_000, 300_000]))
    assert [whole[0].ratio_ppm, type(problems(whole, TERMS)[0])] == [1_000_000, Caution]
    assert problems(payouts([tea(cost=0)], book(rate_ppm=[400_000, 300_000])), TERMS) == []
    assert problems([], TERMS) == []


def test_products_that_no_rule_tells_apart_are_computed_once() -> None:
    offers = [tea(f"Tea {number}", product=f"P{number}") for number in range(50)]
    assert [one.count for one in payouts(offers, book())] == [50]
    override = [{"scope": "product", "key": "P7", "rate_ppm": [400_000, 300_000]}]
    found = payouts(offers, book(overrides=override))
    assert [(one.title, one.count) for one in found] == [("Tea 7", 1), ("Tea 0", 49)]


def test_a_zone_is_tried_under_its_own_settings() -> None:
    whole = book(rate_ppm=[50_000])
    own = {"distribution": DistributionSettings(rate_ppm=(450_000, 300_000))}
    found = payouts([tea(), tea("Bulk", zone="wholesale")], Rulebook(TERMS, whole.mall, {"wholesale": own}))
    assert [(one.title, one.awarded) for one in found] == [("Bulk", 7_500), ("Tea", 500)]


def test_a_sellers_line_has_only_his_fee_to_award_from() -> None:
    seller = SellerFacts(kind=SellerKind.COMMISSION, rate_ppm=50_000, id="S1", store="S1", member="M1")
    found = payouts([tea(cost=0, seller=seller)], book(rate_ppm=[50_000, 20_000]))
    assert [(one.funds, one.awarded) for one in found] == [(500, 700)]
    assert problems(found, TERMS)[0].code == "payout_above_funds"


def test_ranks_are_computed_one_by_one_where_asked() -> None:
    found = payouts([tea()], book(), ranks=(0, 1, 2, 3))
    assert sorted((one.rank, one.awarded) for one in found) == [(0, 700), (1, 700), (2, 700), (3, 700)]
    assert worst_case.everybody(rank=2).buyer.chain[0].rank == 2


def test_ten_thousand_products_of_ten_thousand_prices_are_quick() -> None:
    offers = [tea(f"T{number}", price=10_000 + number, cost=4_000) for number in range(10_000)]
    started = time.process_time()
    assert len(payouts(offers, book())) == 10_000
    assert time.process_time() - started < 10  # the aim is 5 s for every mode and rank: `mall bench preview`
