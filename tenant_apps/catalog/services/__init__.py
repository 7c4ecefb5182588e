"""Writes of the catalog, by use case."""

from tenant_apps.catalog.services.brands import BrandInUse, BrandTaken, change_brand, create_brand, remove_brand
from tenant_apps.catalog.services.cards import follow_seller
from tenant_apps.catalog.services.categories import CategoryTooDeep, SlugTaken, create_category, rename_category
from tenant_apps.catalog.services.images import add_image, remove_image, reorder_images
from tenant_apps.catalog.services.offers import remove_offer, set_offer_price
from tenant_apps.catalog.services.products import ForbiddenClaim, GridInvalid, create_product, update_product
from tenant_apps.catalog.services.renditions import ImageRefused
from tenant_apps.catalog.services.schedule import keep_schedule, schedule_shelf
from tenant_apps.catalog.services.shelf import (
    ProductNotRecycled,
    ProductOrdered,
    ProductWithoutSku,
    SupplyPriceMissing,
    purge_product,
    put_on_shelf,
    recycle_product,
    restore_product,
    take_off_shelf,
)
from tenant_apps.catalog.services.stock import InsufficientStock, change_stock, record_sold, return_stock, take_stock
from tenant_apps.catalog.services.zones import ZoneInvalid, ZoneKept, remove_zone, save_zone

__all__ = [
    "BrandInUse",
    "BrandTaken",
    "CategoryTooDeep",
    "ForbiddenClaim",
    "GridInvalid",
    "ImageRefused",
    "InsufficientStock",
    "ProductNotRecycled",
    "ProductOrdered",
    "ProductWithoutSku",
    "SlugTaken",
    "SupplyPriceMissing",
    "ZoneInvalid",
    "ZoneKept",
    "add_image",
    "change_brand",
    "change_stock",
    "create_brand",
    "create_category",
    "create_product",
    "follow_seller",
    "keep_schedule",
    "purge_product",
    "put_on_shelf",
    "record_sold",
    "recycle_product",
    "remove_brand",
    "remove_image",
    "remove_offer",
    "remove_zone",
    "rename_category",
    "reorder_images",
    "restore_product",
    "return_stock",
    "save_zone",
    "schedule_shelf",
    "set_offer_price",
    "take_off_shelf",
    "take_stock",
    "update_product",
]
