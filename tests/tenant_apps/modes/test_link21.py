"""MODES 7 to the fen: the line, its awards, its invariants."""

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from tenant_apps.modes import line_awards
from tenant_apps.modes.contract import BuyerFacts, Channel, LineFacts, Refusal, SaleFacts, Told
from tenant_apps.modes.link21 import rules
from tenant_apps.modes.link21.mode import Link21
from tenant_apps.modes.link21.rules import Due, Person, Role
from tenant_apps.modes.link21.settings import Link21Settings
from tenant_apps.modes.registry import MODES
from tests.cases import cases

MODE = Link21()
ON = Link21Settings(enabled=True, products=("entry",))
ELSEWHERE = Channel(wechat=False, third_level_approved=True)
ENTRY = LineFacts(line="1", level_amount=49900, product="entry")


class Line:
    """A line that grows join by join."""

    def __init__(self, settings: Link21Settings = ON) -> None:
        self.settings, self.people = settings, dict[str, Person]()

    def join(self, member: str, sponsor: str = "", **more: object) -> list[tuple[str, str, int]]:
        joined = rules.join(self.settings, self.people, member, sponsor, **more)  # type: ignore[arg-type]
        self.people |= {one.member: one for one in joined.changed}
        return [(due.payee, due.kind, due.amount) for due in joined.dues]

    def joins(self, *pairs: str) -> list[list[tuple[str, str, int]]]:
        return [self.join(*pair.split("<")) for pair in pairs]


def test_the_worked_line() -> None:
    line = Line()
    assert line.joins("A", "B<A", "C<A") == [[], [("A", "direct", 10000)], [("A", "direct", 10000)]]
    assert line.people["A"].role is Role.BOSS
    pack = [("B", "direct", 10000), ("A", "see", 20000)]
    assert line.joins("B1<B", "B2<B") == [pack, pack]
    assert line.people["B"].role is Role.BOSS
    assert (line.people["B1"].anchor, line.people["B2"].anchor) == ("A", "A")
    assert line.join("B3", "B1") == [("B1", "direct", 10000), ("A", "see", 20000)]
    assert line.join("B4", "B") == [("B", "direct", 10000), ("B", "see", 20000)]
    assert line.people["B4"].anchor == "B"
    assert line.join("B5", "B3") == [("B3", "direct", 10000)]  # A would be four steps away


def test_an_anchor_stays_when_its_member_becomes_boss() -> None:
    line = Line()
    line.joins("A", "B<A", "C<A", "B1<B", "B2<B", "B11<B1", "B12<B1")
    assert line.people["B1"].role is Role.BOSS
    assert line.people["B1"].anchor == "A"
    assert (line.people["B11"].anchor, line.people["B12"].anchor) == ("A", "A")


def test_somebody_who_has_joined_pays_the_awards_again_and_changes_nothing() -> None:
    line = Line()
    line.joins("A", "B<A", "C<A", "B1<B")
    before = dict(line.people)
    assert line.join("B1", "C") == line.join("B1") == [("B", "direct", 10000), ("A", "see", 20000)]
    assert line.people == before
    assert rules.join(Link21Settings(enabled=True, repurchase_pays=False), before, "B1").dues == ()


def test_depth_is_counted_in_invitations() -> None:
    line = Line(Link21Settings(max_depth=2))
    line.joins("A", "B<A", "C<A", "B1<B")
    assert line.join("D", "B1") == [("B1", "direct", 10000)]
    assert Line(Link21Settings(max_depth=1)).joins("A", "B<A", "C<A", "D<A")[3] == [
        ("A", "direct", 10000),
        ("A", "see", 20000),
    ]


def test_a_top_that_is_no_boss_sees_nothing() -> None:
    assert Line().joins("A", "B<A", "C<B")[2] == [("B", "direct", 10000)]


def test_a_sponsor_who_has_not_joined_is_refused() -> None:
    with pytest.raises(KeyError):
        Line().join("B", "A")


def test_a_boss_short_of_directs_keeps_his_role_and_earns_nothing_until_made_up() -> None:
    line = Line()
    line.joins("A", "B<A", "C<A")
    line.people |= {one.member: one for one in rules.returned(line.people, "C")}
    assert line.people["A"].role is Role.BOSS
    assert line.people["A"].is_flagged
    assert line.join("B1", "B") == [("B", "direct", 10000)]
    assert line.join("D", "A") == []  # he made it up with this one
    assert not line.people["A"].is_flagged
    assert line.join("E", "A") == [("A", "direct", 10000), ("A", "see", 20000)]


def test_those_who_may_not_earn_leave_their_part_with_the_mall() -> None:
    line = Line()
    line.joins("A", "B<A", "C<A")
    assert line.join("D", "B", barred={"B"}) == [("A", "see", 20000)]
    assert line.join("E", "B", barred={"A"}) == [("B", "direct", 10000)]


def test_a_peer_part_comes_out_of_the_see_award() -> None:
    line = Line(Link21Settings(peer_ppm=100_000))
    line.joins("A", "B<A", "C<A", "B1<B", "B2<B")
    assert line.join("B4", "B") == [("B", "direct", 10000), ("B", "see", 18000), ("A", "peer", 2000)]


def test_a_cut_reserve_pays_direct_first() -> None:
    dues = (Due("A", "see", 20000), Due("B", "direct", 10000))
    assert rules.within(dues, 15000) == (Due("B", "direct", 10000), Due("A", "see", 5000))
    assert rules.within(dues, 10000) == (Due("B", "direct", 10000),)
    assert rules.within(dues, 0) == ()


def test_a_paid_line_reserves_both_awards_for_each_piece_without_a_payee() -> None:
    two = LineFacts(line="1", level_amount=99800, product="entry", quantity=2)
    awards = MODE.award(ON, two, SaleFacts(buyer=BuyerFacts(member="C")))
    assert [(one.kind, one.payee, one.amount) for one in awards] == [("direct", "", 20000), ("see", "", 40000)]


def test_a_peer_part_is_reserved_apart() -> None:
    shared = Link21Settings(enabled=True, products=("entry",), peer_ppm=100_000)
    awards = MODE.award(shared, ENTRY, SaleFacts(buyer=BuyerFacts(member="C")))
    assert [(one.kind, one.amount) for one in awards] == [("direct", 10000), ("see", 18000), ("peer", 2000)]
    assert len({MODE.explain(one, Told(order="M1", product="Tea", buyer="Li**")).text for one in awards}) == 3


def test_only_listed_products_and_there_instead_of_distribution_and_differential() -> None:
    settings = {key: mode.settings() for key, mode in MODES.items()} | {"link21": ON}
    assert line_awards.modes_of_line(settings, ENTRY) == ["link21", "store_income", "regional"]
    assert "link21" not in line_awards.modes_of_line(settings, LineFacts(line="1", level_amount=1, product="other"))
    assert MODE.takes(ON, LineFacts(line="1", level_amount=1, sku="entry"))
    assert not MODE.takes(Link21Settings(products=("entry",)), ENTRY)


def test_flagged_and_never_on_wechat() -> None:
    assert MODE.validate(Link21Settings(), Channel()) == []
    assert [one.code for one in MODE.validate(ON, ELSEWHERE)] == ["three_statutory_features"]
    refusals = [one.code for one in MODE.validate(ON, Channel()) if isinstance(one, Refusal)]
    assert refusals == ["levels_on_wechat", "link21_on_wechat"]


@pytest.mark.parametrize(
    "values", [{"need_directs": 3}, {"need_directs": 1}, {"max_depth": 4}, {"peer_ppm": 200_001}, {"direct_fen": -1}]
)
def test_refused_settings(values: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Link21Settings.model_validate(values)


def test_each_kind_has_its_sentence() -> None:
    awards = MODE.award(ON, ENTRY, SaleFacts(buyer=BuyerFacts(member="C")))
    told = Told(order="M1", product="Tea", buyer="Li**")
    assert len({MODE.explain(one, told).text for one in awards}) == 2


@hypothesis.settings(max_examples=cases(200), deadline=None)
@given(st.lists(st.integers(0, 30), min_size=1, max_size=40), st.integers(1, 3), st.integers(0, 200_000))
def test_invariants_of_any_line(picks: list[int], depth: int, peer_ppm: int) -> None:
    line = Line(Link21Settings(max_depth=depth, peer_ppm=peer_ppm))
    for number, pick in enumerate(picks):
        sponsor = "" if pick == 0 or not number else f"m{pick % number}"
        before = dict(line.people)
        dues = line.join(f"m{number}", sponsor)
        assert sum(amount for _payee, _kind, amount in dues) <= 30_000
        above, name = [], sponsor
        while name:
            above.append(name)
            name = line.people[name].sponsor
        assert {payee for payee, _kind, _amount in dues} <= set(above[:depth])
        assert all(before[payee].role is Role.BOSS for payee, kind, _amount in dues if kind != "direct")
        for one in before.values():
            now = line.people[one.member]
            assert (now.anchor, now.sponsor) == (one.anchor, one.sponsor)
            assert now.directs >= one.directs
            assert now.role is one.role or now.role is Role.BOSS
        anchor = line.people[f"m{number}"].anchor
        if anchor:
            assert line.people[anchor].role is Role.BOSS or not line.people[anchor].anchor
