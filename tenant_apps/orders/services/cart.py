"""The cart: rows of a member, or a signed cookie before sign-in, merged into the rows at sign-in."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.core import signing
from django.db import connection, transaction
from django.db.models import Q

from saas.kernel.errors import NotFound
from saas.kernel.prepared import prepared_cursor
from saas.tenants.malls.activation import active_mall_ulid
from tenant_apps.catalog import selectors as catalog
from tenant_apps.catalog.rules import OfferFact, ProductKind, split_key
from tenant_apps.members.models import Member
from tenant_apps.orders.models import CartLine
from tenant_apps.orders.rules import MAX_CART_LINES, MAX_QTY, merge_lines
from tenant_apps.orders.services.checkout import FeeAlone, QuantityOutOfRange, sold

COOKIE = "cart"
COOKIE_SECONDS = 30 * 86400
_UPSERT = """
INSERT INTO orders_cartline AS line (member_id, sku_id, zone, qty, seen_amount, added_at)
SELECT %(member)s, w.sku, w.zone, w.qty, w.seen, %(now)s
  FROM unnest(%(skus)s::bigint[], %(zones)s::text[], %(quantities)s::int[], %(seen)s::bigint[]) AS w(sku, zone, qty, seen)
 WHERE (SELECT count(*) FROM orders_cartline WHERE member_id = %(member)s) < %(most)s
    OR EXISTS (SELECT FROM orders_cartline WHERE member_id = %(member)s AND sku_id = w.sku AND zone = w.zone)
ON CONFLICT (member_id, sku_id, zone) DO UPDATE SET qty = least(%(most_of_one)s, line.qty + excluded.qty),
  seen_amount = excluded.seen_amount
"""


def add_to_cart(*, member: Member, sku_ulid: str, qty: int, now: dt.datetime) -> None:
    """Put pieces of a SKU (a key of catalog.rules.offer_key) into the cart.

    Raises SkuNotSellable, FeeAlone (a membership is bought at once), QuantityOutOfRange (also for a full cart).
    """
    if not 1 <= qty <= MAX_QTY:
        raise QuantityOutOfRange(limit=MAX_QTY, title="")
    with transaction.atomic():
        offer = sold(sku_ulid, catalog.offers([sku_ulid]).get(sku_ulid))
        if offer.kind != ProductKind.GOODS:
            raise FeeAlone(title=offer.title)
        if not _upsert(member, [(offer, qty)], now):
            raise QuantityOutOfRange(limit=MAX_CART_LINES, title=offer.title)


def set_quantity(*, member: Member, sku_ulid: str, qty: int) -> None:
    """Change a cart line's quantity; 0 removes it. Raises NotFound, QuantityOutOfRange."""
    if not 0 <= qty <= MAX_QTY:
        raise QuantityOutOfRange(limit=MAX_QTY, title="")
    with transaction.atomic():
        sku, zone = split_key(sku_ulid)
        rows = CartLine.objects.filter(member=member, sku__ulid=sku, zone=zone)
        changed = rows.update(qty=qty) if qty else rows.delete()[0]
        if not changed:
            raise NotFound


def remove_from_cart(*, member: Member, sku_ulids: Sequence[str]) -> None:
    """Take SKUs out of the cart; those not in it are no fault."""
    with transaction.atomic():
        chosen = Q(pk__in=[])
        for sku, zone in map(split_key, sku_ulids):
            chosen |= Q(sku__ulid=sku, zone=zone)
        CartLine.objects.filter(chosen, member=member).delete()


def merge_cart(*, member: Member, lines: Mapping[str, int], now: dt.datetime) -> None:
    """At sign-in: add what was put into the cookie's cart. What is no longer sold is left out."""
    offers = catalog.offers(lines)
    wanted = [
        (offer, lines[key]) for key, offer in offers.items() if offer.sellable and offer.kind == ProductKind.GOODS
    ]
    if wanted:
        with transaction.atomic():
            _upsert(member, wanted, now)


def _upsert(member: Member, wanted: Sequence[tuple[OfferFact, int]], now: dt.datetime) -> int:
    values: dict[str, Any] = {
        "member": member.pk,
        "skus": [offer.sku_id for offer, _ in wanted],
        "zones": [offer.zone for offer, _ in wanted],
        "quantities": [qty for _, qty in wanted],
        "seen": [offer.price_amount for offer, _ in wanted],
        "now": now,
        "most": MAX_CART_LINES,
        "most_of_one": MAX_QTY,
    }
    with prepared_cursor(connection) as cursor:
        cursor.execute(_UPSERT, values)
        return int(cursor.rowcount)


def read_cookie(value: str) -> dict[str, int]:
    """SKU → quantity from a cart cookie of this mall; anything forged, foreign or old is an empty cart."""
    try:
        lines = signing.loads(value, salt=_salt(), max_age=COOKIE_SECONDS)
    except signing.BadSignature:
        return {}
    return merge_lines([(str(sku), int(qty)) for sku, qty in lines.items()])


def write_cookie(lines: Mapping[str, int]) -> str:
    """A cart as a signed cookie value, bound to this mall."""
    return signing.dumps(merge_lines(list(lines.items())), salt=_salt(), compress=True)


def _salt() -> str:
    return f"cart:{active_mall_ulid()}"
