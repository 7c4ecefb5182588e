"""MODES 5 to the fen."""

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from saas.kernel.money import pct
from tenant_apps.modes import ranks
from tenant_apps.modes.contract import (
    Award,
    BaseMode,
    BuyerFacts,
    Caution,
    Channel,
    LineFacts,
    Refusal,
    SaleFacts,
    SellerFacts,
    Told,
    UplineFacts,
)
from tenant_apps.modes.differential import rules
from tenant_apps.modes.differential.mode import Differential
from tenant_apps.modes.differential.settings import DifferentialSettings
from tests.cases import cases

MODE = Differential()
HUNDRED = LineFacts(line="1", level_amount=10000)
PEER_10 = DifferentialSettings(peer_ppm=100_000)
ELSEWHERE = Channel(wechat=False, third_level_approved=True)


def above(*held: int) -> SaleFacts:
    """A buyer below people of these ranks, nearest first, named B, A, Z, Y."""
    chain = tuple(UplineFacts(name, rank=rank) for name, rank in zip("BAZY", held, strict=False))
    return SaleFacts(buyer=BuyerFacts(member="C", chain=chain))


def amounts(awards: object) -> list[tuple[str, str, int]]:
    return [(one.kind, one.payee, one.amount) for one in awards]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("held", "earned"),
    [
        ((1, 2, 3), [("V1", "B", 500), ("V2", "A", 300), ("V3", "Z", 200)]),
        ((2, 1, 3), [("V2", "B", 800), ("V3", "Z", 200)]),
        ((3, 2, 1), [("V3", "B", 1000)]),
        ((0, 0, 1), [("V1", "Z", 500)]),
        ((0, 0, 0, 3), []),  # a fourth person is out of reach
    ],
)
def test_ranks_earn_what_they_exceed(held: tuple[int, ...], earned: list[tuple[str, str, int]]) -> None:
    assert amounts(MODE.award(DifferentialSettings(), HUNDRED, above(*held))) == earned


@pytest.mark.parametrize(
    ("held", "earned"),
    [
        ((3, 3), [("V3", "B", 1000), ("peer3", "A", 100)]),
        ((3, 3, 3), [("V3", "B", 1000), ("peer3", "A", 100)]),  # once a line
        ((2, 1, 2), [("V2", "B", 800), ("peer2", "Z", 80)]),  # a lower rank between does not stop it
        ((2, 3, 2), [("V2", "B", 800), ("V3", "A", 200)]),  # exactly the last earner's rank
        ((1, 1, 2), [("V1", "B", 500), ("peer1", "A", 50), ("V2", "Z", 300)]),
        ((1, 2, 2), [("V1", "B", 500), ("V2", "A", 300), ("peer2", "Z", 30)]),
    ],
)
def test_peer_award(held: tuple[int, ...], earned: list[tuple[str, str, int]]) -> None:
    assert amounts(MODE.award(PEER_10, HUNDRED, above(*held))) == earned


def test_depth_ends_the_walk() -> None:
    assert amounts(MODE.award(DifferentialSettings(max_depth=2), HUNDRED, above(1, 0, 3))) == [("V1", "B", 500)]


def test_the_engine_stops_at_three_people_whatever_the_settings_hold() -> None:
    smuggled = DifferentialSettings.model_construct(**{**dict(DifferentialSettings()), "max_depth": 9})
    assert amounts(MODE.award(smuggled, HUNDRED, above(0, 0, 0, 3))) == []


def test_a_buyers_rank_covers_his_rate_if_the_mall_says_so() -> None:
    sale = SaleFacts(buyer=BuyerFacts(member="C", rank=2, chain=above(1, 3, 3).buyer.chain))
    assert amounts(MODE.award(DifferentialSettings(), HUNDRED, sale)) == [("V1", "B", 500), ("V3", "A", 500)]
    covering = DifferentialSettings(include_buyer_rank=True, peer_ppm=100_000)
    assert amounts(MODE.award(covering, HUNDRED, sale)) == [("V3", "A", 200), ("peer3", "Z", 20)]


def test_no_promoter_is_needed_but_an_open_account_and_anothers_shop() -> None:
    chain = (
        UplineFacts("B", promoter=False, rank=1),
        UplineFacts("A", open=False, rank=2),
        UplineFacts("Z", rank=3),
    )
    sale = SaleFacts(buyer=BuyerFacts(member="C", chain=chain))
    assert amounts(MODE.award(DifferentialSettings(), HUNDRED, sale)) == [("V1", "B", 500), ("V3", "Z", 500)]
    own = LineFacts(line="1", level_amount=10000, seller=SellerFacts(member="B"))
    assert amounts(MODE.award(DifferentialSettings(), own, sale)) == [("V3", "Z", 1000)]


def test_overrides_change_rates_or_switch_off() -> None:
    settings = DifferentialSettings(
        overrides=[
            {"scope": "category", "key": "fruit", "rate_ppm": [10_000, 20_000, 30_000]},
            {"scope": "product", "key": "p", "rate_ppm": [0]},
        ]
    )
    fruit = LineFacts(line="1", level_amount=10000, categories=("fruit",))
    assert amounts(MODE.award(settings, fruit, above(1, 3))) == [("V1", "B", 100), ("V3", "A", 200)]
    off = LineFacts(line="1", level_amount=10000, categories=("fruit",), product="p")
    assert not MODE.takes(settings, off)
    assert MODE.award(settings, off, above(3)) == ()
    assert not MODE.takes(DifferentialSettings(), LineFacts(line="1", level_amount=1, zone="gift_pack"))
    assert not MODE.takes(DifferentialSettings(enabled=False), HUNDRED)


@pytest.mark.parametrize(
    "values",
    [
        {"rank_rate_ppm": {"v1": 80_000, "v2": 50_000}},
        {"rank_rate_ppm": {"v3": 500_001}},
        {"rank_rate_ppm": {"v4": 1}},
        {"max_depth": 4},
        {"max_depth": 0},
        {"peer_ppm": 500_001},
        {"overrides": [{"scope": "sku", "key": "s", "rate_ppm": [3, 2, 1]}]},
        {"overrides": [{"scope": "sku", "key": "s", "rate_ppm": [1, 2]}]},
        {"upgrade_own_fen": {"v1": 2, "v2": 1}},
        {"upgrade_people": 3},
    ],
)
def test_refused_settings(values: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        DifferentialSettings.model_validate(values)


def test_no_setting_counts_heads() -> None:
    names = " ".join(DifferentialSettings.model_fields)
    assert not any(word in names for word in ("people", "count", "head", "member"))


def test_three_steps_are_refused_on_wechat_and_need_the_operators_approval() -> None:
    def refusals(channel: Channel, depth: int = 3) -> list[str]:
        found = MODE.validate(DifferentialSettings(max_depth=depth), channel)
        return [one.code for one in found if isinstance(one, Refusal)]

    assert refusals(Channel()) == ["levels_on_wechat"]
    assert refusals(Channel(wechat=False)) == ["third_level_needs_approval"]
    assert refusals(ELSEWHERE) == refusals(Channel(), 2) == []
    assert [one.code for one in MODE.validate(DifferentialSettings(), ELSEWHERE) if isinstance(one, Caution)] == [
        "team_pay"
    ]


@pytest.mark.parametrize(
    ("own", "direct", "rank"),
    [
        (99_999, 0, 0),
        (100_000, 0, 1),
        (100_000, 899_999, 1),
        (0, 1_000_000, 2),
        (1_000_000, 0, 2),
        (0, 4_999_999, 2),
        (1, 4_999_999, 3),
    ],
)
def test_turnover_reaches_a_rank(own: int, direct: int, rank: int) -> None:
    assert rules.reached_rank(DifferentialSettings(), own_amount=own, direct_amount=direct) == rank


def test_a_rank_is_kept_down_to_half_of_what_it_asks_for() -> None:
    settings = DifferentialSettings(downgrade="month_end")
    assert rules.keeps_rank(settings, 2, own_amount=0, direct_amount=500_000)
    assert not rules.keeps_rank(settings, 2, own_amount=0, direct_amount=499_999)
    assert rules.keeps_rank(settings, 1, own_amount=50_000, direct_amount=0)
    assert not rules.keeps_rank(settings, 1, own_amount=49_999, direct_amount=10**9)


def test_explains_a_rank_and_a_peer() -> None:
    told = Told(order="M1", product="Tea", buyer="Li**")
    first, second = MODE.award(DifferentialSettings(), HUNDRED, above(1, 3))
    assert MODE.explain(first, told).data["below_amount"] == 0
    assert MODE.explain(second, told).data["below_amount"] == 500
    _earner, peer = MODE.award(PEER_10, HUNDRED, above(3, 3))
    said = MODE.explain(peer, told)
    assert (said.data["rank"], said.data["base_amount"], said.data["rate_ppm"]) == ("V3", 1000, 100_000)


@hypothesis.settings(max_examples=cases(300), deadline=None)
@given(
    st.integers(0, 10**7),
    st.lists(st.integers(0, 500_000), min_size=3, max_size=3).map(sorted),
    st.lists(st.integers(0, 3), max_size=5),
    st.integers(1, 3),
    st.integers(0, 500_000),
)
def test_differentials_telescope_to_the_highest_rate_met(
    base: int, rates: list[int], held: list[int], depth: int, peer_ppm: int
) -> None:
    chain = [UplineFacts(str(number), rank=rank) for number, rank in enumerate(held)]
    earned = ranks.walk(chain, base=base, rates=rates, depth=depth, peer_ppm=peer_ppm)
    met = [rates[rank - 1] for rank in held[:depth] if rank]
    own = sum(one.amount for one in earned if one.kind.startswith("V"))
    peers = [one.amount for one in earned if one.kind.startswith("peer")]
    assert own == pct(base, max(met, default=0))
    assert len(peers) <= 1
    assert sum(peers) <= pct(own, peer_ppm)


def test_an_award_of_the_full_base() -> None:
    award = MODE.award(DifferentialSettings(base="gross"), HUNDRED, above(3))[0]
    assert award == Award(
        mode="differential",
        kind="V3",
        payee="B",
        base=BaseMode.GROSS,
        base_amount=10000,
        rate_ppm=100_000,
        amount=1000,
        full_amount=1000,
    )
