"""Reads of cards: what stores offer, what members hold, what was used, what a store still owes."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, F, Q, QuerySet, Sum

from saas.kernel.errors import NotFound
from tenant_apps.catalog import selectors as catalog
from tenant_apps.catalog.models import Product
from tenant_apps.catalog.rules import STORE_CARDS, OfferFact, ProductStatus
from tenant_apps.counter.models import Card, CardTerms, CardUse
from tenant_apps.counter.rules import cards as rules
from tenant_apps.counter.rules.cards import CardKind, CardState
from tenant_apps.members.models import Member
from tenant_apps.sellers import selectors as sellers
from tenant_apps.sellers.models import Seller


@dataclass(frozen=True)
class CardOffer:
    """A card as it is offered now: its newest terms, its price, whether it is on sale, whose it is."""

    terms: CardTerms
    offer: OfferFact
    on_sale: bool
    seller_name: str
    stores: tuple[str, ...]  # names of the stores that honour it


@dataclass(frozen=True)
class Held:
    """A card with where it stands, and how its store is called."""

    card: Card
    state: CardState
    store: str


@dataclass(frozen=True)
class Owed:
    """What a store still owes holders of its cards."""

    seller: Seller
    cards: int
    visits: int
    amount: int


def terms_of_product(product_ulid: str) -> CardTerms:
    """The newest terms of a card product. Raises NotFound."""
    row = CardTerms.objects.filter(product_ulid=product_ulid).order_by("-pk").first()
    if row is None:
        raise NotFound
    return row


def offers(*, seller_ulid: str = "", on_sale_only: bool = False) -> list[CardOffer]:
    """Card products with their newest terms, newest first (four statements)."""
    products = Product.objects.filter(kind__in=[one.value for one in STORE_CARDS])
    products = products.exclude(status=ProductStatus.RECYCLED)
    if seller_ulid:
        products = products.filter(seller_ulid=seller_ulid)
    if on_sale_only:
        products = products.filter(status=ProductStatus.ON_SHELF, seller_sells=True)
    ulids = list(products.order_by("-pk").values_list("ulid", flat=True)[:200])
    newest = {row.product_ulid: row for row in CardTerms.objects.filter(product_ulid__in=ulids).order_by("pk")}
    facts = catalog.offers([row.sku_ulid for row in newest.values()])
    names = sellers.names(store for row in newest.values() for store in [row.seller_ulid, *row.stores])
    return [
        CardOffer(
            terms=row,
            offer=facts[row.sku_ulid],
            on_sale=facts[row.sku_ulid].sellable,
            seller_name=names.get(row.seller_ulid, ""),
            stores=tuple(names[store] for store in row.stores if store in names),
        )
        for ulid in ulids
        if (row := newest.get(ulid)) is not None and row.sku_ulid in facts
    ]


def offer(product_ulid: str) -> CardOffer:
    """One card product. Raises NotFound."""
    row = terms_of_product(product_ulid)
    fact = catalog.offers([row.sku_ulid]).get(row.sku_ulid)
    if fact is None:
        raise NotFound
    names = sellers.names([row.seller_ulid, *row.stores])
    return CardOffer(
        row, fact, fact.sellable, names.get(row.seller_ulid, ""), tuple(names.get(one, "") for one in row.stores)
    )


def cards_of(member: Member, *, now: dt.datetime) -> list[Held]:
    """A member's cards, those that can be used first, then the newest (two statements)."""
    rows = list(Card.objects.filter(member=member).select_related("terms").order_by("-pk")[:200])
    names = sellers.names(row.seller_ulid for row in rows)
    held = [Held(row, state(row, now=now), names.get(row.seller_ulid, "")) for row in rows]
    return sorted(held, key=lambda one: one.state is not CardState.ACTIVE)


def card_of(member: Member, ulid: str) -> Card:
    """A member's own card. Raises NotFound."""
    row = Card.objects.filter(member=member, ulid=ulid).select_related("terms").first()
    if row is None:
        raise NotFound
    return row


def card(ulid: str) -> Card:
    """One card with its terms and member. Raises NotFound."""
    row = Card.objects.filter(ulid=ulid).select_related("terms", "member__user").first()
    if row is None:
        raise NotFound
    return row


def cards(*, query: str = "", seller_ulid: str = "", kind: str = "") -> QuerySet[Card]:
    """Cards for staff, newest first: by number, by seller, by kind."""
    rows = Card.objects.select_related("terms", "member__user").order_by("-pk")
    if query:
        rows = rows.filter(Q(number=query.replace(" ", "")) | Q(terms__title__icontains=query))
    if seller_ulid:
        rows = rows.filter(seller_ulid=seller_ulid)
    return rows.filter(kind=kind) if kind in list(CardKind) else rows


def uses(card: Card) -> list[CardUse]:
    """What a card was used for, newest first."""
    return list(card.uses.order_by("-pk")[:400])


def uses_at(store_ulids: Sequence[str], *, limit: int = 50) -> list[CardUse]:
    """What these stores redeemed last."""
    rows = CardUse.objects.filter(store_ulid__in=list(store_ulids)).select_related("card__terms")
    return list(rows.order_by("-pk")[:limit])


def paying_cards(member: Member, seller_ulids: Sequence[str]) -> list[tuple[Card, str]]:
    """A member's cards with money for goods of these stores, the fullest first, each with its store's name."""
    wanted = [ulid for ulid in seller_ulids if ulid]
    if not wanted:
        return []
    rows = Card.objects.filter(member=member, kind=CardKind.STORED, closed_at=None, seller_ulid__in=wanted)
    usable = [row for row in rows.select_related("terms") if row.left > 0]
    names = sellers.names(row.seller_ulid for row in usable)
    return [(row, names.get(row.seller_ulid, "")) for row in sorted(usable, key=lambda row: (-row.left, row.pk))]


def state(card: Card, *, now: dt.datetime) -> CardState:
    """Where a card stands."""
    return rules.state_of(left=card.left, expires_at=card.expires_at, closed_at=card.closed_at, now=now)


def owed() -> list[Owed]:
    """By seller, what is left on cards and not paid back: a closed store, and an expired card, still owe it."""
    rows = (
        Card.objects.filter(closed_at=None, used_amount__lt=F("value_amount") - F("returned_amount"))
        .values("seller_ulid")
        .annotate(
            amount=Sum(F("value_amount") - F("used_amount") - F("returned_amount")),
            rest=Sum(F("visits") - F("visits_used")),
            number=Count("pk"),
        )
        .order_by("seller_ulid")
    )
    found = {row["seller_ulid"]: row for row in rows}
    return [
        Owed(row, found[row.ulid]["number"], found[row.ulid]["rest"], found[row.ulid]["amount"])
        for row in sellers.shops(found)
    ]
