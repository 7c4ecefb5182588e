"""`mall scenario`: the worked orders to the fen, and files that cannot be run."""

import copy
import json
import subprocess
import sys

import pytest

from saas.runtime import scenario

ORDER = {
    "kind": "order",
    "members": {
        "A": {"rank": 3},
        "B": {"referrer": "A", "rank": 1, "promoter": True},
        "C": {"referrer": "B", "store": "S1"},
    },
    "areas": {"440115": [{"agent": "d1", "invested": 3000000}]},
    "settings": {"distribution": {"rate_ppm": [50000, 20000], "base": "paid", "self_buy": False}},
    "order": {
        "buyer": "C",
        "area": {"district": "440115", "city": "4401", "province": "44"},
        "pickup_store": None,
        "lines": [
            {
                "line": "1",
                "zone": "self_operated",
                "gross": 10000,
                "merchant_discount": 0,
                "platform_discount": 0,
                "coins": 0,
                "voucher": 0,
                "supply_cost": 4000,
                "freight": 0,
                "seller": {"kind": "self", "rate_ppm": 0, "supply_price": 0, "qty": 1},
            }
        ],
    },
    "refunds": [{"line": "1", "amount": 3333}],
}


def changed(path: str, value: object) -> str:
    """The file with one key set; `…!` removes it."""
    content = copy.deepcopy(ORDER)
    *way, last = path.split(".")
    place: object = content
    for part in way:
        place = place[int(part)] if isinstance(place, list) else place[part]  # type: ignore[index,call-overload]
    place[int(last) if isinstance(place, list) else last] = value  # type: ignore[index,call-overload]
    return json.dumps(content)


def test_the_worked_order() -> None:
    assert scenario.run(json.dumps(ORDER)) == {
        "lines": [
            {
                "line": "1",
                "paid": 10000,
                "funds": 6000,
                "pool_inflow": 0,
                "house": 5300,
                "seller": {"payable": 0, "fee": 0},
                "awards": [
                    {"mode": "distribution", "kind": "level1", "payee": "B", "amount": 500},
                    {"mode": "distribution", "kind": "level2", "payee": "A", "amount": 200},
                ],
            }
        ],
        "clawbacks": [
            {"line": "1", "payee": "B", "mode": "distribution", "kind": "level1", "amount": 167},
            {"line": "1", "payee": "A", "mode": "distribution", "kind": "level2", "amount": 67},
        ],
    }


def test_a_mode_that_is_not_named_is_off() -> None:
    answer = scenario.run(changed("settings", {}))
    assert (answer["lines"][0]["awards"], answer["clawbacks"]) == ([], [])


def test_everything_with_a_default_may_be_left_out() -> None:
    lines = [{"line": "1", "gross": 10000, "supply_cost": 4000}]
    text = changed("order", {"buyer": "C", "lines": lines})
    content = json.loads(text) | {"settings": {"distribution": {}}}
    assert scenario.run(json.dumps(content))["lines"][0]["house"] == 5300


@pytest.mark.parametrize(
    ("seller", "extra", "expected"),
    [
        (
            {"kind": "supplier", "supply_price": 4000, "qty": 2},
            {"freight": 600},
            ({"payable": 8600, "fee": 0}, 2000, 0),
        ),
        ({"kind": "commission", "rate_ppm": 200000}, {}, ({"payable": 8000, "fee": 2000}, 2000, 0)),
        (
            {"kind": "commission", "rate_ppm": 33333},
            {"gross": 10000, "platform_discount": 1, "freight": 600},
            ({"payable": 10267, "fee": 333}, 332, 0),
        ),
        (
            {"kind": "concession", "rate_ppm": 200000},
            {"gross": 10000, "voucher": 3000},
            ({"payable": 8000, "fee": 2000}, 1400, 840 + 600),
        ),
    ],
)
def test_other_sellers(seller: dict, extra: dict, expected: tuple) -> None:
    content = copy.deepcopy(ORDER)
    content["settings"]["subsidy"] = {}  # type: ignore[index]
    content["refunds"] = []
    content["order"]["lines"][0] |= {"seller": seller, **extra}  # type: ignore[index]
    line = scenario.run(json.dumps(content))["lines"][0]
    payable, funds, inflow = expected
    assert (line["seller"], line["funds"], line["pool_inflow"]) == (payable, funds, inflow)


def test_the_pot_cuts_what_a_drafted_plan_would_overpay() -> None:
    line = scenario.run(changed("order.lines.0.supply_cost", 9400))["lines"][0]
    assert [one["amount"] for one in line["awards"]] == [500, 100]
    assert line["house"] == 0


def test_three_levels_stand_for_a_channel_that_is_not_wechat() -> None:
    content = json.loads(changed("settings.distribution.rate_ppm", [50000, 20000, 10000]))
    content["members"] |= {"Z": {}, "A": {"promoter": False, "referrer": "Z"}}
    content["order"]["lines"][0] |= {"gross": 9999, "supply_cost": 0}
    awards = scenario.run(json.dumps(content))["lines"][0]["awards"]
    assert [(one["payee"], one["amount"]) for one in awards] == [("B", 499), ("Z", 99)]


@pytest.mark.parametrize(
    ("path", "value", "names"),
    [
        ("settings.distribution.rate_ppm", [1, 1, 1, 1], "settings.distribution.rate_ppm"),
        ("settings.distribution.rate_ppm", [500001], "settings.distribution.rate_ppm"),
        ("settings.distribution.rate_ppm", [], "settings.distribution.rate_ppm"),
        ("settings.distribution.rate_ppm", ["5"], "settings.distribution.rate_ppm"),
        ("settings.distribution.base", "headcount", "settings.distribution.base"),
        ("settings.distribution.self_buy", 1, "settings.distribution.self_buy"),
        ("settings.distribution.extra", 1, "settings.distribution.extra"),
        ("settings.link21", {}, "settings.link21"),
        ("settings.distribution", None, "settings.distribution"),
        ("settings.differential", {"include_buyer_rank": True}, "settings.differential.include_buyer_rank"),
        ("settings.differential", {"max_depth": 4}, "settings.differential.max_depth"),
        ("settings.differential", {"peer_ppm": 500001}, "settings.differential.peer_ppm"),
        ("settings.differential", {"rank_rate_ppm": {"1": 90000}}, "settings.differential.rank_rate_ppm"),
        ("settings.differential", {"rank_rate_ppm": {"v1": 1}}, "settings.differential.rank_rate_ppm.v1"),
        ("settings.differential", {"rank_rate_ppm": {"4": 1}}, "settings.differential.rank_rate_ppm.4"),
        ("settings.regional", {"rate_ppm": {"district": 100001}}, "settings.regional.rate_ppm.district"),
        ("settings.regional", {"rate_ppm": {"village": 1}}, "settings.regional.rate_ppm.village"),
        ("settings.regional", {"mode": "both"}, "settings.regional.mode"),
        ("settings.store_income", {"rate_ppm": 29999}, "settings.store_income"),
        ("settings.store_income", {"rate_ppm": 200001}, "settings.store_income.rate_ppm"),
        ("settings.store_income", {"pickup_ppm": 1}, "settings.store_income.pickup_ppm"),
        ("settings.gift_pack", {"payout_cap_ppm": 700001}, "settings.gift_pack.payout_cap_ppm"),
        ("settings.gift_pack", {"level_ppm": [1, 1, 1]}, "settings.gift_pack.level_ppm"),
        ("settings.gift_pack", {"area_ppm": {"street": 1}}, "settings.gift_pack.area_ppm.street"),
        ("settings.subsidy", {"terms": {}}, "settings.subsidy.terms"),
        ("members.A.rank", 4, "members.A.rank"),
        ("members.A.level", "gold", "members.A.level"),
        ("areas.440115", [{"agent": "d1", "invested": 1}, {"agent": "d1", "invested": 2}], "areas.440115.1.agent"),
        ("areas.440115", [{"agent": f"d{n}", "invested": 1} for n in range(201)], "areas.440115"),
        ("areas.440115", [{"agent": "d1", "invested": 0}, {"agent": "d2", "invested": 0}], "areas.440115"),
        ("areas.440115", [{"agent": "d1", "invested": -1}], "areas.440115.0.invested"),
        ("areas.440115", [{"agent": "d1"}], "areas.440115.0.invested"),
        ("order.area", {"county": "440115"}, "order.area.county"),
        ("order.lines.0.seller", {"kind": "commission", "rate_ppm": 300001}, "order.lines.0.seller.rate_ppm"),
        ("settings.settlement", {"platform_min_ppm": 500001}, "settings.settlement.platform_min_ppm"),
        ("kind", "pool", "kind"),
        ("kind", "orders", "kind"),
        ("kind", None, "kind"),
        ("order.buyer", "X", "order.buyer"),
        ("members.C.referrer", "X", "members.C.referrer"),
        ("members.A.referrer", "C", "members"),
        ("order.lines.0.gross", -1, "order.lines.0.gross"),
        ("order.lines.0.gross", 1.5, "order.lines.0.gross"),
        ("order.lines.0.gross", True, "order.lines.0.gross"),
        ("order.lines.0.coins", 10001, "order.lines.0.gross"),
        ("order.lines.0.seller.member", "X", "order.lines.0.seller.member"),
        ("refunds.0.amount", 10001, "refunds.0.amount"),
        ("refunds.0.line", "2", "refunds.0.line"),
    ],
)
def test_refuses_and_names_the_key(path: str, value: object, names: str) -> None:
    with pytest.raises(scenario.ScenarioRefused) as refused:
        scenario.run(changed(path, value))
    assert str(refused.value).startswith(names)


@pytest.mark.parametrize("text", ["", "[]", "{", '{"kind": "order", "kind": "order"}'])
def test_refuses_what_is_no_file(text: str) -> None:
    with pytest.raises(scenario.ScenarioRefused):
        scenario.run(text)


def test_command_answers_on_stdout_or_refuses_on_stderr() -> None:
    command = [sys.executable, "-m", "saas.runtime", "scenario", "-"]
    fine = subprocess.run(command, input=json.dumps(ORDER), capture_output=True, text=True)
    assert (fine.returncode, fine.stderr) == (0, "")
    assert json.loads(fine.stdout) == scenario.run(json.dumps(ORDER))
    bad = subprocess.run(command, input=changed("order.buyer", "X"), capture_output=True, text=True)
    assert (bad.returncode, bad.stdout, bad.stderr) == (2, "", "order.buyer: there is no member X\n")
