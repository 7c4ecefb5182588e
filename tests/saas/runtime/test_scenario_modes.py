"""`mall scenario` over all modes of an order: the paper's own sample, and what each of its sentences means."""

import copy
import json
from typing import Any

import pytest

from saas.runtime import scenario

SAMPLE = json.loads("""{
  "kind": "order",
  "members": {"A": {"rank": 3}, "B": {"referrer": "A", "rank": 1, "promoter": true}, "C": {"referrer": "B", "store": "S1"}},
  "areas": {"440115": [{"agent": "d1", "invested": 3000000}, {"agent": "d2", "invested": 7000000}], "4401": [{"agent": "c1", "invested": 1}]},
  "settings": {
    "distribution":  {"rate_ppm": [50000, 20000], "base": "paid", "self_buy": false},
    "differential":  {"rank_rate_ppm": {"1": 50000, "2": 80000, "3": 100000}, "max_depth": 3, "peer_ppm": 0},
    "regional":      {"rate_ppm": {"district": 30000, "city": 20000, "province": 10000}, "mode": "independent"},
    "store_income":  {"rate_ppm": 50000, "pickup_fen": 200},
    "gift_pack":     {"level_ppm": [100000, 50000], "rank_rate_ppm": {"1": 50000, "2": 80000, "3": 100000},
                      "area_ppm": {"district": 30000, "city": 20000, "province": 10000}, "payout_cap_ppm": 500000},
    "subsidy":       {"pool_share_ppm": 600000},
    "settlement":    {"platform_min_ppm": 0}
  },
  "order": {
    "buyer": "C", "area": {"district": "440115", "city": "4401", "province": "44"}, "pickup_store": null,
    "lines": [{"line": "1", "zone": "self_operated", "gross": 10000, "merchant_discount": 0, "platform_discount": 0,
               "coins": 0, "voucher": 0, "supply_cost": 4000, "freight": 0,
               "seller": {"kind": "self", "rate_ppm": 0, "supply_price": 0, "qty": 1}}]
  },
  "refunds": [{"line": "1", "amount": 3333}]
}""")

ANSWER = """{"lines": [{"line": "1", "paid": 10000, "funds": 6000, "pool_inflow": 0, "house": 3300, "seller": {"payable": 0, "fee": 0},
            "awards": [{"mode": "distribution", "kind": "level1", "payee": "B", "amount": 500},
                       {"mode": "distribution", "kind": "level2", "payee": "A", "amount": 200},
                       {"mode": "store_income", "kind": "store", "payee": "S1", "amount": 500},
                       {"mode": "differential", "kind": "V1", "payee": "B", "amount": 500},
                       {"mode": "differential", "kind": "V3", "payee": "A", "amount": 500},
                       {"mode": "regional", "kind": "district", "payee": "d1", "amount": 90},
                       {"mode": "regional", "kind": "district", "payee": "d2", "amount": 210},
                       {"mode": "regional", "kind": "city", "payee": "c1", "amount": 200}]}],
 "clawbacks": [{"line": "1", "payee": "B", "mode": "distribution", "kind": "level1", "amount": 167},
               {"line": "1", "payee": "A", "mode": "distribution", "kind": "level2", "amount": 67},
               {"line": "1", "payee": "S1", "mode": "store_income", "kind": "store", "amount": 167},
               {"line": "1", "payee": "B", "mode": "differential", "kind": "V1", "amount": 167},
               {"line": "1", "payee": "A", "mode": "differential", "kind": "V3", "amount": 167},
               {"line": "1", "payee": "d1", "mode": "regional", "kind": "district", "amount": 30},
               {"line": "1", "payee": "d2", "mode": "regional", "kind": "district", "amount": 70},
               {"line": "1", "payee": "c1", "mode": "regional", "kind": "city", "amount": 67}]}"""


def answer(**changes: Any) -> dict[str, Any]:
    """The sample with paths (`order__area__city`) set to other values, run."""
    content = copy.deepcopy(SAMPLE)
    for path, value in changes.items():
        *way, last = path.split("__")
        place = content
        for part in way:
            place = place[int(part)] if isinstance(place, list) else place.setdefault(part, {})
        place[int(last) if isinstance(place, list) else last] = value
    return scenario.run(json.dumps(content))


def awards(content: dict[str, Any], line: int = 0) -> list[tuple[str, str, int]]:
    return [(one["kind"], one["payee"], one["amount"]) for one in content["lines"][line]["awards"]]


ONE_LINE = SAMPLE["order"]["lines"][0]
SUM_OF_SAMPLE = 2700


def test_the_papers_sample_to_the_byte() -> None:
    assert json.dumps(scenario.run(json.dumps(SAMPLE))) == json.dumps(json.loads(ANSWER))


def test_a_buyer_without_store_or_areas_leaves_their_share_with_the_mall() -> None:
    got = answer(members__C={"referrer": "B"}, areas={}, refunds=[])
    assert [one[0] for one in awards(got)] == ["level1", "level2", "V1", "V3"]
    assert got["lines"][0]["house"] == 6000 - 500 - 200 - 500 - 500


def test_promoter_decides_at_the_levels_alone() -> None:
    got = answer(members__B={"referrer": "A", "rank": 1, "promoter": False}, areas={}, members__C={"referrer": "B"})
    assert awards(got) == [("level2", "A", 200), ("V1", "B", 500), ("V3", "A", 500)]


def test_peer_award_goes_once_to_the_first_of_exactly_that_rank_past_a_lower_one() -> None:
    chain = {"Z": {"rank": 2}, "A": {"rank": 1, "referrer": "Z"}, "B": {"rank": 2, "referrer": "A"}}
    got = answer(
        members={**chain, "C": {"referrer": "B"}},
        settings={"differential": {"peer_ppm": 100_000}},
    )
    assert awards(got) == [("V2", "B", 800), ("peer2", "Z", 80)]


def test_pickup_stands_on_the_first_line_alone_and_after_the_store() -> None:
    lines = [ONE_LINE | {"line": "a", "zone": "gift_pack"}, ONE_LINE | {"line": "b"}]
    got = answer(order__lines=lines, order__pickup_store="S2", refunds=[])
    assert [one[:2] for one in awards(got, 0)][-2:] == [("city", "c1"), ("pickup", "S2")]
    assert ("pickup", "S2", 200) not in awards(got, 1)
    got = answer(order__lines=lines[::-1], order__pickup_store="S1", refunds=[])
    assert awards(got, 0)[2:4] == [("store", "S1", 500), ("pickup", "S1", 200)]


def test_a_gift_pack_pays_its_own_awards_under_its_cap_and_the_pickup_outside_of_it() -> None:
    members = {"A": {"rank": 3}, "B": {"referrer": "A", "rank": 1}, "C": {"referrer": "B", "store": "S1", "rank": 3}}
    areas = {"440115": [{"agent": "d", "invested": 1}], "4401": [{"agent": "c", "invested": 1}]}
    areas["44"] = [{"agent": "p", "invested": 1}]
    pack = {"line": "1", "zone": "gift_pack", "gross": 99900}
    got = answer(members=members, areas=areas, order__lines=[pack], order__pickup_store="S2", refunds=[])
    assert awards(got) == [
        ("level1", "B", 9990),
        ("level2", "A", 4995),
        ("V1", "B", 4995),
        ("V3", "A", 4995),
        ("district", "d", 2997),
        ("city", "c", 1998),
        ("province", "p", 999),
        ("pickup", "S2", 200),
    ]
    got = answer(
        members=members,
        areas=areas,
        order__lines=[pack],
        order__pickup_store="S2",
        settings__gift_pack__payout_cap_ppm=200_000,
        refunds=[],
    )
    assert awards(got) == [
        ("level1", "B", 9990),
        ("level2", "A", 4995),
        ("V1", "B", 4995),
        ("pickup", "S2", 200),
    ]


def test_a_gift_pack_line_earns_nothing_else_where_gift_packs_are_off() -> None:
    settings = {key: value for key, value in SAMPLE["settings"].items() if key != "gift_pack"}
    got = answer(settings=settings, order__lines=[ONE_LINE | {"zone": "gift_pack"}], order__pickup_store="S1")
    assert awards(got) == [("pickup", "S1", 200)]


def test_a_municipality_has_no_city() -> None:
    got = answer(order__area={"district": "440115", "province": "44"})
    assert "city" not in [kind for kind, _payee, _amount in awards(got)]


def test_regional_differential_pays_what_a_rate_exceeds_the_highest_held_below() -> None:
    areas = {code: [{"agent": code, "invested": 1}] for code in ("440115", "4401", "44")}
    rates = {"district": 10_000, "city": 20_000, "province": 30_000}
    settings = {"regional": {"rate_ppm": rates, "mode": "differential"}}
    assert awards(answer(areas=areas, settings=settings)) == [
        ("district", "440115", 100),
        ("city", "4401", 100),
        ("province", "44", 100),
    ]
    del areas["4401"]
    assert awards(answer(areas=areas, settings=settings)) == [("district", "440115", 100), ("province", "44", 200)]


@pytest.mark.parametrize(
    ("base", "seller", "pot"),
    [
        (None, {"kind": "self"}, 300),
        (None, {"kind": "concession", "rate_ppm": 200_000}, 60),
        ("paid", {"kind": "concession", "rate_ppm": 200_000}, 300),
        ("profit", {"kind": "concession", "rate_ppm": 200_000}, 180),
        ("concession", {"kind": "self"}, 0),
    ],
)
def test_the_base_of_areas_follows_the_seller_unless_it_is_chosen(base: str | None, seller: dict, pot: int) -> None:
    chosen = {} if base is None else {"base": base}
    got = answer(
        areas={"440115": [{"agent": "d1", "invested": 5}]},
        settings={"regional": {"rate_ppm": {"district": 30_000}, **chosen}},
        order__lines=[ONE_LINE | {"seller": seller}],
        refunds=[],
    )
    assert sum(one[2] for one in awards(got)) == pot


def test_neither_the_sellers_person_nor_his_store_is_paid_on_his_own_line() -> None:
    seller = {"kind": "supplier", "supply_price": 4000, "member": "B", "store": "S1"}
    got = answer(order__lines=[ONE_LINE | {"seller": seller}], order__pickup_store="S1", refunds=[])
    assert awards(got) == [
        ("level2", "A", 200),
        ("V3", "A", 1000),
        ("district", "d1", 90),
        ("district", "d2", 210),
        ("city", "c1", 200),
    ]
    agent = {"kind": "supplier", "supply_price": 4000, "member": "d1"}
    assert ("district", "d2", 210) in awards(answer(order__lines=[ONE_LINE | {"seller": agent}]))
    assert "d1" not in [one[1] for one in awards(answer(order__lines=[ONE_LINE | {"seller": agent}]))]


def test_the_pool_and_what_the_mall_keeps_go_before_the_awards() -> None:
    seller = {"kind": "concession", "rate_ppm": 200_000}
    got = answer(order__lines=[ONE_LINE | {"seller": seller}], settings__settlement__platform_min_ppm=100_000)
    line = got["lines"][0]
    # funds 2000, pool 1200, kept 200: 600 are left for awards
    assert (line["funds"], line["pool_inflow"], line["house"]) == (2000, 1200, 200)
    assert awards(got) == [("level1", "B", 500), ("level2", "A", 100)]


def test_a_house_may_be_negative_and_then_nobody_earns() -> None:
    got = answer(order__lines=[ONE_LINE | {"supply_cost": 12_000}], refunds=[])
    assert (got["lines"][0]["funds"], got["lines"][0]["house"], awards(got)) == (0, -2000, [])


def test_concession_of_the_voucher_part_stays_in_the_house_without_a_subsidy() -> None:
    seller = {"kind": "concession", "rate_ppm": 200_000}
    line = ONE_LINE | {"voucher": 3000, "seller": seller}
    settings = {key: value for key, value in SAMPLE["settings"].items() if key == "settlement"}
    got = answer(order__lines=[line], settings=settings, refunds=[])["lines"][0]
    assert (got["pool_inflow"], got["seller"], got["house"]) == (0, {"payable": 8000, "fee": 2000}, 2000)


def test_refunds_in_three_parts_take_back_exactly_the_awards() -> None:
    got = answer(refunds=[{"line": "1", "amount": amount} for amount in (3333, 3333, 3334)])
    assert sum(one["amount"] for one in got["clawbacks"]) == SUM_OF_SAMPLE
    assert [one["amount"] for one in got["clawbacks"] if one["payee"] == "d1"] == [30, 30, 30]


def test_a_line_paid_by_voucher_alone_has_no_cash_to_refund() -> None:
    line = ONE_LINE | {"voucher": 10_000}
    got = answer(order__lines=[line], refunds=[])
    assert (got["lines"][0]["paid"], got["lines"][0]["funds"], awards(got)) == (0, 6000, [])
    with pytest.raises(scenario.ScenarioRefused, match=r"refunds\.0\.amount"):
        answer(order__lines=[line], refunds=[{"line": "1", "amount": 1}])


def test_a_warning_never_stops_a_file() -> None:
    got = answer(settings__regional__rate_ppm={"district": 90_000})
    assert sum(one[2] for one in awards(got) if one[0] == "district") == 900


def line21(*joins: str, **settings: int) -> dict[str, Any]:
    """Joins as `member<sponsor`."""
    parts = [dict(zip(("member", "sponsor"), join.split("<"), strict=False)) for join in joins]
    return scenario.run(json.dumps({"kind": "link21", "settings": settings, "joins": parts}))


def test_the_papers_line() -> None:
    assert line21("A", "B<A") == {
        "awards": [[], [{"payee": "A", "kind": "direct", "amount": 10000}]],
        "roles": {"A": "agent", "B": "agent"},
        "anchors": {"A": None, "B": "A"},
    }


def test_a_line_of_nine() -> None:
    got = line21("A", "B<A", "C<A", "B1<B", "B2<B", "B3<B1", "B4<B", "B5<B3")
    assert [[(one["payee"], one["kind"]) for one in pack] for pack in got["awards"]] == [
        [],
        [("A", "direct")],
        [("A", "direct")],
        [("B", "direct"), ("A", "see")],
        [("B", "direct"), ("A", "see")],
        [("B1", "direct"), ("A", "see")],
        [("B", "direct"), ("B", "see")],
        [("B3", "direct")],
    ]
    assert got["roles"] == {name: "boss" if name in ("A", "B") else "agent" for name in got["roles"]}
    assert got["anchors"] == {"A": None, "B": "A", "C": "A", "B1": "A", "B2": "A", "B3": "A", "B4": "B", "B5": "A"}


@pytest.mark.parametrize(
    ("content", "names"),
    [
        ({"joins": [{"member": "B", "sponsor": "A"}]}, "joins.0.sponsor"),
        ({"joins": [{"member": "A", "sponsor": "A"}]}, "joins.0.sponsor"),
        ({"joins": [], "settings": {"need_directs": 3}}, "settings.need_directs"),
        ({"joins": [], "settings": {"max_depth": 4}}, "settings.max_depth"),
        ({"joins": [], "settings": {"peer_ppm": 1}}, "settings.peer_ppm"),
        ({"joins": [{"member": ""}]}, "joins.0.member"),
        ({}, "joins"),
    ],
)
def test_refuses_a_line_and_names_the_key(content: dict, names: str) -> None:
    with pytest.raises(scenario.ScenarioRefused) as refused:
        scenario.run(json.dumps({"kind": "link21", **content}))
    assert str(refused.value).startswith(names)
