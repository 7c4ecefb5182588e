"""`mall scenario` for pools and projections (SCENARIOS 2, 3): the samples to the fen, and files that cannot be run."""

import json
from typing import Any

import pytest

from saas.runtime import scenario

TERMS = {
    "periods_max": 40,
    "first_ppm": 5000,
    "growth_cap_ppm": 150000,
    "buyer_multiple_ppm": 5000000,
    "merchant_multiple_ppm": 1000000,
    "buyer_point_ppm": 1000000,
    "merchant_point_ppm": 1000000,
    "pool_share_ppm": 600000,
    "reserve_periods": 40,
    "raise_budget_ppm": 1000000,
}
ORDER = {"order": "a", "cash": 100000, "concession_ppm": 200000}


def subsidy(*events: dict[str, Any], **terms: int) -> dict[str, Any]:
    return scenario.run(json.dumps({"kind": "subsidy", "terms": {**TERMS, **terms}, "events": events}))


def test_the_sample_of_the_paper() -> None:
    assert subsidy(ORDER, {"tick": {}}, {"tick": {"growth_ppm": 300000}}, {"refund": "a"}) == {
        "ticks": [
            {"state": "served", "target": 0, "growth": 0, "paid": 200, "fund": 11800},
            {"state": "served", "target": 150000, "growth": 150000, "paid": 230, "fund": 11570},
        ],
        "lots": [
            {"order": "a", "side": "buyer", "points": 20000, "entitled": 0, "periods": 2, "status": "void"},
            {"order": "a", "side": "merchant", "points": 20000, "entitled": 0, "periods": 2, "status": "void"},
        ],
        "fund": 0,
        "platform_covered": 0,
        "refunds": [{"order": "a", "returned": 430, "reversed": 12000, "platform": 0}],
    }


def test_growth_is_measured_on_cash_since_the_last_served_period() -> None:
    found = subsidy(ORDER, {"tick": {}}, {"order": "b", "cash": 108000}, {"tick": {}}, {"tick": {}})
    assert [tick["target"] for tick in found["ticks"]] == [0, 80000, 0]
    assert [tick["paid"] for tick in found["ticks"]] == [200, 432, 432]


def test_a_held_period_goes_on_counting_and_an_empty_one_does_not() -> None:
    short = {"pool_share_ppm": 400000, "reserve_periods": 0}
    rises = [{"tick": {"growth_ppm": 150000}}] * 14
    held = subsidy(ORDER, *rises, {"tick": {}}, {"order": "b", "cash": 0}, {"tick": {}}, **short)
    assert [tick["state"] for tick in held["ticks"]][-2:] == ["held", "held"]
    empty = subsidy({"tick": {}}, ORDER, {"tick": {}})
    assert [(tick["state"], tick["target"]) for tick in empty["ticks"]] == [("empty", 0), ("served", 0)]


def test_the_mall_covers_what_the_pool_may_not_give_back() -> None:
    credit = {"pool_share_ppm": 400000, "reserve_periods": 0}
    rises = [{"tick": {"growth_ppm": 150000}}] * 10
    found = subsidy(ORDER, {**ORDER, "order": "b"}, *rises, {"refund": "a"}, **credit)
    (refund,) = found["refunds"]
    assert refund["reversed"] + refund["platform"] == 8000
    assert refund["platform"] == found["platform_covered"]


def test_a_projection_is_one_order_and_one_tick_a_period() -> None:
    draft = {"first": 100000, "periods": 3, "growth_ppm": [[2, 150000]]}
    found = scenario.run(json.dumps({"kind": "projection", "terms": {}, "concession_ppm": 200000, "turnover": draft}))
    assert [one["turnover"] for one in found["periods"]] == [100000, 115000, 132250]
    assert found["periods"][0] == {
        "turnover": 100000,
        "inflow": 12000,
        "paid": 200,
        "payout_ppm": 2000,
        "fund": 11800,
        "commitment": 7800,
        "coverage_ppm": 1512820,
        "cohorts": 2,
        "issued_total": 200,
    }
    assert [tick["state"] for tick in found["ticks"]] == ["served"] * 3
    assert found["ticks"][1] == {"state": "served", "target": 150000, "growth": 150000, "paid": 460, "fund": 25140}
    assert found["summary"] == {
        "out_multiple_ppm": 0,
        "out_period_ppm": 0,
        "waiting_ppm": 1000000,
        "mean_multiple_ppm": 10453,  # (347 + 247 + 132) of 69 450
        "best_multiple_ppm": 17362,
        "last_multiple_ppm": 5000,
        "holds": 0,
    }


def test_a_projection_is_the_pool_of_a_scenario() -> None:
    """The same draft as events: the same ticks (MODES 2.9: it is the production step)."""
    drafted = scenario.run(
        json.dumps(
            {
                "kind": "projection",
                "turnover": {"first": 99999, "periods": 60, "growth_ppm": [[30, 90000], [29, -50000]]},
            }
        )
    )
    events: list[dict[str, Any]] = []
    for number, one in enumerate(drafted["periods"]):
        events += [{"order": str(number), "cash": one["turnover"]}, {"tick": {}}]
    assert subsidy(*events)["ticks"] == drafted["ticks"]


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ({"kind": "subsidy", "terms": {"periods_max": 41}, "events": []}, "terms.periods_max"),
        ({"kind": "subsidy", "terms": {"first_ppm": 0}, "events": []}, "terms.first_ppm"),
        ({"kind": "subsidy", "terms": {"buyer_multiple_ppm": 5000001}, "events": []}, "terms.buyer_multiple_ppm"),
        ({"kind": "subsidy", "terms": {"pool_share_ppm": 399999}, "events": []}, "self-funding"),
        ({"kind": "subsidy", "terms": {"growth": 1}, "events": []}, "terms.growth"),
        ({"kind": "subsidy", "terms": {"reserve_periods": 41}, "events": []}, "terms.reserve_periods"),
        ({"kind": "subsidy", "events": [{"refund": "a"}]}, "events.0.refund"),
        ({"kind": "subsidy", "events": [ORDER, ORDER]}, "events.1.order"),
        ({"kind": "subsidy", "events": [ORDER, {"refund": "a"}, {"refund": "a"}]}, "events.2.refund"),
        ({"kind": "subsidy", "events": [{**ORDER, "tick": {}}]}, "events.0"),
        ({"kind": "subsidy", "events": [{"order": "a"}]}, "events.0"),
        ({"kind": "subsidy", "events": [{**ORDER, "concession_ppm": 200001}]}, "events.0.concession_ppm"),
        ({"kind": "subsidy", "events": [{**ORDER, "cash": 1.5}]}, "events.0.cash"),
        ({"kind": "projection", "turnover": {"first": 1, "periods": 3, "growth_ppm": [[1, 0]]}}, "turnover.growth_ppm"),
        ({"kind": "projection", "turnover": {"first": -1, "periods": 1}}, "turnover.first"),
        ({"kind": "projection", "terms": {}}, "turnover"),
    ],
)
def test_a_file_that_cannot_be_run_names_the_key(content: dict[str, Any], named: str) -> None:
    with pytest.raises(scenario.ScenarioRefused, match=named.replace(".", r"\.")):
        scenario.run(json.dumps(content))
