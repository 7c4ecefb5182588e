"""What pages say of shopping coins before anything is bought: how many goods give, how many may pay of them (MODES 11)."""

import datetime as dt
from dataclasses import dataclass

from saas.kernel.money import pct
from tenant_apps.catalog.rules import OfferFact
from tenant_apps.modes import quoting, selectors
from tenant_apps.modes.coins import mode as coins
from tenant_apps.modes.coins.rules import given
from tenant_apps.modes.contract import GIFT_PACK_ZONE, LineKind


@dataclass(frozen=True)
class CoinsShown:
    """Coins that an amount of goods gives, when all of it is paid in money; those that may pay of it, and their worth (fen)."""

    given: int = 0
    most: int = 0
    most_amount: int = 0

    def __add__(self, other: "CoinsShown") -> "CoinsShown":
        return CoinsShown(self.given + other.given, self.most + other.most, self.most_amount + other.most_amount)

    def __bool__(self) -> bool:
        return bool(self.given or self.most)


NONE = CoinsShown()


def coins_shown(offer: OfferFact, amount: int, *, earns: bool, now: dt.datetime) -> CoinsShown:
    """Of `amount` fen of an offer, under what held half a minute ago (no statement). Checkout counts itself.

    `earns`: whether its zone's goods earn anything; those that do not give no coins, and still take them.
    """
    pinned = quoting.shown_terms(now)
    here = selectors.of_zone(pinned, offer.zone).get("coins")
    if here is None:
        return NONE
    facts, terms = quoting.facts_of(offer), here.values
    gives = terms.enabled and facts.kind is LineKind.GOODS and facts.zone != GIFT_PACK_ZONE and earns
    rate = terms.given_of(sku=facts.sku, product=facts.product, seller=facts.seller.id, categories=facts.categories)
    worth = coins.coin_fen(pinned)
    most = pct(amount, coins.part_of(terms, facts)) // worth
    return CoinsShown(given(amount, rate) if gives else 0, most, most * worth)
