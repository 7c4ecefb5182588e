"""A seller's own goods as he counts them. Reads only; another seller's SKU is not found."""

from django.db.models import QuerySet

from saas.kernel.errors import NotFound
from tenant_apps.catalog.models import Product, ProductCard, Sku
from tenant_apps.catalog.rules import ProductKind, ReviewState

LOW_STOCK = 10


def skus_of_seller(seller_ulid: str) -> QuerySet[Sku]:
    """Active SKUs of a seller's goods, the lowest stock first."""
    rows = Sku.objects.filter(product__seller_ulid=seller_ulid, product__kind=ProductKind.GOODS, is_active=True)
    return rows.select_related("product").order_by("stock", "pk")


def sku_of_seller(seller_ulid: str, ulid: str) -> Sku:
    """One of them. Raises NotFound."""
    row = skus_of_seller(seller_ulid).filter(ulid=ulid).first() if seller_ulid else None
    if row is None:
        raise NotFound
    return row


def given_back(seller_ulid: str) -> int:
    """How many products the mall has given back to be mended."""
    return Product.objects.filter(seller_ulid=seller_ulid, review_state=ReviewState.RETURNED).count()


def low_stock(seller_ulid: str) -> int:
    """How many products on sale have less than LOW_STOCK pieces."""
    return (
        ProductCard.objects.filter(product__seller_ulid=seller_ulid, is_visible=True, stock__lt=LOW_STOCK)
        .values("product")
        .distinct()
        .count()
    )
