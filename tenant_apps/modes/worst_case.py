"""The payout ratio [拨比]: what the modes together could pay out of a sale at most (MODES 1). Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pydantic import BaseModel

from saas.kernel.money import PPM
from saas.kernel.quick import quick
from tenant_apps.modes import own_terms, rules
from tenant_apps.modes.contract import (
    TOP_RANK,
    AreaFacts,
    BuyerFacts,
    Caution,
    Grade,
    HolderFacts,
    LineFacts,
    Problem,
    Refusal,
    SaleFacts,
    SellerKind,
    UplineFacts,
)
from tenant_apps.modes.contract import noop as _
from tenant_apps.modes.line_awards import modes_of_line, pot_terms
from tenant_apps.modes.registry import MODES, RANKED
from tenant_apps.modes.rulebook import Rulebook, at_price, quoted_price
from tenant_apps.modes.settlement_terms.settings import SettlementSettings
from tenant_apps.modes.subsidy.concessions import agreed_line

LINE = "line"  # how the lines of `selectors.combinations` are called
LEVELS = ("ordinary", "partner")
LEVEL_WORDS = {"ordinary": _("ordinary price"), "partner": _("partner's price")}
_AREAS = tuple(AreaFacts(grade=grade, code=grade.value, holders=(HolderFacts(grade.value, 1),)) for grade in Grade)


def everybody(*, level: str = "ordinary", rank: int = TOP_RANK) -> SaleFacts:
    """A sale that everybody earns from who could: three promoters of `rank` above, every area held, a store that hands over."""
    chain = tuple(UplineFacts(name, rank=rank, partner=True) for name in ("first", "second", "third"))
    return SaleFacts(
        buyer=BuyerFacts(member="buyer", promoter=True, level=level, store="store", chain=chain),
        areas=_AREAS,
        pickup_store="pickup",
        pickup_line=LINE,
    )


@dataclass(frozen=True)
class Combination:
    """One piece of a product as it would be sold: no discount, at the zone's price."""

    title: str
    line: LineFacts


@quick
@dataclass(frozen=True)
class Payout:
    """What a combination could pay, uncut, against what it brings in (`funds`), in fen. `count` lines are alike.

    `by_mode` has the sum of each mode's awards in the order of the pot; the awards themselves are not kept.
    """

    title: str
    line: LineFacts
    level: str
    rank: int
    funds: int
    by_mode: Mapping[str, int]
    awarded: int
    count: int = 1

    @property
    def ratio_ppm(self) -> int:
        """Awards as a part of the funds; 200 % where there are no funds at all."""
        awarded = self.awarded
        return awarded * PPM // self.funds if self.funds else (2 * PPM if awarded else 0)

    @property
    def percent(self) -> int:
        """The ratio in whole percent, 100 at most: how long a bar is."""
        return min(100, self.ratio_ppm // 10_000)


def payouts(
    combinations: Iterable[Combination],
    book: Rulebook,
    *,
    ranks: Sequence[int] = (TOP_RANK,),
    levels: Sequence[str] = LEVELS,
) -> list[Payout]:
    """The payout of each combination at each level's price and rank of the people above, worst first.

    Products that no rule can tell apart are computed once.
    """
    found: list[Payout] = []
    for title, line, count in _distinct(combinations, book):
        found += _of_line(title, line, count, book, ranks, levels)
    return sorted(found, key=lambda payout: -payout.ratio_ppm)


def by_product(found: Sequence[Payout]) -> list[tuple[Payout, tuple[Payout, ...]]]:
    """Each product and price once, the dearest first, with its payout for every rank of the people above."""
    groups: dict[tuple[str, str, str], list[Payout]] = {}
    for one in found:
        groups.setdefault((one.title, one.line.sku, one.level), []).append(one)
    return [(group[0], tuple(sorted(group, key=lambda one: one.rank))) for group in groups.values()]


def problems(found: Sequence[Payout], terms: SettlementSettings) -> list[Problem]:
    """Above 100 % of what a sale brings in: refused, the dearest combination named. Above the warning line: a caution."""
    if not found or found[0].ratio_ppm <= min(PPM, terms.payout_warn_ppm):
        return []
    worst = found[0]
    data: Mapping[str, Any] = {
        "product": worst.title,
        "level_word": LEVEL_WORDS.get(worst.level, worst.level),
        "price_amount": worst.line.level_amount,
        "awarded_amount": worst.awarded,
        "funds_amount": worst.funds,
        "ratio_ppm": worst.ratio_ppm,
        "parts_sum": tuple((MODES[mode].label, amount) for mode, amount in worst.by_mode.items()),
        "count": sum(one.count for one in _dearest(found) if one.ratio_ppm > PPM),
    }
    if worst.ratio_ppm > PPM:
        return [
            Refusal(
                code="payout_above_funds",
                message=_(
                    "One piece of “{product}” at the {level_word} of {price_amount} leaves the mall {funds_amount}, but its awards could come to {awarded_amount}: {parts_sum}. Awards never exceed what a sale leaves ({count} SKUs in all; rule 7)."
                ),
                data=data,
            )
        ]
    return [
        Caution(
            code="payout_high",
            message=_(
                "One piece of “{product}” at the {level_word} of {price_amount} leaves the mall {funds_amount}, and its awards could take {awarded_amount} of it ({ratio_ppm}): {parts_sum}."
            ),
            data=data,
        )
    ]


def _dearest(found: Sequence[Payout]) -> list[Payout]:
    """Of each product its dearest combination: `found` is sorted."""
    seen: dict[tuple[str, str], Payout] = {}
    for one in found:
        seen.setdefault((one.line.sku, one.title), one)
    return list(seen.values())


def _of_line(
    title: str, line: LineFacts, count: int, book: Rulebook, ranks: Sequence[int], levels: Sequence[str]
) -> Iterator[Payout]:
    settings, prices = book.of(line.zone), set()
    terms = pot_terms(book.terms, settings)
    for level in levels:
        price = quoted_price(settings, line, _SALES[level, TOP_RANK].buyer)
        if price in prices:
            continue
        prices.add(price)
        sold = line if price == line.level_amount else at_price(line, price)
        sold = own_terms.agreed_line(settings, agreed_line(settings.get("subsidy"), sold))
        margin = rules.margin(sold, terms)
        funds = max(0, margin.funds - margin.pool_from_funds)  # the subsidy's pool comes first (MODES 2.12)
        working = asked = [(key, MODES[key].award, settings[key]) for key in modes_of_line(settings, sold)]
        sums = {key: 0 for key, _award, _settings in working}
        for rank in ranks:
            sale = _SALES[level, rank]
            if line.line != LINE:
                sale = replace(sale, pickup_line=line.line)
            for key, award, terms_of_mode in asked:
                sums[key] = rules.total(award(terms_of_mode, sold, sale))
            if asked is working:
                asked = [one for one in working if one[0] in RANKED]
            paying = {key: amount for key, amount in sums.items() if amount}
            yield Payout(title, sold, level, rank, funds, paying, sum(paying.values()), count)


def _distinct(combinations: Iterable[Combination], book: Rulebook) -> list[tuple[str, LineFacts, int]]:
    """Lines that some rule may tell apart, each with how many there are of its kind."""
    named: dict[str, frozenset[str]] = {}
    found: dict[tuple[Any, ...], tuple[Combination, list[None]]] = {}
    for one in combinations:
        zone = one.line.zone
        if zone not in named:
            named[zone] = frozenset(name for settings in book.of(zone).values() for name in _strings(settings))
        found.setdefault(_shape(one.line, named[zone]), (one, []))[1].append(None)
    return [(one.title, _with_referrer(one.line), len(alike)) for one, alike in found.values()]


def _shape(line: LineFacts, named: frozenset[str]) -> tuple[Any, ...]:
    """What rules can tell a line by: its amounts and kinds, and of its names those that some setting mentions."""
    seller = line.seller
    return (
        line.level_amount,
        line.supply_cost,
        line.list_amount,
        line.zone,
        line.kind,
        line.quantity,
        line.merchant_discount + line.platform_discount + line.coin_amount + line.voucher_amount,
        line.sku if line.sku in named else "",
        line.product if line.product in named else "",
        tuple([slug for slug in line.categories if slug in named]),
        seller.kind,
        seller.rate_ppm,
        (seller.wants_ppm, seller.wants_coins),
        seller.supply_price,
        seller.id if seller.id in named else bool(seller.id),
        bool(seller.store),
    )


def _with_referrer(line: LineFacts) -> LineFacts:
    """The line as if somebody had brought its seller in: that may be so any day."""
    if line.seller.kind is SellerKind.SELF or line.seller.referrer:
        return line
    return replace(line, seller=replace(line.seller, referrer="referrer"))


def _strings(value: Any) -> Iterator[str]:
    """Every text inside a settings model: what a rule can look a product, category or seller up by."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _strings(getattr(value, name))
    elif isinstance(value, Mapping):
        for key, one in value.items():
            yield from _strings(key)
            yield from _strings(one)
    elif isinstance(value, list | tuple | set | frozenset):
        for one in value:
            yield from _strings(one)


_SALES = {(level, rank): everybody(level=level, rank=rank) for level in LEVELS for rank in range(TOP_RANK + 1)}
