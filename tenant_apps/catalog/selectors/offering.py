"""Offers: SKUs in zones as carts, orders and modes need them."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import F, QuerySet
from django.db.models.expressions import RawSQL

from saas.kernel.prepared import prepared_rows
from tenant_apps.catalog.models import Offer
from tenant_apps.catalog.rules import (
    SELF_OPERATED,
    OfferFact,
    PriceTerms,
    ProductStatus,
    price_terms,
    split_key,
    zone_terms,
)

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
    "weight_grams",
    "product__freight_template",
    "product__free_shipping",
    "offers__terms",
    "offers__zone__terms",
)


# The zone, the cover, then the columns of _OFFER.
_OFFERS = f"""
SELECT z.key, {_COVER}, catalog_sku.ulid, p.ulid, p.title, catalog_sku.option_text, o.price_amount, catalog_sku.supply_amount,
    catalog_sku.stock, catalog_sku.is_active, p.status, catalog_sku.id, c.slug, parent.slug, p.kind, p.seller_ulid,
    p.seller_sells, catalog_sku.weight_grams, p.freight_template, p.free_shipping, o.terms::json, z.terms::json
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


def offers_through(rows: QuerySet[Any], *columns: str) -> list[tuple[OfferFact, tuple[Any, ...]]]:
    """The offers that `rows` (of a table with `sku` and `zone`, a key) name, each with columns of its row: one statement."""
    names = [f"sku__{name}" for name in _OFFER]
    values = (
        rows.filter(sku__offers__zone__key=F("zone"))
        .annotate(cover=RawSQL(_COVER, []))  # noqa: S611  (a constant)
        .values_list(*columns, "zone", "cover", *names)
    )
    return [(_offer_fact(*row[len(columns) :]), row[: len(columns)]) for row in values]


def offers_of_product(product_ulid: str) -> list[tuple[str, str, int, PriceTerms]]:
    """Where a product's active SKUs are offered besides the mall's own zone: SKU ULID, zone, price in fen, its terms."""
    rows = Offer.objects.filter(sku__product__ulid=product_ulid, sku__is_active=True).exclude(zone__key=SELF_OPERATED)
    found = rows.order_by("zone__position", "sku__position").values_list(
        "sku__ulid", "zone__key", "price_amount", "terms"
    )
    return [(sku, zone, price, price_terms(terms)) for sku, zone, price, terms in found]


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
    weight: int,
    template: str,
    free: bool,
    terms: dict[str, Any] | None,
    of_zone: dict[str, Any] | None,
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
        weight_grams=weight,
        freight_template=template,
        free_shipping=free,
        terms=price_terms(terms),
        zone_terms=zone_terms(of_zone),
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
            "terms",
            "zone__terms",
        )
    )
    for (
        pk,
        ulid,
        product,
        zone,
        own,
        parent,
        title,
        text,
        price,
        supply,
        stock,
        kind,
        seller,
        terms,
        of_zone,
    ) in rows.iterator(chunk_size=2_000):
        categories = tuple(slug for slug in (own, parent) if slug)
        yield OfferFact(
            pk, ulid, product, zone, categories, title, text, "", price, supply, stock, True, kind, seller,
            terms=price_terms(terms), zone_terms=zone_terms(of_zone),
        )  # fmt: skip
