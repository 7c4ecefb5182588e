"""The cart as it stands now: offers, prices for the one who looks, flash sales."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from django.db.models import Sum

from saas.kernel.prepared import prepared_rows
from tenant_apps.catalog import selectors as catalog
from tenant_apps.catalog.rules import OfferFact, offer_key
from tenant_apps.members.models import Member
from tenant_apps.modes import quoting
from tenant_apps.modes.contract import BuyerFacts
from tenant_apps.modes.quoting import OfferQuote
from tenant_apps.orders.models import CartLine, OrderLine
from tenant_apps.orders.rules import OrderState
from tenant_apps.promotions import selectors as promotions
from tenant_apps.promotions.flash import FlashSale
from tenant_apps.sellers import selectors as sellers

FLASH = "flash:"  # the source of what a flash sale takes off a line, before its ULID


@dataclass(frozen=True)
class CartRow:
    """A line of a cart as it stands now."""

    offer: OfferFact
    qty: int
    price: OfferQuote | None = None  # for the one who looks, where it was asked for
    seen_amount: int = 0  # the zone's price when it was put in; 0: not known
    flash: FlashSale | None = None  # a running flash sale of it, where it is less than the usual price
    flash_pieces: int = 0  # how many of it have that price

    @property
    def unit_amount(self) -> int:
        return self.price.unit_amount if self.price else self.offer.price_amount

    @property
    def amount(self) -> int:
        off = self.flash_pieces * (self.unit_amount - self.flash.price_amount) if self.flash else 0
        return self.unit_amount * self.qty - off

    @property
    def address(self) -> str:
        """The product's page, with this SKU chosen, in the zone it was taken from."""
        page = catalog.product_address(self.offer.product_ulid, self.offer.zone)
        return f"{page}{'&' if '?' in page else '?'}sku={self.offer.sku_ulid}"

    @property
    def saving_amount(self) -> int:
        """What a membership would take off this line."""
        return self.price.saving_amount * self.qty if self.price else 0

    @property
    def was_amount(self) -> int:
        """The zone's price when it was put in, where it is another today; else 0."""
        return self.seen_amount if self.seen_amount != self.offer.price_amount else 0

    @property
    def buyable(self) -> bool:
        return self.offer.sellable and self.offer.stock >= self.qty >= self.offer.zone_terms.least_qty


def cart(member: Member) -> list[CartRow]:
    """A member's cart, newest first (one statement)."""
    lines = CartLine.objects.filter(member=member).order_by("-added_at", "-pk")
    found = catalog.offers_through(lines, "qty", "seen_amount")
    return [CartRow(offer, qty, seen_amount=seen) for offer, (qty, seen) in found]


@dataclass(frozen=True)
class CartGroup:
    """The rows of one seller (empty: the mall's own goods): they become one order."""

    seller_ulid: str
    name: str
    rows: tuple[CartRow, ...]


def grouped(rows: Sequence[CartRow]) -> list[CartGroup]:
    """Cart rows by seller, in the order of the first row of each (one statement where sellers sell)."""
    names = sellers.names(row.offer.seller_ulid for row in rows)
    groups: dict[str, list[CartRow]] = {}
    for row in rows:
        groups.setdefault(row.offer.seller_ulid, []).append(row)
    return [CartGroup(ulid, names.get(ulid, ""), tuple(of_one)) for ulid, of_one in groups.items()]


def priced(rows: Sequence[CartRow], *, buyer: BuyerFacts, now: dt.datetime) -> list[CartRow]:
    """Cart rows with what this buyer pays (one statement for the settings, two more where flash sales run)."""
    pieces = {row.offer.key: row.qty for row in rows}
    quotes = quoting.quote_offers([row.offer for row in rows], buyer=buyer, now=now, quantities=pieces)
    rows = [replace(row, price=quotes[row.offer.key]) for row in rows]
    running = promotions.flash_sales(promotions.by_itself(now=now)) if rows else {}
    here = [running[row.offer.key] for row in rows if row.offer.key in running]
    bought = flash_pieces_bought(buyer.member, here) if here and buyer.member else {}
    return [_at_flash(row, running.get(row.offer.key), bought) for row in rows]


def _at_flash(row: CartRow, sale: FlashSale | None, bought: Mapping[str, int]) -> CartRow:
    if sale is None:
        return row
    pieces = sale.pieces(row.qty, unit_amount=row.unit_amount, bought=bought.get(sale.ulid, 0))
    return replace(row, flash=sale, flash_pieces=pieces) if pieces else row


def flash_pieces_bought(member_ulid: str, sales: Iterable[FlashSale]) -> dict[str, int]:
    """By ULID, pieces of flash sales that a member has bought or holds in an order to be paid; refunded ones do not count."""
    asked = list(sales)
    wanted = {f"{FLASH}{one.ulid}": one.ulid for one in asked}
    skus = {one.key.partition("@")[0] for one in asked}
    rows = OrderLine.objects.filter(order__member__ulid=member_ulid, sku_ulid__in=skus).exclude(
        order__state__in=[OrderState.CANCELLED, OrderState.REFUNDED]
    )
    found: dict[str, int] = {}
    for qty, refunded, of_line in rows.values_list("qty", "refunded_qty", "discounts"):
        for one in of_line:
            if ulid := wanted.get(one["source"]):
                found[ulid] = found.get(ulid, 0) + min(one["pieces"], qty - refunded)
    return found


_CART_LINES = """
SELECT s.ulid, l.zone, l.qty FROM orders_cartline l JOIN catalog_sku s ON s.id = l.sku_id
  WHERE l.member_id = %s ORDER BY l.added_at DESC, l.id DESC"""


def cart_lines(member: Member) -> list[tuple[str, int]]:
    """A member's cart as (offer key, quantity) pairs, newest first (one statement)."""
    return [(offer_key(sku, zone), qty) for sku, zone, qty in prepared_rows(_CART_LINES, [member.pk])]


def cart_rows(lines: Sequence[tuple[str, int]]) -> list[CartRow]:
    """Cart rows of (offer key, quantity) pairs; what is gone is left out (one statement)."""
    offers = catalog.offers([sku for sku, _ in lines]) if lines else {}
    return [CartRow(offers[sku], qty) for sku, qty in lines if sku in offers]


def cart_count(member: Member) -> int:
    """Pieces in a member's cart."""
    return CartLine.objects.filter(member=member).aggregate(pieces=Sum("qty"))["pieces"] or 0
