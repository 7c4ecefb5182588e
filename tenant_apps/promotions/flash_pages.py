"""The form of a flash sale as staff fill it in, and flash sales as pages show them. The screens mount it."""

import dataclasses
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from saas.kernel.clock import CHINA
from saas.kernel.errors import InvalidInput
from saas.kernel.money import parse_yuan
from tenant_apps.catalog import selectors as catalog
from tenant_apps.catalog.rules import GIFT_PACK, SELF_OPERATED, OfferFact
from tenant_apps.catalog.selectors import Card
from tenant_apps.promotions import selectors
from tenant_apps.promotions.flash import FlashDraft, FlashSale
from tenant_apps.promotions.models import Coupon
from tenant_apps.sellers import selectors as sellers

FIELDS = ("title", "sku", "price", "bearer", "starts_at", "ends_at", "total_qty", "person_limit")


@dataclass(frozen=True)
class Row:
    """A flash sale in the list of staff."""

    row: Coupon
    goods: str
    address: str
    usual_amount: int  # 0: not offered any more
    seller: str
    state: str  # coming, running, gone, over, ended

    @property
    def can_be_ended(self) -> bool:
        return self.state in ("coming", "running", "gone")


def blank(*, now: dt.datetime) -> dict[str, Any]:
    """The form before anything is typed: two hours from the next full hour on."""
    start = now.astimezone(CHINA).replace(minute=0, second=0, microsecond=0) + dt.timedelta(hours=1)
    return {
        "title": _("Flash sale"),
        "bearer": "mall",
        "starts_at": f"{start:%Y-%m-%dT%H:%M}",
        "ends_at": f"{start + dt.timedelta(hours=2):%Y-%m-%dT%H:%M}",
        "person_limit": "1",
    }


def typed(posted: QueryDict) -> dict[str, Any]:
    """What was typed, to be shown again."""
    return {name: posted.get(name, "")[:100] for name in FIELDS}


def draft_of(values: dict[str, Any]) -> FlashDraft:
    """The typed form as a draft. Raises InvalidInput naming the field."""
    return FlashDraft(
        title=values["title"],
        key=values["sku"],
        price_amount=_yuan(values["price"]),
        by_seller=values["bearer"] == "seller",
        starts_at=_moment(values, "starts_at"),
        ends_at=_moment(values, "ends_at"),
        total_qty=_whole(values, "total_qty"),
        person_limit=_whole(values, "person_limit"),
    )


def offers_of(product_ulid: str) -> list[OfferFact]:
    """What of a product can have a flash sale: its SKUs in every zone but gift packs (a statement a zone). Raises NotFound."""
    found = list(catalog.product_page(product_ulid).offers)
    for zone in catalog.zones():
        if zone.key != GIFT_PACK:
            found += catalog.product_page(product_ulid, zone=zone.key).offers
    return found


def rows_of(rows: Sequence[Coupon], *, now: dt.datetime) -> list[Row]:
    """Flash sales as the list shows them (two statements)."""
    offers = catalog.offers([row.scope_values[0] for row in rows]) if rows else {}
    names = sellers.names(row.seller_ulid for row in rows)
    found = []
    for row in rows:
        key, product = row.scope_values
        offer = offers.get(key)
        found.append(
            Row(
                row=row,
                goods=f"{offer.title} {offer.option_text}".strip() if offer else key,
                address=catalog.product_address(product, offer.zone) if offer else "",
                usual_amount=offer.price_amount if offer else 0,
                seller=names.get(row.seller_ulid, ""),
                state=_state(row, now),
            )
        )
    return found


def on_cards(cards: Sequence[Card], rows: Sequence[Coupon]) -> list[Card]:
    """Cards with the flash sale among `rows` (selectors.by_itself) for one of their SKUs, the lowest price of several."""
    running = selectors.flash_sales(rows)
    best: dict[tuple[str, str], FlashSale] = {}
    for sale in sorted(running.values(), key=lambda one: -one.price_amount):
        if sale.left > 0:
            best[sale.product_ulid, _zone(sale)] = sale
    if not best:
        return list(cards)
    return [_marked(card, best.get((card.product_ulid, card.zone))) for card in cards]


def _marked(card: Card, sale: FlashSale | None) -> Card:
    if sale is None:
        return card
    return dataclasses.replace(
        card, flash_amount=sale.price_amount, flash_left=min(sale.left, card.stock), flash_ends_at=sale.ends_at
    )


def on_sale(rows: Sequence[Coupon], *, limit: int = 8) -> list[Card]:
    """Products of the mall's own zone with a flash sale among `rows`, the soonest to end first (one statement; none without)."""
    running = selectors.flash_sales(rows).values()
    here = sorted((one for one in running if one.left > 0 and _is_usual(one)), key=lambda one: (one.ends_at, one.ulid))
    products = list(dict.fromkeys(one.product_ulid for one in here))[:limit]
    return on_cards(catalog.cards_of(products), rows) if products else []


def _zone(sale: FlashSale) -> str:
    return sale.key.partition("@")[2] or SELF_OPERATED


def _is_usual(sale: FlashSale) -> bool:
    return "@" not in sale.key


def _state(row: Coupon, now: dt.datetime) -> str:
    if row.ended_at is not None:
        return "ended"
    if row.ends_at <= now:
        return "over"
    if row.starts_at > now:
        return "coming"
    return "gone" if row.taken_qty >= row.total_qty else "running"


def _yuan(text: str) -> int:
    try:
        return parse_yuan(text.strip() or "0")
    except ValueError:
        raise InvalidInput(_("Amounts are in yuan, such as 12.50."), field="price") from None


def _whole(values: dict[str, Any], name: str) -> int:
    text = values[name].strip() or "0"
    if not text.isdecimal() or len(text) > 7:
        raise InvalidInput(_("Numbers are whole, such as 100."), field=name)
    return int(text)


def _moment(values: dict[str, Any], name: str) -> dt.datetime:
    try:
        return dt.datetime.fromisoformat(values[name]).replace(tzinfo=CHINA)
    except ValueError:
        raise InvalidInput(_("Times are written like 2026-11-22 20:00."), field=name) from None
