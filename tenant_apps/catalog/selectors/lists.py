"""Lists of cards, the tree of categories, zones."""

import re
from collections.abc import Iterable
from typing import Any

from saas.kernel.errors import NotFound
from saas.kernel.prepared import prepared_rows
from tenant_apps.catalog.models import Category, Zone
from tenant_apps.catalog.rules import (
    SELF_OPERATED,
)
from tenant_apps.catalog.selectors.shapes import Card, CardPage, CategoryNode, ZoneView

PAGE_SIZE = 20
_ORDERS = {
    "": "sold DESC, id DESC",
    "sold": "sold DESC, id DESC",
    "new": "shelved_at DESC, id DESC",
    "price": "price_amount, id DESC",
    "-price": "price_amount DESC, id DESC",
}


_CARDS = """
SELECT product_ulid, title, subtitle, image_key, price_amount, highest_price_amount, stock, sold,
    (SELECT seller_ulid FROM catalog_product WHERE id = product_id),
    ARRAY(SELECT c.slug FROM catalog_category own JOIN catalog_category c ON c.id IN (own.id, own.parent_id)
           WHERE own.id = category_id ORDER BY c.id <> own.id)
  FROM catalog_productcard
  WHERE is_visible AND zone_id = (SELECT id FROM catalog_zone WHERE key = %(zone)s)"""


_IN_CATEGORY = """
    AND category_id IN (SELECT c.id FROM catalog_category c LEFT JOIN catalog_category p ON p.id = c.parent_id
                        WHERE c.slug = %(category)s OR p.slug = %(category)s)"""


def category_tree() -> list[CategoryNode]:
    """The whole tree, in order (one statement)."""
    rows = prepared_rows("SELECT id, parent_id, slug, name FROM catalog_category ORDER BY position, id", ())
    below: dict[int | None, list[CategoryNode]] = {}
    for _, parent_id, slug, name in rows:
        if parent_id is not None:
            below.setdefault(parent_id, []).append(CategoryNode(slug, name))
    return [CategoryNode(slug, name, tuple(below.get(pk, ()))) for pk, parent, slug, name in rows if parent is None]


def category(slug: str) -> Category:
    """The category of that slug. Raises NotFound."""
    row = Category.objects.select_related("parent").filter(slug=slug).first()
    if row is None:
        raise NotFound
    return row


def _card(zone: str, *row: Any) -> Card:
    ulid, title, subtitle, image, price, highest, stock, sold, seller, categories = row
    return Card(ulid, title, subtitle, image, price, highest, stock, sold, zone, seller, tuple(categories))


def list_cards(
    *,
    zone: str = SELF_OPERATED,
    category_slug: str = "",
    query: str = "",
    order: str = "",
    page: int = 1,
    page_size: int = PAGE_SIZE,
) -> CardPage:
    """One page of visible products in a zone (one statement).

    A parent category includes its children. `query` words must all occur in the title; without an explicit order the
    likest titles come first.
    """
    number = max(1, page)
    words = [word[:40] for word in query.split()[:5]]
    values: dict[str, Any] = {"zone": zone, "category": category_slug, "words": " ".join(words)[:80]}
    values |= {"count": page_size + 1, "start": (number - 1) * page_size}
    values |= {f"word{place}": f"%{_like(word)}%" for place, word in enumerate(words)}
    statement = _cards_statement(bool(category_slug), len(words), order)
    found = [_card(zone, *row) for row in prepared_rows(statement, values)]
    return CardPage(found[:page_size], number, len(found) > page_size)


def _cards_statement(in_category: bool, words: int, order: str) -> str:
    parts = [_CARDS, _IN_CATEGORY if in_category else ""]
    parts += [f" AND upper(title::text) LIKE upper(%(word{place})s)" for place in range(words)]
    likest_first = "similarity(title, %(words)s) DESC, " if words and not order else ""
    parts += [" ORDER BY ", likest_first, _ORDERS.get(order, _ORDERS[""]), " LIMIT %(count)s OFFSET %(start)s"]
    return "".join(parts)


def _like(word: str) -> str:
    """The word as it stands in a LIKE pattern."""
    return re.sub(r"[\\%_]", r"\\\g<0>", word)


def cards_of(product_ulids: Iterable[str], *, zone: str = SELF_OPERATED) -> list[Card]:
    """The visible cards of these products, in the order given (one statement)."""
    wanted = list(product_ulids)
    rows = prepared_rows(f"{_CARDS} AND product_ulid = ANY(%(wanted)s)", {"zone": zone, "wanted": wanted})
    found = {row[0]: _card(zone, *row) for row in rows}
    return [found[ulid] for ulid in wanted if ulid in found]


def zones() -> list[ZoneView]:
    """Every zone but the mall's own, in order (one statement)."""
    rows = Zone.objects.exclude(key=SELF_OPERATED).order_by("position", "pk").values_list("key", "name")
    return [ZoneView(key, name) for key, name in rows]


def zone(key: str) -> ZoneView:
    """One zone. Raises NotFound."""
    found = Zone.objects.filter(key=key).values_list("key", "name").first()
    if found is None:
        raise NotFound
    return ZoneView(*found)


def zone_names() -> dict[str, str]:
    """Zones of the mall, key → name, in their order (one statement)."""
    return dict(Zone.objects.order_by("position", "pk").values_list("key", "name"))
