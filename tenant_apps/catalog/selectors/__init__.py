"""Reads of the catalog: lists from one row a product, a product page in one statement, offers in one."""

from tenant_apps.catalog.selectors.lists import (
    PAGE_SIZE,
    cards_of,
    category,
    category_tree,
    list_cards,
    zone,
    zone_names,
    zones,
)
from tenant_apps.catalog.selectors.offering import (
    offers,
    offers_of_product,
    offers_on_shelf,
    offers_through,
)
from tenant_apps.catalog.selectors.products import (
    has_product_on_shelf,
    product_count,
    product_page,
    sellers_shown,
)
from tenant_apps.catalog.selectors.shapes import (
    Card,
    CardPage,
    CategoryNode,
    ProductView,
    SkuView,
    ZoneView,
    image_url,
    product_address,
)

__all__ = [
    "PAGE_SIZE",
    "Card",
    "CardPage",
    "CategoryNode",
    "ProductView",
    "SkuView",
    "ZoneView",
    "cards_of",
    "category",
    "category_tree",
    "has_product_on_shelf",
    "image_url",
    "list_cards",
    "offers",
    "offers_of_product",
    "offers_on_shelf",
    "offers_through",
    "product_address",
    "product_count",
    "product_page",
    "sellers_shown",
    "zone",
    "zone_names",
    "zones",
]
