"""Keeps ProductCard, the row a list reads: called in the transaction of whatever changed its sources."""

from collections.abc import Sequence

from django.db import connection

_REFRESH = """
INSERT INTO catalog_productcard AS card
    (product_id, zone_id, category_id, brand_id, search_text, level_amount, product_ulid, title, subtitle, image_key, price_amount, highest_price_amount,
     stock, sold, is_visible, shelved_at)
SELECT p.id, o.zone_id, p.category_id, p.brand_id, p.search_text, min((o.terms #>> '{levels,partner}')::bigint), p.ulid, p.title, p.subtitle,
       coalesce((SELECT i.key FROM catalog_productimage i WHERE i.product_id = p.id ORDER BY i.position, i.id LIMIT 1), ''),
       min(o.price_amount), max(o.price_amount), sum(s.stock), p.sold, p.status = 'on_shelf' AND p.kind = 'goods' AND p.seller_sells,
       p.shelved_at
  FROM catalog_product p
  JOIN catalog_sku s ON s.product_id = p.id AND s.is_active
  JOIN catalog_offer o ON o.sku_id = s.id
 WHERE p.id = ANY(%s)
 GROUP BY p.id, o.zone_id
ON CONFLICT (product_id, zone_id) DO UPDATE SET
    category_id = excluded.category_id, brand_id = excluded.brand_id, search_text = excluded.search_text,
    level_amount = excluded.level_amount, title = excluded.title, subtitle = excluded.subtitle,
    image_key = excluded.image_key, price_amount = excluded.price_amount,
    highest_price_amount = excluded.highest_price_amount, stock = excluded.stock, sold = excluded.sold,
    is_visible = excluded.is_visible, shelved_at = excluded.shelved_at
"""
_DROP = """
DELETE FROM catalog_productcard card
 WHERE card.product_id = ANY(%s) AND NOT EXISTS (
    SELECT FROM catalog_sku s JOIN catalog_offer o ON o.sku_id = s.id
     WHERE s.product_id = card.product_id AND s.is_active AND o.zone_id = card.zone_id)
"""


# A seller began or stopped selling: his products say so, and their cards with them.
_FOLLOW = """
WITH locked AS (
    SELECT id FROM catalog_product WHERE seller_ulid = %(seller)s AND seller_sells <> %(sells)s ORDER BY id
       FOR NO KEY UPDATE),
changed AS (
    UPDATE catalog_product p SET seller_sells = %(sells)s FROM locked l WHERE p.id = l.id
 RETURNING p.id, p.status = 'on_shelf' AND p.kind = 'goods' AND p.seller_sells AS is_visible),
shown AS (
    UPDATE catalog_productcard c SET is_visible = p.is_visible FROM changed p WHERE c.product_id = p.id)
SELECT count(*) FROM changed"""


def follow_seller(*, seller_ulid: str, sells: bool) -> int:
    """Show a seller's products, or hide them, as he sells or not; how many changed (one statement)."""
    with connection.cursor() as cursor:
        cursor.execute(_FOLLOW, {"seller": seller_ulid, "sells": sells})
        changed: int = cursor.fetchone()[0]
    return changed


def refresh(product_ids: Sequence[int]) -> None:
    """Recompute the cards of these products; a product without offers in a zone loses its card there."""
    with connection.cursor() as cursor:
        cursor.execute(_REFRESH, [list(product_ids)])
        cursor.execute(_DROP, [list(product_ids)])
