"""Brands: made, renamed, taken away while no product carries them."""

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from saas.identity import audit
from saas.kernel.errors import DomainError, InvalidInput, NotFound
from tenant_apps.catalog import searching
from tenant_apps.catalog.models import Brand, Product, Sku
from tenant_apps.catalog.services import cards

_NAME_LENGTH = 40


class BrandTaken(DomainError):
    """Another brand has this name or address."""

    code = "brand_taken"
    message = _("A brand “{name}” exists already.")


class BrandInUse(DomainError):
    """Products carry it."""

    code = "brand_in_use"
    message = _("“{name}” is carried by {count} products: give them another brand first.")


def create_brand(*, slug: str, name: str, description: str = "", actor: str) -> Brand:
    """Add a brand. Raises InvalidInput, BrandTaken."""
    name = _checked(name)
    with transaction.atomic():
        if Brand.objects.filter(name=name).exists() or Brand.objects.filter(slug=slug).exists():
            raise BrandTaken(name=name, field="name")
        brand = Brand.objects.create(slug=slug, name=name, description=description.strip()[:200])
        audit.record(actor, "brand.created", target=f"brand:{slug}")
    return brand


def change_brand(
    *, slug: str, name: str, description: str | None = None, position: int | None = None, actor: str
) -> None:
    """Rename a brand; its products are found by the new name at once. Raises InvalidInput, NotFound, BrandTaken."""
    name = _checked(name)
    with transaction.atomic():
        brand = Brand.objects.select_for_update().filter(slug=slug).first()
        if brand is None:
            raise NotFound
        if Brand.objects.filter(name=name).exclude(pk=brand.pk).exists():
            raise BrandTaken(name=name, field="name")
        before, brand.name = brand.name, name
        if description is not None:
            brand.description = description.strip()[:200]
        if position is not None:
            brand.position = position
        brand.save()
        if before != name:
            find_anew(list(Product.objects.filter(brand=brand).values_list("pk", flat=True)))
        audit.record(actor, "brand.changed", target=f"brand:{slug}", before=before, name=name)


def remove_brand(*, slug: str, actor: str) -> None:
    """Take a brand away. Raises NotFound, BrandInUse."""
    with transaction.atomic():
        brand = Brand.objects.select_for_update().filter(slug=slug).first()
        if brand is None:
            raise NotFound
        if count := Product.objects.filter(brand=brand).count():
            raise BrandInUse(name=brand.name, count=count)
        brand.delete()
        audit.record(actor, "brand.removed", target=f"brand:{slug}", name=brand.name)


def find_anew(product_ids: list[int]) -> None:
    """Write the search text of these products again, after what it is made of has changed, and their cards."""
    products = Product.objects.select_related("brand").filter(pk__in=product_ids)
    codes: dict[int, list[str]] = {}
    for pk, code, barcode in Sku.objects.filter(product__in=product_ids).values_list("product_id", "code", "barcode"):
        codes.setdefault(pk, []).extend((code, barcode))
    texts = {
        product.pk: searching.search_text(
            title=product.title,
            brand=product.brand.name if product.brand else "",
            codes=codes.get(product.pk, ()),
            tags=product.tags,
        )
        for product in products
    }
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE catalog_product p SET search_text = t.text FROM unnest(%s::bigint[], %s::text[]) AS t(id, text)"
            " WHERE p.id = t.id",
            [list(texts), list(texts.values())],
        )
    cards.refresh(product_ids)


def _checked(name: str) -> str:
    name = name.strip()
    if not 1 <= len(name) <= _NAME_LENGTH:
        raise InvalidInput(_("The name of a brand has 1 to 40 characters."), field="name")
    return name
