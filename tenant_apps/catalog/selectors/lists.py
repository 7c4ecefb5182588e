"""Lists of cards, the tree of categories, zones."""

import re
from collections.abc import Iterable
from typing import Any

from django.db.models import Count, Exists, OuterRef

from saas.kernel.errors import NotFound
from saas.kernel.prepared import prepared_rows
from tenant_apps.catalog import searching
from tenant_apps.catalog.models import Category, Offer, ProductCard, Zone
from tenant_apps.catalog.rules import GIFT_PACK, SELF_OPERATED, zone_terms
from tenant_apps.catalog.selectors.shapes import BrandView, Card, CardPage, CategoryNode, ZoneView

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
           WHERE own.id = category_id ORDER BY c.id <> own.id), level_amount
  FROM catalog_productcard
  WHERE is_visible AND zone_id = (SELECT id FROM catalog_zone WHERE key = %(zone)s)"""


_IN_CATEGORY = """
    AND category_id IN (SELECT c.id FROM catalog_category c LEFT JOIN catalog_category p ON p.id = c.parent_id
                        WHERE c.slug = %(category)s OR p.slug = %(category)s)"""


def category_tree() -> list[CategoryNode]:
    """The whole tree, in order (one statement)."""
    return _tree(prepared_rows("SELECT id, parent_id, slug, name FROM catalog_category ORDER BY position, id", ()))


_BRANDS = """
SELECT slug, name, description, position FROM catalog_brand b
 WHERE EXISTS (SELECT FROM catalog_productcard c WHERE c.brand_id = b.id AND c.is_visible)"""


_MENUS = f"""
SELECT true, id, parent_id, slug, name, '', position FROM catalog_category
UNION ALL
SELECT false, NULL, NULL, slug, name, description, position FROM ({_BRANDS}) b
ORDER BY 7, 2, 5"""  # noqa: S608 - constants


def menus() -> tuple[list[CategoryNode], list[BrandView]]:
    """`category_tree` and `brands` by one statement, for pages that show both."""
    rows = prepared_rows(_MENUS, ())
    return _tree([row[1:5] for row in rows if row[0]]), [BrandView(*row[3:6]) for row in rows if not row[0]]


def _tree(rows: list[tuple[Any, ...]]) -> list[CategoryNode]:
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
    ulid, title, subtitle, image, price, highest, stock, sold, seller, categories, level = row
    return Card(ulid, title, subtitle, image, price, highest, stock, sold, zone, seller, tuple(categories), level)


def list_cards(
    *,
    zone: str = SELF_OPERATED,
    category_slug: str = "",
    brand_slug: str = "",
    query: str = "",
    lowest_amount: int | None = None,
    highest_amount: int | None = None,
    in_stock: bool = False,
    seller_ulid: str = "",
    order: str = "",
    page: int = 1,
    page_size: int = PAGE_SIZE,
) -> CardPage:
    """One page of visible products in a zone (one statement). Amounts in fen, of the product's lowest price.

    A parent category includes its children. `query` words must all occur in title, pinyin, initials, brand, code or
    tags; without an explicit order what equals the query comes first, then what begins with it, then what holds it.
    """
    number = max(1, page)
    words = [word[:40] for word in searching.fold(query).split()[:5]]
    whole = _like(" ".join(words)[:80])
    values: dict[str, Any] = {"zone": zone, "category": category_slug, "brand": brand_slug, "seller": seller_ulid}
    values |= {"lowest": lowest_amount or 0, "highest": highest_amount}
    values |= {"exact": f"%\n{whole}\n%", "prefix": f"%\n{whole}%", "words": " ".join(words)[:80]}
    values |= {"count": page_size + 1, "start": (number - 1) * page_size}
    values |= {f"word{place}": f"%{_like(word)}%" for place, word in enumerate(words)}
    limits = [
        (bool(category_slug), _IN_CATEGORY),
        (bool(brand_slug), " AND brand_id = (SELECT id FROM catalog_brand WHERE slug = %(brand)s)"),
        (bool(lowest_amount), " AND price_amount >= %(lowest)s"),
        (highest_amount is not None, " AND price_amount <= %(highest)s"),
        (in_stock, " AND stock > 0"),
        (bool(seller_ulid), " AND product_id IN (SELECT id FROM catalog_product WHERE seller_ulid = %(seller)s)"),
    ]
    statement = _cards_statement("".join(text for wanted, text in limits if wanted), len(words), order)
    found = [_card(zone, *row) for row in prepared_rows(statement, values)]
    return CardPage(found[:page_size], number, len(found) > page_size)


_BEST_FIRST = """CASE WHEN search_text LIKE %(exact)s THEN 0 WHEN search_text LIKE %(prefix)s THEN 1 ELSE 2 END,
    similarity(title, %(words)s) DESC, """


def _cards_statement(limits: str, words: int, order: str) -> str:
    parts = [_CARDS, limits]
    parts += [f" AND search_text LIKE %(word{place})s" for place in range(words)]
    parts += [" ORDER BY ", _BEST_FIRST if words and not order else "", _ORDERS.get(order, _ORDERS[""])]
    return "".join([*parts, " LIMIT %(count)s OFFSET %(start)s"])


_TITLES = f"""
SELECT title FROM catalog_productcard
  WHERE is_visible AND zone_id = (SELECT id FROM catalog_zone WHERE key = '{SELF_OPERATED}')
    AND search_text LIKE %(word)s
  ORDER BY CASE WHEN search_text LIKE %(exact)s THEN 0 WHEN search_text LIKE %(prefix)s THEN 1 ELSE 2 END, sold DESC, id DESC
  LIMIT %(count)s"""  # noqa: S608 - constants


def suggestions(query: str, *, count: int = 8) -> list[str]:
    """Titles to offer while somebody types (one statement; none for an empty word)."""
    word = _like(searching.fold(query)[:40])
    if not word:
        return []
    values = {"word": f"%{word}%", "exact": f"%\n{word}\n%", "prefix": f"%\n{word}%", "count": count}
    return list(dict.fromkeys(row[0] for row in prepared_rows(_TITLES, values)))


def brands() -> list[BrandView]:
    """Every brand that has something on shelf, in order (one statement)."""
    return [BrandView(*row[:3]) for row in prepared_rows(f"{_BRANDS} ORDER BY position, name", ())]


def brand(slug: str) -> BrandView:
    """One brand. Raises NotFound."""
    rows = prepared_rows("SELECT slug, name, description FROM catalog_brand WHERE slug = %s", [slug])
    if not rows:
        raise NotFound
    return BrandView(*rows[0])


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
    return [_zone(row) for row in Zone.objects.exclude(key=SELF_OPERATED).order_by("position", "pk")]


def zone(key: str) -> ZoneView:
    """One zone. Raises NotFound."""
    found = Zone.objects.filter(key=key).first()
    if found is None:
        raise NotFound
    return _zone(found)


def zones_with_goods() -> list[ZoneView]:
    """Zones of the mall's making that have something to show, in order (one statement)."""
    shown = ProductCard.objects.filter(zone=OuterRef("pk"), is_visible=True)
    rows = Zone.objects.exclude(key__in=[SELF_OPERATED, GIFT_PACK]).filter(Exists(shown))
    return [_zone(row) for row in rows.order_by("position", "pk")]


def offers_by_zone() -> dict[str, int]:
    """How many SKUs each zone offers (one statement)."""
    counted = Offer.objects.filter(sku__is_active=True).values_list("zone__key").annotate(number=Count("pk"))
    return dict(counted.order_by())


def _zone(row: Zone) -> ZoneView:
    return ZoneView(row.key, row.name, zone_terms(row.terms), row.position)


def zone_names() -> dict[str, str]:
    """Zones of the mall, key → name, in their order (one statement)."""
    return dict(Zone.objects.order_by("position", "pk").values_list("key", "name"))
