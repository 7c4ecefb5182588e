"""Hundreds of random files: the production rules against a second computation from the paper's words."""

import json
from typing import Any

import hypothesis
from hypothesis import given
from hypothesis import strategies as st

from saas.runtime import scenario
from tests.cases import cases
from tests.saas.runtime import scenario_reference as reference

GRADES = ("custom", "street", "district", "city", "province", "region")
PPM = st.integers(0, 500_000)
BASES = st.sampled_from(["paid", "gross", "profit", "concession"])
RISING = st.lists(PPM, min_size=3, max_size=3).map(lambda rates: dict(zip("123", sorted(rates), strict=True)))


def grades(names: tuple[str, ...], most: int = 100_000) -> st.SearchStrategy[dict[str, int]]:
    return st.fixed_dictionaries({name: st.integers(0, most) for name in names})


SETTINGS = st.fixed_dictionaries(
    {
        "settlement": st.fixed_dictionaries(
            {"platform_min_ppm": st.just(0) | st.integers(0, 500_000), "payment_fee_ppm": st.integers(0, 20_000)}
        )
    },
    optional={
        "distribution": st.fixed_dictionaries(
            {
                "rate_ppm": st.lists(st.integers(0, 333_333), min_size=1, max_size=3),
                "base": BASES,
                "self_buy": st.booleans(),
            }
        ),
        "differential": st.fixed_dictionaries(
            {"rank_rate_ppm": RISING, "max_depth": st.integers(1, 3), "peer_ppm": PPM, "base": BASES}
        ),
        "regional": st.fixed_dictionaries(
            {"rate_ppm": grades(GRADES), "mode": st.sampled_from(["independent", "differential"])},
            optional={"base": BASES},
        ),
        "store_income": st.fixed_dictionaries(
            {"rate_ppm": st.just(0) | st.integers(30_000, 200_000), "pickup_fen": st.integers(0, 1_000)}
        ),
        "gift_pack": st.fixed_dictionaries(
            {
                "level_ppm": st.lists(PPM, min_size=1, max_size=2),
                "rank_rate_ppm": RISING,
                "area_ppm": grades(("district", "city", "province")),
                "payout_cap_ppm": st.integers(0, 700_000),
            }
        ),
        "subsidy": st.fixed_dictionaries({"pool_share_ppm": st.integers(0, 1_000_000)}),
    },
)


@st.composite
def files(draw: st.DrawFn) -> dict[str, Any]:
    """Any correct file, with every key given: up to five members in one tree, up to three lines, up to five refunds."""
    names = "ABCDE"[: draw(st.integers(1, 5))]
    stores = st.sampled_from([None, "S1", "S2"])
    members = {
        name: {
            "rank": draw(st.integers(0, 3)),
            "promoter": draw(st.booleans()),
            "referrer": draw(st.sampled_from([names[number - 1], None] if number else [None])),
            "store": draw(stores),
        }
        for number, name in enumerate(names)
    }
    holders = st.lists(st.sampled_from([*names, "d1", "d2", "d3"]), unique=True, max_size=4)
    areas = {
        grade: [{"agent": agent, "invested": draw(st.integers(1, 10**7))} for agent in draw(holders)]
        for grade in GRADES
        if draw(st.booleans())
    }
    lines = [draw(one_line(str(number), names)) for number in range(draw(st.integers(1, 3)))]
    return {
        "kind": "order",
        "members": members,
        "areas": areas,
        "settings": draw(SETTINGS),
        "order": {
            "buyer": names[-1],
            "area": {grade: grade for grade in GRADES if draw(st.booleans())},
            "pickup_store": draw(stores),
            "lines": lines,
        },
        "refunds": draw(refunds(lines)),
    }


@st.composite
def one_line(draw: st.DrawFn, name: str, names: str) -> dict[str, Any]:
    parts = {key: draw(st.just(0) | st.integers(0, 3_000)) for key in PARTS}
    cash = draw(st.integers(0, 300) | st.integers(0, 300_000))
    kind = draw(st.sampled_from(["self", "supplier", "commission", "concession"]))
    may_bear = kind in ("commission", "concession")
    return {
        "line": name,
        "zone": draw(st.sampled_from(["self_operated", "gift_pack"])),
        "gross": cash + sum(parts.values()),
        **parts,
        "supply_cost": draw(st.just(0) | st.integers(0, 300_000)),
        "freight": draw(st.integers(0, 2_000)),
        "seller": {
            "kind": kind,
            "min_fee_fen": draw(st.just(0) | st.integers(0, 10_000)) if kind == "commission" else 0,
            "payment_fee_bearer": draw(st.sampled_from(["platform", "seller"])) if may_bear else "platform",
            "rate_ppm": draw(st.integers(0, 300_000)),
            "supply_price": draw(st.integers(0, 50_000)),
            "qty": draw(st.integers(1, 4)),
            "member": draw(st.sampled_from([None, *names])),
            "store": draw(st.sampled_from([None, "S1", "S2"])),
        },
    }


PARTS = ("merchant_discount", "platform_discount", "coins", "voucher")


@st.composite
def refunds(draw: st.DrawFn, lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    left = {line["line"]: line["gross"] - sum(line[key] for key in PARTS) for line in lines}
    found = []
    for _number in range(draw(st.integers(0, 5))):
        name = draw(st.sampled_from(sorted(left)))
        amount = draw(st.just(left[name]) | st.integers(0, left[name]))
        left[name] -= amount
        found.append({"line": name, "amount": amount})
    return found


@hypothesis.settings(max_examples=cases(400), deadline=None)
@given(files())
def test_any_order(file: dict[str, Any]) -> None:
    got = scenario.run(json.dumps(file))
    assert got == reference.order(file)
    for line, answer in zip(file["order"]["lines"], got["lines"], strict=True):
        cost = line["supply_cost"] if line["seller"]["kind"] == "self" else 0
        freight = 0 if line["seller"]["kind"] == "self" else line["freight"]
        out = answer["seller"]["payable"] - freight + cost + answer["pool_inflow"] + answer["house"]
        assert answer["paid"] + line["voucher"] == out + sum(one["amount"] for one in answer["awards"])


@hypothesis.settings(max_examples=cases(200), deadline=None)
@given(st.lists(st.tuples(st.integers(0, 14), st.integers(0, 14)), max_size=40), st.integers(1, 3))
def test_any_line(pairs: list[tuple[int, int]], depth: int) -> None:
    joins: list[dict[str, str]] = []
    known: list[str] = []
    for member, sponsor in pairs:
        join = {"member": f"m{member}"}
        if known and sponsor:
            join["sponsor"] = known[sponsor % len(known)]
        if join["member"] not in known:
            known.append(join["member"])
        joins.append(join)
    settings = {"direct_fen": 10_000, "see_fen": 20_000, "need_directs": 2, "max_depth": depth}
    file = {"kind": "link21", "settings": settings, "joins": joins}
    assert scenario.run(json.dumps(file)) == reference.link21(file)
