"""What a product must have before shoppers see it, and its way on and off the shelf."""

import datetime as dt
from functools import partial

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from saas.identity import audit
from saas.kernel.errors import DomainError, NotFound
from saas.kernel.states import check_transition
from saas.tenants.malls import limits
from tenant_apps.catalog import selectors
from tenant_apps.catalog.models import Product, ProductImage, Sku
from tenant_apps.catalog.rules import TRANSITIONS, ProductStatus
from tenant_apps.catalog.services import cards, renditions


class ProductWithoutSku(DomainError):
    """Nothing of this product can be bought."""

    code = "product_without_sku"
    http_status = 422
    message = _("“{title}” has no SKU: add at least one with a price before it goes on shelf.")


class SupplyPriceMissing(DomainError):
    """An own SKU without supply price has no known cost, so its margin cannot be shared (MODES 1)."""

    code = "supply_price_missing"
    http_status = 422
    message = _("“{title}” cannot go on shelf: the supply price of {skus} is missing.")


class ProductNotRecycled(DomainError):
    """Only what lies in the bin is deleted."""

    code = "product_not_recycled"
    message = _("“{title}” is not in the recycle bin: put it there first.")


class ProductOrdered(DomainError):
    """Orders speak of it: it stays in the bin."""

    code = "product_ordered"
    message = _("“{title}” stands in {count} orders, so it stays in the recycle bin for good.")


def check_sellable(product: Product) -> None:
    """Raise ProductWithoutSku or SupplyPriceMissing unless the product may be on shelf. What a seller needs is sellers'."""
    skus = list(
        Sku.objects.filter(product=product, is_active=True, offers__isnull=False)
        .distinct()
        .order_by("position", "pk")
        .values_list("option_text", "supply_amount")
    )
    if not skus:
        raise ProductWithoutSku(title=product.title)
    missing = [text or product.title for text, supply in skus if supply is None and not product.seller_ulid]
    if missing:
        raise SupplyPriceMissing(title=product.title, skus=", ".join(missing))


def put_on_shelf(*, ulid: str, actor: str, now: dt.datetime) -> Product:
    """Show and sell a product. Raises NotFound, IllegalTransition, ProductWithoutSku, SupplyPriceMissing."""
    return _move(ulid, ProductStatus.ON_SHELF, actor, now)


def take_off_shelf(*, ulid: str, actor: str, now: dt.datetime) -> Product:
    """Hide a product and stop selling it. Raises NotFound, IllegalTransition."""
    return _move(ulid, ProductStatus.OFF_SHELF, actor, now)


def recycle_product(*, ulid: str, actor: str, now: dt.datetime) -> Product:
    """Put a product into the bin; it must be off the shelf. Raises NotFound, IllegalTransition."""
    return _move(ulid, ProductStatus.RECYCLED, actor, now)


def restore_product(*, ulid: str, actor: str, now: dt.datetime) -> Product:
    """Take a product out of the bin, off shelf. Raises NotFound, IllegalTransition, PlanLimitReached, MallRestricted."""
    with transaction.atomic():
        limits.check("products_max", used=selectors.product_count)
        return _move(ulid, ProductStatus.OFF_SHELF, actor, now)


def purge_product(*, ulid: str, order_count: int, actor: str, now: dt.datetime) -> None:
    """Delete a product of the bin for good, with its SKUs and pictures; `order_count`: the orders that speak of it.

    Whoever calls asks the orders, which the catalog does not know: what lies in the bin cannot be ordered meanwhile.
    Raises NotFound, ProductNotRecycled, ProductOrdered.
    """
    with transaction.atomic():
        product = Product.objects.select_for_update().filter(ulid=ulid).first()
        if product is None:
            raise NotFound
        if product.status != ProductStatus.RECYCLED:
            raise ProductNotRecycled(title=product.title)
        if order_count:
            raise ProductOrdered(title=product.title, count=order_count)
        keys = list(ProductImage.objects.filter(product=product).values_list("key", flat=True))
        Sku.objects.filter(product=product).delete()
        title = product.title
        product.delete()
        audit.record(actor, "product.purged", target=f"product:{ulid}", title=title)
        transaction.on_commit(partial(renditions.delete_all, keys), robust=True)


def _move(ulid: str, wanted: ProductStatus, actor: str, now: dt.datetime) -> Product:
    with transaction.atomic():
        product = Product.objects.select_for_update().filter(ulid=ulid).first()
        if product is None:
            raise NotFound
        check_transition(TRANSITIONS, ProductStatus(product.status), wanted)
        if wanted is ProductStatus.ON_SHELF:
            check_sellable(product)
            product.shelved_at = now
        product.status = wanted
        product.updated_at = now
        product.save(update_fields=["status", "shelved_at", "updated_at"])
        cards.refresh([product.pk])
        audit.record(actor, f"product.{wanted}", target=f"product:{ulid}")
    return product
