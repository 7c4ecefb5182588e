"""Backtest (D13): draft settings over the mall's own paid orders, by the production rules, beside what was really awarded.

Both sides are as of payment: refunds come later on either. Prices are those that were paid, whatever the draft says.
"""

import dataclasses
import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from tenant_apps.members import selectors as members
from tenant_apps.modes import selectors as modes
from tenant_apps.modes.contract import AreaFacts, PayeeKind
from tenant_apps.modes.rulebook import Outcome, Rulebook, outcome_of_line
from tenant_apps.orders import selectors as orders
from tenant_apps.settlement.models import Award

WINDOW_DAYS = 90
ORDERS_MAX = 10_000
SHOWN = 20
_AREA_MODES = ("regional", "gift_pack")
_CHUNK = 500


@dataclass
class Sums:
    """Fen that were awarded, and that the draft would award."""

    real: int = 0
    drafted: int = 0

    @property
    def difference(self) -> int:
        """What the draft would pay more."""
        return self.drafted - self.real


@dataclass(frozen=True)
class LineResult:
    """A line that the draft's rules want more from than it leaves."""

    order: str
    number: str
    title: str
    paid: int
    pot: int
    wanted: int


@dataclass
class Backtest:
    """What the draft would have paid. `by_share` by mode and kind of payee; `is_whole`: no order was left out."""

    since: dt.datetime
    until: dt.datetime
    orders: int = 0
    lines: int = 0
    paid: int = 0
    funds: int = 0
    cut: int = 0
    is_whole: bool = True
    awards: Sums = field(default_factory=Sums)
    house: Sums = field(default_factory=Sums)
    by_share: dict[tuple[str, str], Sums] = field(default_factory=dict)
    by_payee: dict[tuple[str, str], Sums] = field(default_factory=dict)
    by_product: dict[str, Sums] = field(default_factory=dict)
    worst: list[LineResult] = field(default_factory=list)
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def shares(self) -> list[tuple[str, str, Sums]]:
        """By mode and kind of payee, the largest first."""
        found = [(mode, kind, sums) for (mode, kind), sums in self.by_share.items()]
        return sorted(found, key=lambda one: -max(one[2].real, one[2].drafted))

    @property
    def payees(self) -> list[tuple[str, str, Sums]]:
        """Whom the draft changes most."""
        found = [(kind, payee, sums) for (kind, payee), sums in self.by_payee.items() if payee and sums.difference]
        return sorted(found, key=lambda one: -abs(one[2].difference))[:SHOWN]

    @property
    def products(self) -> list[tuple[str, Sums]]:
        """What stays with the mall by product, the largest loss first."""
        return sorted(self.by_product.items(), key=lambda one: one[1].difference)[:SHOWN]


def backtest(
    *, drafted: Iterable[modes.Drafted], now: dt.datetime, days: int = WINDOW_DAYS, limit: int = ORDERS_MAX
) -> Backtest:
    """Drafts laid over the settings of today, over the last `days` of paid orders, newest first. Writes nothing."""
    book = modes.rulebook(at=now, drafted=drafted)
    found = Backtest(since=now - dt.timedelta(days=days), until=now)
    wants_areas = any(key in book.mall for key in _AREA_MODES)
    chunk: list[orders.PaidSale] = []
    areas: dict[tuple[str, dt.date], tuple[AreaFacts, ...]] = {}
    for one in orders.paid_sales(since=found.since, until=now, limit=limit + 1):
        if found.orders + len(chunk) == limit:
            found.is_whole = False
            break
        chunk.append(_with_areas(one, areas) if wants_areas else one)
        if len(chunk) == _CHUNK:
            _add(found, book, chunk)
            chunk = []
    _add(found, book, chunk)
    found.worst = sorted(found.worst, key=lambda line: line.pot - line.wanted)[:SHOWN]
    people = [payee for kind, payee, _sums in found.payees if kind == PayeeKind.MEMBER]
    found.names = members.names_by_ulid(people, masked=False)
    return found


def _with_areas(one: orders.PaidSale, known: dict[tuple[str, dt.date], tuple[AreaFacts, ...]]) -> orders.PaidSale:
    """Orders from before area agents were on did not keep who held their areas: read as of the day of payment."""
    if one.sale.facts.areas:
        return one
    key = (one.district_code, one.paid_at.date())
    if key not in known:
        known[key] = modes.areas_of_sale(pins={"regional": ""}, district_code=one.district_code, now=one.paid_at)
    facts = dataclasses.replace(one.sale.facts, areas=known[key])
    return dataclasses.replace(one, sale=dataclasses.replace(one.sale, facts=facts))


def _add(found: Backtest, book: Rulebook, chunk: list[orders.PaidSale]) -> None:
    real = _awarded(line.facts.line for one in chunk for line in one.sale.lines)
    for one in chunk:
        found.orders += 1
        for line in one.sale.lines:
            outcome = outcome_of_line(book, line.facts, one.sale.facts)
            _add_line(found, one.sale, line.title, outcome, real.get(line.facts.line, []))


def _add_line(
    found: Backtest, sale: orders.Sale, title: str, outcome: Outcome, awarded: list[tuple[str, str, str, int]]
) -> None:
    shares = outcome.shares
    really = sum(amount for _mode, _kind, _payee, amount in awarded)
    house = shares.house + shares.awards - really
    found.lines += 1
    found.paid += shares.cash + shares.voucher
    found.funds += outcome.margin.funds
    found.cut += outcome.cut
    found.awards.real += really
    found.awards.drafted += shares.awards
    found.house.real += house
    found.house.drafted += shares.house
    product = found.by_product.setdefault(title, Sums())
    product.real += house
    product.drafted += shares.house
    for mode, kind, payee, amount in awarded:
        found.by_share.setdefault((mode, kind), Sums()).real += amount
        found.by_payee.setdefault((kind, payee), Sums()).real += amount
    for award, kept in outcome.awards:
        if kept:
            found.by_share.setdefault((award.mode, award.payee_kind), Sums()).drafted += kept
            found.by_payee.setdefault((award.payee_kind, award.payee), Sums()).drafted += kept
    if outcome.cut:
        found.worst.append(
            LineResult(sale.ulid, sale.number, title, shares.cash + shares.voucher, outcome.pot, outcome.wanted)
        )


def _awarded(lines: Iterable[str]) -> dict[str, list[tuple[str, str, str, int]]]:
    """What was awarded at payment, by line: mode, kind of payee, payee, fen. One statement."""
    found: dict[str, list[tuple[str, str, str, int]]] = {}
    rows = Award.objects.filter(line__line_ulid__in=list(lines)).values_list(
        "line__line_ulid", "mode", "payee_kind", "payee_ulid", "amount"
    )
    for line, mode, kind, payee, amount in rows:
        found.setdefault(line, []).append((mode, kind, payee, amount))
    return found
