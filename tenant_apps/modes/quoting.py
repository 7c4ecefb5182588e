"""What an offer costs whom: one door for lists, product pages, cart, checkout and API (FEATURES G3, M3).

A price comes from `quote` of the modes that price (registry.PRICING) under the settings in force; nobody else decides one.
"""

import dataclasses
import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.core.cache import cache
from django.db import transaction

from tenant_apps.catalog.rules import SELF_OPERATED, OfferFact, tier_price
from tenant_apps.catalog.selectors import Card
from tenant_apps.members.models import Member
from tenant_apps.members.rules import LEVEL_ORDINARY, LEVEL_PARTNER
from tenant_apps.members.selectors import Ancestor
from tenant_apps.modes import selectors
from tenant_apps.modes.contract import BuyerFacts, LineKind, OfferFacts, SellerFacts, UplineFacts
from tenant_apps.modes.registry import MODES, PRICING
from tenant_apps.modes.selectors import Pinned

NOBODY = selectors.NOBODY
PARTNER = BuyerFacts(member="", level=LEVEL_PARTNER)
CACHE_KEY = "modes.pricing"  # the cache adds the mall (settings.CACHES key function)
_CACHE_SECONDS = 30


@dataclass(frozen=True)
class OfferQuote:
    """Fen a piece: the zone's price, what this buyer pays, and what a partner pays (equal where it brings nothing)."""

    list_amount: int
    unit_amount: int
    partner_amount: int

    @property
    def saving_amount(self) -> int:
        """What a membership would save this buyer on a piece."""
        return max(0, self.unit_amount - self.partner_amount)


def buyer_of(member: Member | None, now: dt.datetime) -> BuyerFacts:
    """What prices depend on: the member's rank, and his level as long as it has not run out."""
    if not member:
        return NOBODY
    return BuyerFacts(member=member.ulid, rank=member.rank, level=level_of(member.level, member.level_until, now))


def level_of(level: str, until: dt.datetime | None, now: dt.datetime) -> str:
    """A level as it counts at `now`."""
    return level if until is None or until > now else LEVEL_ORDINARY


def sale_buyer(lineage: Sequence[Ancestor], now: dt.datetime) -> BuyerFacts:
    """A buyer and the chain above him (`members.selectors.lineage`) as a payment at `now` keeps them."""
    buyer, *above = lineage
    return BuyerFacts(
        member=buyer.ulid,
        promoter=buyer.promoter,
        rank=buyer.rank,
        level=level_of(buyer.level, buyer.level_until, now),
        store=buyer.store,
        chain=tuple(
            UplineFacts(
                one.ulid,
                promoter=one.promoter,
                open=one.open,
                rank=one.rank,
                partner=level_of(one.level, one.level_until, now) == LEVEL_PARTNER,
            )
            for one in above
        ),
    )


def quote_offers(
    offers: Iterable[OfferFact],
    *,
    buyer: BuyerFacts,
    now: dt.datetime | None = None,
    pinned: Mapping[str, Pinned] | None = None,
    quantities: Mapping[str, int] | None = None,
) -> dict[str, OfferQuote]:
    """Prices of offers by their key for this buyer, under `pinned`, or to be shown: under what held half a minute ago.

    `quantities` (pieces by offer key) reach the prices by quantity that the offer has; without it one piece is asked for.

    Checkout and placing pin and read the settings themselves, so a price shown too late is never a price taken.
    """
    wanted = list(offers)
    if pinned is None:
        assert now is not None
        pinned = shown_terms(now) if wanted else {}
    by_zone = {zone: _pricing(pinned, zone) for zone in {offer.zone for offer in wanted}}
    pieces = quantities or {}
    return {
        offer.key: _quote(facts_of(offer, qty=pieces.get(offer.key, 1)), by_zone[offer.zone], buyer) for offer in wanted
    }


def price_cards(cards: Sequence[Card], *, now: dt.datetime, pinned: Mapping[str, Pinned] | None = None) -> list[Card]:
    """Cards of one zone with the lowest price a partner pays, where it is lower.

    A price of a single SKU is not known to a list: the card shows the product's.
    """
    if not cards:
        return []
    here = _pricing(shown_terms(now) if pinned is None else pinned, cards[0].zone)
    if not here:
        return list(cards)
    found = []
    for card in cards:
        facts = OfferFacts(
            sku="",
            list_price=card.price_amount,
            level_prices=((LEVEL_PARTNER, card.level_amount),) if card.level_amount else (),
            zone=card.zone,
            product=card.product_ulid,
            categories=card.categories,
            seller=SellerFacts(id=card.seller_ulid),
        )
        price = _quote(facts, here, PARTNER).partner_amount
        found.append(dataclasses.replace(card, member_price_amount=price) if price < card.price_amount else card)
    return found


def shown_terms(now: dt.datetime) -> Mapping[str, Pinned]:
    """Settings of the pricing modes and of coins for pages that only show prices, kept for half a minute: no statement for a list."""
    known: dict[str, Pinned] | None = cache.get(CACHE_KEY)
    if known is None:
        in_force = selectors.settings_in_force(now=now)
        known = {key: one for key, one in in_force.items() if one.mode in (*PRICING, "coins")}
        cache.set(CACHE_KEY, known, _CACHE_SECONDS)
    return known


def forget_shown() -> None:
    """New settings were published: pages show them at once."""
    cache.delete(CACHE_KEY)
    transaction.on_commit(lambda: cache.delete(CACHE_KEY), robust=True)


def facts_of(offer: OfferFact, *, qty: int = 1) -> OfferFacts:
    """An offer as a mode's quote sees it when so many pieces are bought."""
    return OfferFacts(
        sku=offer.sku_ulid,
        list_price=tier_price(offer.price_amount, offer.terms, qty) if offer.terms.tiers else offer.price_amount,
        level_prices=offer.terms.levels,
        supply_cost=offer.supply_amount or 0,
        kind=LineKind(offer.kind),
        zone=offer.zone or SELF_OPERATED,
        product=offer.product_ulid,
        categories=offer.categories,
        seller=SellerFacts(id=offer.seller_ulid),
        earns=offer.zone_terms.earns,
    )


def _pricing(pinned: Mapping[str, Pinned], zone: str) -> dict[str, Pinned]:
    here = selectors.of_zone(pinned, zone)
    return {key: here[key] for key in PRICING if key in here}


def _quote(facts: OfferFacts, pricing: Mapping[str, Pinned], buyer: BuyerFacts) -> OfferQuote:
    unit = _lowest(facts, pricing, buyer)
    partner = unit if buyer.level == LEVEL_PARTNER else _lowest(facts, pricing, PARTNER)
    listed = unit if facts.kind is LineKind.MEMBERSHIP else facts.list_price  # the fee of the settings is the price
    return OfferQuote(list_amount=listed, unit_amount=unit, partner_amount=min(unit, partner))


def _lowest(facts: OfferFacts, pricing: Mapping[str, Pinned], buyer: BuyerFacts) -> int:
    quotes = [MODES[key].quote(one.values, facts, buyer).unit_price for key, one in pricing.items()]
    if facts.kind is LineKind.MEMBERSHIP and quotes:
        return quotes[0]
    return min([facts.list_price, *quotes])
