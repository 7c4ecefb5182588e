"""How each part of a checkout may come, as the page offers it: carrier, pickup at a store, or brought by one."""

import datetime as dt
from dataclasses import dataclass

from django.http import QueryDict
from django.utils.translation import gettext as _

from saas.kernel.money import display_yuan
from tenant_apps.catalog.rules import ProductKind
from tenant_apps.orders.delivery import DeliveryWish
from tenant_apps.orders.rules import DeliveryKind
from tenant_apps.orders.services import CheckoutQuote, QuotePart, serves
from tenant_apps.sellers import places
from tenant_apps.sellers import selectors as sellers
from tenant_apps.sellers.places import StorePlace

MALL = "mall"


@dataclass(frozen=True)
class Option:
    """One way; `value` is what the form sends."""

    value: str
    text: str
    chosen: bool


@dataclass(frozen=True)
class Part:
    """A part of the quote with its seller's name (empty: the mall) and the ways it may come (empty: by carrier alone)."""

    quote: QuotePart
    name: str
    field: str
    options: list[Option]
    store: StorePlace | None = None  # the chosen one


def parts(quote: CheckoutQuote, now: dt.datetime) -> list[Part]:
    """Every part as the page shows it: names cost a statement where sellers sell, stores where the mall has it switched on."""
    names = sellers.names(part.seller_ulid for part in quote.parts)
    stores: list[StorePlace] = []
    if quote.terms.store_handover and quote.kind is ProductKind.GOODS:
        stores = places.store_places(now=now)
    return [_part(part, names.get(part.seller_ulid, ""), stores) for part in quote.parts]


def wishes(posted: QueryDict) -> list[DeliveryWish]:
    """What the shopper chose: `delivery-<seller or mall>` = `pickup:<store>`, `store_delivery:<store>` or `express`."""
    latitude, longitude = degrees(posted.get("latitude", "")), degrees(posted.get("longitude", ""))
    if latitude is None or longitude is None:
        latitude = longitude = None
    found = []
    for name, value in posted.items():
        if not name.startswith("delivery-"):
            continue
        kind, _colon, store = str(value).partition(":")
        if kind in (DeliveryKind.PICKUP, DeliveryKind.STORE_DELIVERY):
            owner = name.removeprefix("delivery-")[:26]
            found.append(
                DeliveryWish("" if owner == MALL else owner, DeliveryKind(kind), store[:26], latitude, longitude)
            )
    return found


def _part(part: QuotePart, name: str, stores: list[StorePlace]) -> Part:
    wish = part.delivery
    options = [
        Option(f"{kind}:{store.ulid}", _text(store, kind), (wish.kind, wish.store) == (kind, store.ulid))
        for kind in (DeliveryKind.PICKUP, DeliveryKind.STORE_DELIVERY)
        for store in stores
        if serves(store, part.seller_ulid, kind)
    ]
    if options:
        express = wish.kind is DeliveryKind.EXPRESS
        options.insert(0, Option(DeliveryKind.EXPRESS.value, _("By carrier"), express))
    chosen = next((store for store in stores if store.ulid == wish.store), None)
    return Part(part, name, f"delivery-{part.seller_ulid or MALL}", options, chosen)


def _text(store: StorePlace, kind: DeliveryKind) -> str:
    if kind is DeliveryKind.PICKUP:
        return _("Pick up at %(store)s, %(place)s") % {"store": store.name, "place": store.text}
    return _("Brought by %(store)s (%(fee)s)") % {"store": store.name, "fee": display_yuan(store.fee_amount)}


def degrees(text: str) -> int | None:
    """`23.129110` as millionths; None for anything that is no position."""
    try:
        value = round(float(text) * 1_000_000)
    except (ValueError, OverflowError):
        return None
    return value if abs(value) <= 180_000_000 else None
