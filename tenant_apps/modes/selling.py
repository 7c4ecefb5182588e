"""Who sells a line, as modes and orders need it: sellers' terms of this moment turned into the contract's facts."""

import dataclasses
import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from saas.kernel.money import pct
from tenant_apps.catalog.rules import STORE_CARDS, OfferFact, ProductKind
from tenant_apps.modes import rules as waterfall
from tenant_apps.modes.contract import SellerFacts, SellerKind
from tenant_apps.sellers import selectors as sellers
from tenant_apps.sellers.selectors import Terms

OWN = SellerFacts()
# Of few sellers: kept where they are something.
_OWN_TERMS = frozenset({"wants_ppm", "wants_coins", "added_ppm", "added_coins", "least_fee", "bears_payment_fee"})


def of_offers(offers: Iterable[OfferFact], *, now: dt.datetime) -> dict[str, SellerFacts]:
    """Seller facts by the offer's key (one statement, none where everything is the mall's own).

    An offer whose seller may not sell now, or is paid by a supply price that nobody entered, is absent.
    """
    wanted = list(offers)
    selling = (ProductKind.GOODS, ProductKind.DEPOSIT, *STORE_CARDS)
    terms = sellers.terms([offer.seller_ulid for offer in wanted if offer.kind in selling], now=now)
    found: dict[str, SellerFacts] = {}
    for offer in wanted:
        if offer.kind == ProductKind.DEPOSIT:
            if known := terms.get(offer.seller_ulid):  # whose it is, and who may pay it; no terms of a sale
                found[offer.key] = SellerFacts(id=known.ulid, member=known.owner)
            continue
        is_fee = offer.kind != ProductKind.GOODS and offer.kind not in STORE_CARDS
        is_own = not offer.seller_ulid or is_fee  # a fee is the mall's, whoever pays it
        facts = OWN if is_own else facts_of(terms.get(offer.seller_ulid), offer.supply_amount)
        if facts is not None:
            found[offer.key] = facts
    return found


def facts_of(terms: Terms | None, supply_amount: int | None) -> SellerFacts | None:
    """The facts of one offer of a seller, or None where it may not be sold."""
    if terms is None or not terms.sells:
        return None
    if SellerKind(terms.settlement) is SellerKind.SUPPLIER and supply_amount is None:
        return None
    return of_terms(terms, supply_amount or 0)


def of_terms(terms: Terms, supply_price: int) -> SellerFacts:
    """A seller's terms as facts of an offer with this supply price, whether he sells now or not."""
    kind = SellerKind(terms.settlement)
    return SellerFacts(
        kind=kind,
        rate_ppm=terms.rate_ppm,
        supply_price=supply_price if kind is SellerKind.SUPPLIER else 0,
        id=terms.ulid,
        member=terms.owner,
        store=terms.store,
        referrer=terms.referrer,
        vouchers=terms.vouchers,
        wants_ppm=terms.wants_ppm,
        wants_coins=terms.wants_coins,
        least_fee=terms.least_fee if kind is SellerKind.COMMISSION else 0,
        bears_payment_fee=terms.bears_payment_fee and kind is not SellerKind.SUPPLIER,
    )


def supply_cost(seller: SellerFacts, *, qty: int, supply_price: int, cash: int) -> int:
    """What the product costs the mall, for the base `profit` (MODES 1): where a take is kept, what the seller is paid
    out of the cash; else pieces times the supply price.
    """
    if seller.kind is SellerKind.COMMISSION:
        return cash - waterfall.take(seller, cash)
    if seller.kind is SellerKind.CONCESSION:
        return cash - pct(cash, seller.rate_ppm)
    return qty * supply_price


def to_json(seller: SellerFacts) -> dict[str, Any]:
    """The facts as an order line keeps them; own goods keep nothing."""
    if seller == OWN:
        return {}
    return {name: value for name, value in dataclasses.asdict(seller).items() if value or name not in _OWN_TERMS}


def from_json(stored: Mapping[str, Any]) -> SellerFacts:
    """The facts that `to_json` kept."""
    return SellerFacts(**{**stored, "kind": SellerKind(stored["kind"])}) if stored else OWN
