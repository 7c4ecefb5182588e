"""Stock moves by one conditional SQL statement for a whole order: never below zero, never half (RELIABILITY 0.9)."""

import datetime as dt
from collections.abc import Sequence

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from saas.identity import audit
from saas.kernel.errors import DomainError, NotFound
from saas.kernel.prepared import prepared_cursor
from tenant_apps.catalog.models import Sku
from tenant_apps.catalog.rules import StockLine


class InsufficientStock(DomainError):
    """Fewer pieces are left than wanted. `sku_ulid`, `title`, `left` name the first short SKU."""

    code = "insufficient_stock"
    message = _("“{title}” has only {left} left.")


# Rows are locked in id order, so two orders with the same SKUs wait instead of deadlocking. Nothing is taken unless
# every line suffices; what comes back says which did not.
_TAKE = """
WITH wanted AS (SELECT ulid, sum(qty)::int AS qty FROM unnest(%s::text[], %s::int[]) AS w(ulid, qty) GROUP BY ulid),
locked AS (
    SELECT s.id, s.product_id, s.ulid, s.stock, s.option_text, w.qty
      FROM catalog_sku s JOIN wanted w ON w.ulid = s.ulid
     ORDER BY s.id FOR NO KEY UPDATE OF s),
possible AS (
    SELECT (SELECT count(*) FROM locked WHERE stock >= qty) = (SELECT count(*) FROM wanted) AS yes),
taken AS (
    UPDATE catalog_sku s SET stock = s.stock - l.qty FROM locked l
     WHERE s.id = l.id AND (SELECT yes FROM possible)),
cards AS (
    UPDATE catalog_productcard c SET stock = c.stock - t.qty
      FROM (SELECT product_id, sum(qty)::int AS qty FROM locked GROUP BY product_id) t
     WHERE c.product_id = t.product_id AND (SELECT yes FROM possible))
SELECT w.ulid, coalesce(p.title || CASE l.option_text WHEN '' THEN '' ELSE ' ' || l.option_text END, w.ulid),
       coalesce(l.stock, 0)
  FROM wanted w LEFT JOIN locked l ON l.ulid = w.ulid LEFT JOIN catalog_product p ON p.id = l.product_id
 WHERE l.stock IS NULL OR l.stock < l.qty ORDER BY l.id
"""
_RETURN = """
WITH wanted AS (SELECT ulid, sum(qty)::int AS qty FROM unnest(%s::text[], %s::int[]) AS w(ulid, qty) GROUP BY ulid),
locked AS (
    SELECT s.id, s.product_id, s.is_active, w.qty FROM catalog_sku s JOIN wanted w ON w.ulid = s.ulid
     ORDER BY s.id FOR NO KEY UPDATE OF s),
returned AS (UPDATE catalog_sku s SET stock = s.stock + l.qty FROM locked l WHERE s.id = l.id)
UPDATE catalog_productcard c SET stock = c.stock + t.qty
  FROM (SELECT product_id, sum(qty)::int AS qty FROM locked WHERE is_active GROUP BY product_id) t
 WHERE c.product_id = t.product_id
"""
_SOLD = """
WITH wanted AS (
    SELECT ulid, sum(qty)::int AS qty FROM unnest(%s::text[], %s::int[]) AS w(ulid, qty) GROUP BY ulid),
locked AS (
    SELECT p.id, w.qty FROM catalog_product p JOIN wanted w ON w.ulid = p.ulid ORDER BY p.id FOR NO KEY UPDATE OF p),
counted AS (UPDATE catalog_product p SET sold = p.sold + l.qty FROM locked l WHERE p.id = l.id)
UPDATE catalog_productcard c SET sold = c.sold + l.qty FROM locked l WHERE c.product_id = l.id
"""


def take_stock(lines: Sequence[StockLine]) -> None:
    """Take these pieces from stock in the caller's transaction, all or none. Raises InsufficientStock."""
    with prepared_cursor(connection) as cursor:
        cursor.execute(_TAKE, [[line.sku_ulid for line in lines], [line.qty for line in lines]])
        short = cursor.fetchall()
    if short:
        ulid, title, left = short[0]
        raise InsufficientStock(sku_ulid=ulid, title=title, left=left, short={row[0]: row[2] for row in short})


def return_stock(lines: Sequence[StockLine]) -> None:
    """Put pieces back into stock, in the caller's transaction."""
    if lines:
        with connection.cursor() as cursor:
            cursor.execute(_RETURN, [[line.sku_ulid for line in lines], [line.qty for line in lines]])


def record_sold(pieces: dict[str, int]) -> None:
    """Count sales: pieces by product ULID, in the caller's transaction."""
    if pieces:
        with prepared_cursor(connection) as cursor:
            cursor.execute(_SOLD, [list(pieces), list(pieces.values())])


def change_stock(*, sku_ulid: str, delta: int, reason: str, actor: str, now: dt.datetime) -> int:
    """Add to or take from a SKU's stock by hand; the new stock. Raises InsufficientStock, NotFound."""
    with transaction.atomic():
        if delta < 0:
            take_stock([StockLine(sku_ulid, -delta)])
        else:
            return_stock([StockLine(sku_ulid, delta)])
        left = Sku.objects.filter(ulid=sku_ulid).values_list("stock", flat=True).first()
        if left is None:
            raise NotFound
        audit.record(actor, "stock.changed", target=f"sku:{sku_ulid}", reason=reason, delta=delta, stock=left)
    return left
