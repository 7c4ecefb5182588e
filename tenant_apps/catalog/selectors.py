"""Reads of the catalog: lists from one row a product, a product page in one statement, offers in one."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import F, QuerySet
from django.db.models.expressions import RawSQL

from saas.kernel.errors import NotFound
from saas.kernel.prepared import prepared_rows
from tenant_apps.catalog.models import Category, Offer, Product, ProductCard, Zone
from tenant_apps.catalog.rules import (
    IMAGE_WIDTHS,
    SELF_OPERATED,
    OfferFact,
    ProductStatus,
    offer_key,
    split_key,
)

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
_PRODUCT = """
SELECT p.ulid, p.title, p.subtitle, p.description_html, coalesce(c.slug, ''), coalesce(c.name, ''), p.sold,
    p.options::json, p.kind, p.seller_ulid,
    ARRAY(SELECT own.slug FROM catalog_category own WHERE own.id IN (c.id, c.parent_id) ORDER BY own.id <> c.id),
    ARRAY(SELECT key FROM catalog_productimage WHERE product_id = p.id ORDER BY position, id),
    p.status = %(on_shelf)s, p.seller_sells, (
      SELECT coalesce(json_agg(json_build_array(s.ulid, s.option_values, s.option_text, o.price_amount, s.stock,
                                               s.supply_amount)
                               ORDER BY s.position, s.id), '[]')
        FROM catalog_sku s JOIN catalog_offer o ON o.sku_id = s.id
        WHERE s.product_id = p.id AND s.is_active
          AND o.zone_id = (SELECT id FROM catalog_zone WHERE key = %(zone)s))
  FROM catalog_product p LEFT JOIN catalog_category c ON c.id = p.category_id WHERE p.ulid = %(ulid)s"""


@dataclass(frozen=True)
class CategoryNode:
    """A category with its children, as menus show it."""

    slug: str
    name: str
    children: tuple["CategoryNode", ...] = ()


@dataclass(frozen=True)
class Card:
    """A product in a list. Amounts in fen."""

    product_ulid: str
    title: str
    subtitle: str
    image_key: str
    price_amount: int
    highest_price_amount: int
    stock: int
    sold: int
    zone: str = SELF_OPERATED
    seller_ulid: str = ""
    categories: tuple[str, ...] = ()  # slugs: its own, then the parent
    member_price_amount: int = 0  # the lowest price with a membership; 0: none, or not asked for

    @property
    def address(self) -> str:
        """The product's page in its zone."""
        return product_address(self.product_ulid, self.zone)

    def image_url(self, width: int = 320, kind: str = "webp") -> str:
        """Where the cover's rendition lies; empty without a picture."""
        return image_url(self.image_key, width, kind)

    @property
    def picture(self) -> str:
        """The cover at list size (WebP)."""
        return self.image_url()


@dataclass(frozen=True)
class CardPage:
    """One page of a list; `number` counts from 1."""

    cards: list[Card]
    number: int
    has_next: bool

    @property
    def next_number(self) -> int:
        return self.number + 1


@dataclass(frozen=True)
class SkuView:
    """A SKU on the product page."""

    ulid: str
    values: tuple[str, ...]
    option_text: str
    price_amount: int
    stock: int
    supply_amount: int | None = None
    key: str = ""  # rules.offer_key: what a form posts
    member_price_amount: int = 0  # with a membership, where it is lower and was asked for


@dataclass(frozen=True)
class ZoneView:
    """A zone for menus and its page."""

    key: str
    name: str


@dataclass(frozen=True)
class ProductView:
    """A product page's facts. `images` are media keys, cover first."""

    ulid: str
    title: str
    subtitle: str
    description_html: str
    category_slug: str
    category_name: str
    sold: int
    options: list[dict[str, list[str]]]
    kind: str
    seller_ulid: str
    categories: tuple[str, ...]
    images: list[str]
    on_shelf: bool
    seller_sells: bool  # False: shown, and not on sale
    skus: list[SkuView]
    zone: str = SELF_OPERATED

    @property
    def lowest_price_amount(self) -> int:
        return min((sku.price_amount for sku in self.skus), default=0)

    @property
    def highest_price_amount(self) -> int:
        return max((sku.price_amount for sku in self.skus), default=0)

    @property
    def stock(self) -> int:
        return sum(sku.stock for sku in self.skus)

    @property
    def offers(self) -> list[OfferFact]:
        """Its SKUs as a mode's quote needs them."""
        return [
            OfferFact(
                0, sku.ulid, self.ulid, self.zone, self.categories, self.title, sku.option_text, "",
                sku.price_amount, sku.supply_amount, sku.stock, self.on_shelf and self.seller_sells, self.kind,
                self.seller_ulid, self.seller_sells,
            )
            for sku in self.skus
        ]  # fmt: skip


def product_address(product_ulid: str, zone: str = SELF_OPERATED) -> str:
    """Where a product is shown in a zone."""
    return f"/p/{product_ulid}" if zone == SELF_OPERATED else f"/p/{product_ulid}?zone={zone}"


def image_url(key: str, width: int = 640, kind: str = "webp") -> str:
    """The address of a rendition: `width` is one of rules.IMAGE_WIDTHS, `kind` webp or jpg. Empty for an empty key."""
    if not key:
        return ""
    nearest = min(IMAGE_WIDTHS, key=lambda known: (known < width, abs(known - width)))
    return f"{settings.MEDIA_URL}{key}/{nearest}.{'jpg' if kind in ('jpg', 'jpeg') else 'webp'}"


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


def product_page(ulid: str, *, zone: str = SELF_OPERATED, any_status: bool = False) -> ProductView:
    """Everything a product page shows (one statement). Raises NotFound unless it is on shelf or `any_status`."""
    rows = prepared_rows(_PRODUCT, {"ulid": ulid, "zone": zone, "on_shelf": ProductStatus.ON_SHELF.value})
    if not rows:
        raise NotFound
    *facts, categories, images, on_shelf, seller_sells, skus = rows[0]
    if not (any_status or on_shelf):
        raise NotFound
    found = [
        SkuView(sku, tuple(values), text, price, stock, supply, offer_key(sku, zone))
        for sku, values, text, price, stock, supply in skus
    ]
    return ProductView(*[*facts, tuple(categories), images, on_shelf, seller_sells, found, zone])


_COVER = "(SELECT i.key FROM catalog_productimage i WHERE i.product_id = catalog_sku.product_id ORDER BY i.position, i.id LIMIT 1)"


_OFFER = (
    "ulid",
    "product__ulid",
    "product__title",
    "option_text",
    "offers__price_amount",
    "supply_amount",
    "stock",
    "is_active",
    "product__status",
    "pk",
    "product__category__slug",
    "product__category__parent__slug",
    "product__kind",
    "product__seller_ulid",
    "product__seller_sells",
)


# The zone, the cover, then the columns of _OFFER.
_OFFERS = f"""
SELECT z.key, {_COVER}, catalog_sku.ulid, p.ulid, p.title, catalog_sku.option_text, o.price_amount, catalog_sku.supply_amount,
    catalog_sku.stock, catalog_sku.is_active, p.status, catalog_sku.id, c.slug, parent.slug, p.kind, p.seller_ulid,
    p.seller_sells
  FROM catalog_sku JOIN catalog_product p ON p.id = catalog_sku.product_id
    JOIN catalog_offer o ON o.sku_id = catalog_sku.id JOIN catalog_zone z ON z.id = o.zone_id
    LEFT JOIN catalog_category c ON c.id = p.category_id LEFT JOIN catalog_category parent ON parent.id = c.parent_id
  WHERE catalog_sku.ulid = ANY(%(skus)s) AND z.key = ANY(%(zones)s)"""  # noqa: S608 - constants


def offers(keys: Iterable[str]) -> dict[str, OfferFact]:
    """The offers of these keys (rules.offer_key: a SKU's ULID, or `ULID@zone`) by key, in one statement.

    Unknown SKUs, and SKUs that are not in the zone, are absent.
    """
    wanted = set(keys)
    skus, zones = zip(*(split_key(key) for key in wanted), strict=True) if wanted else ((), ())
    found = (_offer_fact(*row) for row in prepared_rows(_OFFERS, {"skus": list(skus), "zones": list(set(zones))}))
    return {offer.key: offer for offer in found if offer.key in wanted}


def offers_through(rows: QuerySet[Any], column: str) -> list[tuple[OfferFact, Any]]:
    """The offers that `rows` (of a table with `sku` and `zone`, a key) name, each with a column of its row: one statement."""
    names = [f"sku__{name}" for name in _OFFER]
    values = (
        rows.filter(sku__offers__zone__key=F("zone"))
        .annotate(cover=RawSQL(_COVER, []))  # noqa: S611  (a constant)
        .values_list(column, "zone", "cover", *names)
    )
    return [(_offer_fact(*row), value) for value, *row in values]


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


def offers_of_product(product_ulid: str) -> list[tuple[str, str, int]]:
    """Where a product's active SKUs are offered besides the mall's own zone: (SKU ULID, zone, price in fen)."""
    rows = Offer.objects.filter(sku__product__ulid=product_ulid, sku__is_active=True).exclude(zone__key=SELF_OPERATED)
    return list(rows.order_by("zone__position", "sku__position").values_list("sku__ulid", "zone__key", "price_amount"))


def _offer_fact(
    zone: str,
    cover: str | None,
    ulid: str,
    product: str,
    title: str,
    text: str,
    price: int,
    supply: int | None,
    stock: int,
    active: bool,
    status: str,
    pk: int,
    own: str | None,
    parent: str | None,
    kind: str,
    seller: str,
    seller_sells: bool,
) -> OfferFact:
    return OfferFact(
        sku_id=pk,
        sku_ulid=ulid,
        product_ulid=product,
        zone=zone,
        categories=tuple(slug for slug in (own, parent) if slug),
        title=title,
        option_text=text,
        image_key=cover or "",
        price_amount=price,
        supply_amount=supply,
        stock=stock,
        sellable=active and status == ProductStatus.ON_SHELF and seller_sells,
        kind=kind,
        seller_ulid=seller,
        seller_sells=seller_sells,
    )


def offers_on_shelf() -> Iterator[OfferFact]:
    """Every active SKU on shelf in every zone, without its picture (one statement): what rules are tried on."""
    rows = (
        Offer.objects.filter(sku__is_active=True, sku__product__status=ProductStatus.ON_SHELF)
        .order_by("-pk")
        .values_list(
            "sku_id",
            "sku__ulid",
            "sku__product__ulid",
            "zone__key",
            "sku__product__category__slug",
            "sku__product__category__parent__slug",
            "sku__product__title",
            "sku__option_text",
            "price_amount",
            "sku__supply_amount",
            "sku__stock",
            "sku__product__kind",
            "sku__product__seller_ulid",
        )
    )
    for pk, ulid, product, zone, own, parent, title, text, price, supply, stock, kind, seller in rows.iterator(
        chunk_size=2_000
    ):
        categories = tuple(slug for slug in (own, parent) if slug)
        yield OfferFact(pk, ulid, product, zone, categories, title, text, "", price, supply, stock, True, kind, seller)


def zone_names() -> dict[str, str]:
    """Zones of the mall, key → name, in their order (one statement)."""
    return dict(Zone.objects.order_by("position", "pk").values_list("key", "name"))


def has_product_on_shelf() -> bool:
    """Whether anything can be bought: the readiness list asks."""
    return ProductCard.objects.filter(is_visible=True, stock__gt=0).exists()


def product_count() -> int:
    """Products that are not in the bin: what the plan counts."""
    return Product.objects.exclude(status=ProductStatus.RECYCLED).count()


def sellers_shown() -> dict[str, set[bool]]:
    """Seller → whether his products say that he sells (one statement): what the sellers' round compares."""
    found: dict[str, set[bool]] = {}
    rows = Product.objects.exclude(seller_ulid="").values_list("seller_ulid", "seller_sells").distinct()
    for seller, sells in rows:
        found.setdefault(seller, set()).add(sells)
    return found
