"""The money of link 2+1 (MODES 7): reserved at payment, payees found at completion, by the line's real state."""

import datetime as dt

import pytest

from saas.kernel.ids import new_ulid
from saas.ledger import selectors as book
from tenant_apps.members.models import Member
from tenant_apps.modes.contract import LineFacts
from tenant_apps.modes.models import SettingsVersion
from tenant_apps.settlement import services
from tenant_apps.settlement.models import Award, LineSettlement
from tenant_apps.settlement.rules import PaidLine, PaidOrder, wallet_of
from tests.factories import sales
from tests.factories.people import make_member

NOW = sales.NOW
PACK = 49_900


@pytest.fixture
def pins(grocery: object) -> dict[str, str]:
    found = {}
    for mode, values in (
        ("link21", {"enabled": True, "products": ["PACK"]}),
        ("distribution", {"rate_ppm": [50_000, 20_000]}),
    ):
        found[mode] = new_ulid()
        SettingsVersion.objects.create(
            ulid=found[mode], mode=mode, number=1, values=values, effective_from=NOW, author="system", reason="test",
            created_at=NOW,
        )  # fmt: skip
    return found


class Line:
    """People who buy packs one after another, each by somebody's link."""

    def __init__(self, pins: dict[str, str]) -> None:
        self.pins, self.people, self.orders, self.days = pins, dict[str, Member](), dict[str, PaidOrder](), 0

    def buys(self, name: str, by: str = "", cost: int = 15_000) -> PaidOrder:
        """A pack is paid: its awards are reserved for nobody yet."""
        sponsor = self.people.get(by)
        self.people.setdefault(name, make_member(name=name, referrer=sponsor, promoter=True))
        facts = LineFacts(line=new_ulid(), level_amount=PACK, list_amount=PACK, supply_cost=cost, product="PACK")
        lines = [PaidLine(facts=facts, title="Pack")]
        order = sales.paid_order(self.people[name], [sponsor] if sponsor else [], lines, pins=self.pins)
        services.award_order(order=order, now=NOW)
        self.orders[name] = order
        return order

    def completes(self, name: str) -> dict[str, int]:
        """The pack's after-sales window ends: what everybody got by it, in fen."""
        self.days += 1
        before = self.wallets()
        services.release_order(order=self.orders[name], now=NOW + dt.timedelta(days=self.days))
        after = self.wallets()
        return {one: after[one] - before[one] for one in after if after[one] != before[one]}

    def wallets(self) -> dict[str, int]:
        """What everybody has."""
        return {name: book.balance(wallet_of(member.ulid)) for name, member in self.people.items()}


def test_the_worked_example_in_money(pins: dict[str, str]) -> None:
    """(x) MODES 7, the 499 pack: direct 100, see 200."""
    line = Line(pins)
    joins = [("A", ""), ("B", "A"), ("C", "A"), ("B1", "B"), ("B2", "B"), ("B3", "B1"), ("B4", "B"), ("B5", "B3")]
    for name, by in joins:
        line.buys(name, by)
    got = {name: line.completes(name) for name, _ in joins}
    assert got == {
        "A": {},
        "B": {"A": 10_000},
        "C": {"A": 10_000},
        "B1": {"B": 10_000, "A": 20_000},
        "B2": {"B": 10_000, "A": 20_000},
        "B3": {"B1": 10_000, "A": 20_000},
        "B4": {"B": 30_000},
        "B5": {"B3": 10_000},
    }
    assert {award.mode for award in Award.objects.all()} == {"link21"}
    for row in LineSettlement.objects.all():
        assert row.cost_amount + row.awarded_amount + row.house_amount == PACK
        assert row.awarded_amount == sum(award.net_amount for award in row.awards.all())
    assert book.check_ledger() == []
    sales.posted()


def test_payees_follow_the_order_of_completion_not_of_payment(pins: dict[str, str]) -> None:
    line = Line(pins)
    for name, by in (("A", ""), ("B", "A"), ("C", "A"), ("D", "A")):
        line.buys(name, by)
    assert [line.completes(name) for name in ("A", "D", "C", "B")] == [
        {}, {"A": 10_000}, {"A": 10_000}, {"A": 30_000},
    ]  # fmt: skip


def test_nothing_is_paid_twice_and_a_refund_takes_back_exactly_what_was_paid(pins: dict[str, str]) -> None:
    line = Line(pins)
    for name, by in (("A", ""), ("B", "A"), ("C", "A"), ("D", "A")):
        order = line.buys(name, by)
        line.completes(name)
        services.release_order(order=order, now=NOW)
    assert line.wallets()["A"] == 50_000
    for value in (1, 24_949, 24_950):
        refund = sales.refund_of(order.lines[0], value)
        services.apply_refund(order=order, refund=refund, now=NOW)
        sales.return_money(refund)
    assert line.wallets()["A"] == 20_000
    assert book.uncleared() == []


def test_a_pack_that_is_cut_pays_direct_before_see(pins: dict[str, str]) -> None:
    line = Line(pins)
    for name, by in (("A", ""), ("B", "A"), ("C", "A")):
        line.buys(name, by)
        line.completes(name)
    line.buys("D", "A", cost=PACK - 12_000)
    assert line.completes("D") == {"A": 12_000}
    awards = Award.objects.filter(line__cost_amount=PACK - 12_000).order_by("position")
    assert [(one.kind, one.amount, one.full_amount) for one in awards] == [
        ("direct", 10_000, 10_000), ("see", 2_000, 20_000),
    ]  # fmt: skip


def with_a_part() -> str:
    """A version in which the boss above has 10 % of the see award."""
    return SettingsVersion.objects.create(
        ulid=new_ulid(), mode="link21", number=2, effective_from=NOW, author="system", reason="test", created_at=NOW,
        values={"enabled": True, "products": ["PACK"], "peer_ppm": 100_000},
    ).ulid  # fmt: skip


def test_a_part_of_the_see_award_goes_to_the_boss_whose_line_the_boss_came_from(pins: dict[str, str]) -> None:
    """B4 as in the worked example with 10 %: B 100 + 180, A 20; without a boss above, the part stays with the see award."""
    line = Line({**pins, "link21": with_a_part()})
    got = {}
    for name, by in (("A", ""), ("B", "A"), ("C", "A"), ("B1", "B"), ("B2", "B"), ("B4", "B"), ("B5", "B1")):
        order = line.buys(name, by)
        got[name] = line.completes(name)
        services.release_order(order=order, now=NOW)
    assert got == {
        "A": {}, "B": {"A": 10_000}, "C": {"A": 10_000}, "B1": {"B": 10_000, "A": 20_000}, "B2": {"B": 10_000, "A": 20_000},
        "B4": {"B": 28_000, "A": 2_000}, "B5": {"B1": 10_000, "A": 20_000},
    }  # fmt: skip
    order = line.orders["B4"]
    for value in (20_000, PACK - 20_000):
        refund = sales.refund_of(order.lines[0], value)
        services.apply_refund(order=order, refund=refund, now=NOW)
        sales.return_money(refund)
    assert {name: line.wallets()[name] for name in ("A", "B")} == {"A": 80_000, "B": 20_000}
    assert book.uncleared() == []
    sales.posted()


def test_a_cut_pack_pays_direct_then_see_then_the_part(pins: dict[str, str]) -> None:
    line = Line({**pins, "link21": with_a_part()})
    for name, by in (("A", ""), ("B", "A"), ("C", "A"), ("B1", "B"), ("B2", "B")):
        line.buys(name, by)
        line.completes(name)
    line.buys("B4", "B", cost=PACK - 29_000)
    assert line.completes("B4") == {"B": 28_000, "A": 1_000}
