"""One product with everything its page shows, and figures of all of them."""

from saas.kernel.errors import NotFound
from saas.kernel.prepared import prepared_rows
from tenant_apps.catalog.models import Product, ProductCard
from tenant_apps.catalog.rules import (
    SELF_OPERATED,
    ProductStatus,
    offer_key,
    price_terms,
)
from tenant_apps.catalog.selectors.shapes import PictureView, ProductView, SkuView

_PRODUCT = """
SELECT p.ulid, p.title, p.subtitle, p.description_html, coalesce(c.slug, ''), coalesce(c.name, ''), p.sold,
    p.options::json, p.kind, p.seller_ulid, coalesce(b.slug, ''), coalesce(b.name, ''), p.freight_template, p.free_shipping,
    ARRAY(SELECT own.slug FROM catalog_category own WHERE own.id IN (c.id, c.parent_id) ORDER BY own.id <> c.id),
    (SELECT coalesce(json_agg(json_build_array(key, alt, width, height) ORDER BY position, id), '[]')
       FROM catalog_productimage WHERE product_id = p.id),
    p.status = %(on_shelf)s, p.seller_sells, (
      SELECT coalesce(json_agg(json_build_array(s.ulid, s.option_values, s.option_text, o.price_amount, s.stock,
                                               s.supply_amount, s.compare_amount, s.weight_grams, o.terms)
                               ORDER BY s.position, s.id), '[]')
        FROM catalog_sku s JOIN catalog_offer o ON o.sku_id = s.id
        WHERE s.product_id = p.id AND s.is_active
          AND o.zone_id = (SELECT id FROM catalog_zone WHERE key = %(zone)s))
  FROM catalog_product p LEFT JOIN catalog_category c ON c.id = p.category_id
    LEFT JOIN catalog_brand b ON b.id = p.brand_id WHERE p.ulid = %(ulid)s"""


def product_page(ulid: str, *, zone: str = SELF_OPERATED, any_status: bool = False) -> ProductView:
    """Everything a product page shows (one statement). Raises NotFound unless it is on shelf or `any_status`."""
    rows = prepared_rows(_PRODUCT, {"ulid": ulid, "zone": zone, "on_shelf": ProductStatus.ON_SHELF.value})
    if not rows:
        raise NotFound
    *facts, categories, images, on_shelf, seller_sells, skus = rows[0]
    if not (any_status or on_shelf):
        raise NotFound
    found = [
        SkuView(
            sku,
            tuple(values),
            text,
            price,
            stock,
            supply,
            offer_key(sku, zone),
            compare_amount=compare if compare and compare > price else 0,
            weight_grams=weight,
            terms=price_terms(terms),
        )
        for sku, values, text, price, stock, supply, compare, weight, terms in skus
    ]
    pictures = [PictureView(*one) for one in images]
    return ProductView(*[*facts, tuple(categories), pictures, on_shelf, seller_sells, found, zone])


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
