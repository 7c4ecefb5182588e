"""Settings as they hold together, and what becomes of one line under them: the pot, the awards, the cut, the shares.

Settlement's figures, the preview, the worst case and the backtest are all made here. Pure.
"""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from saas.kernel.money import pct
from tenant_apps.modes import line_awards, rules
from tenant_apps.modes.contract import Award, BuyerFacts, LineFacts, LineKind, OfferFacts, SaleFacts, SellerKind
from tenant_apps.modes.registry import MODES, PRICING
from tenant_apps.modes.settlement_terms.settings import SettlementSettings


@dataclass(frozen=True)
class Rulebook:
    """Settings of modes by mode: the whole mall's, and those of each zone that has any of its own."""

    terms: SettlementSettings
    mall: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    zones: Mapping[str, Mapping[str, Any]] = dataclasses.field(default_factory=dict)

    def of(self, zone: str) -> Mapping[str, Any]:
        """What holds in a zone: mode → settings."""
        return self.zones.get(zone, self.mall)


@dataclass(frozen=True)
class Outcome:
    """One line under a rulebook. `awards` pairs what each rule gives with what the pot leaves of it, both in fen."""

    line: LineFacts
    margin: rules.Margin
    pot: int
    shares: rules.Shares
    awards: tuple[tuple[Award, int], ...]

    @property
    def wanted(self) -> int:
        """What the rules give before the pot cuts."""
        return sum(award.amount for award, _kept in self.awards)

    @property
    def cut(self) -> int:
        """What the pot took off."""
        return self.wanted - self.shares.awards


def outcome_of_line(book: Rulebook, line: LineFacts, sale: SaleFacts) -> Outcome:
    """What a line pays to whom: the very functions that settlement calls, in its order (MODES 1)."""
    terms = line_awards.pot_terms(book.terms, book.of(line.zone))
    margin = rules.margin(line, terms)
    pot = rules.pot(margin, terms)
    full = line_awards.awards_of_line(book.of(line.zone), line, sale)
    kept = rules.cap_total(full, pot)  # first come first served: what is kept is a beginning of `full`
    pairs = tuple((award, one.amount if one else 0) for award, one in zip_longest(full, kept) if award)
    return Outcome(line, margin, pot, rules.shares(line, terms, rules.total(kept)), pairs)


def quoted_price(settings: Mapping[str, Any], line: LineFacts, buyer: BuyerFacts) -> int:
    """The price of one piece for a buyer, as `quoting` finds it. `line` is one piece at the zone's price."""
    pricing = [key for key in PRICING if key in settings]
    if not pricing:
        return line.level_amount
    offer = OfferFacts(
        sku=line.sku,
        list_price=line.level_amount,
        supply_cost=line.supply_cost,
        kind=line.kind,
        zone=line.zone,
        product=line.product,
        categories=line.categories,
        seller=line.seller,
    )
    quotes = [MODES[key].quote(settings[key], offer, buyer).unit_price for key in pricing]
    if line.kind is LineKind.MEMBERSHIP:
        return quotes[0]  # the fee of the settings is the price
    return min([line.level_amount, *quotes])


def at_price(piece: LineFacts, price: int, *, quantity: int = 1, discount: int = 0) -> LineFacts:
    """So many pieces at another price, less a discount of the mall's. What a take leaves its seller follows the price."""
    seller, level = piece.seller, price * quantity
    takes = seller.kind in (SellerKind.COMMISSION, SellerKind.CONCESSION)
    cash = level - discount
    return dataclasses.replace(
        piece,
        level_amount=level,
        list_amount=piece.list_amount * quantity,
        platform_discount=discount,
        supply_cost=cash - pct(cash, seller.rate_ppm) if takes else piece.supply_cost * quantity,
        quantity=quantity,
    )
