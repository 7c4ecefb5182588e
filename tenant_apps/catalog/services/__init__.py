"""Writes of the catalog, by use case."""

from tenant_apps.catalog.services.cards import follow_seller
from tenant_apps.catalog.services.categories import CategoryTooDeep, SlugTaken, create_category, rename_category
from tenant_apps.catalog.services.images import ImageRefused, add_image, remove_image, reorder_images
from tenant_apps.catalog.services.products import (
    ForbiddenClaim,
    GridInvalid,
    create_product,
    remove_offer,
    set_offer_price,
    update_product,
)
from tenant_apps.catalog.services.shelf import (
    ProductWithoutSku,
    SupplyPriceMissing,
    put_on_shelf,
    recycle_product,
    restore_product,
    take_off_shelf,
)
from tenant_apps.catalog.services.stock import InsufficientStock, change_stock, record_sold, return_stock, take_stock

__all__ = [
    "CategoryTooDeep",
    "ForbiddenClaim",
    "GridInvalid",
    "ImageRefused",
    "InsufficientStock",
    "ProductWithoutSku",
    "SlugTaken",
    "SupplyPriceMissing",
    "add_image",
    "change_stock",
    "create_category",
    "create_product",
    "follow_seller",
    "put_on_shelf",
    "record_sold",
    "recycle_product",
    "remove_image",
    "remove_offer",
    "rename_category",
    "reorder_images",
    "restore_product",
    "return_stock",
    "set_offer_price",
    "take_off_shelf",
    "take_stock",
    "update_product",
]
