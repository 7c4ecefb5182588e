"""Product pictures: checked, re-encoded once into every size and format, stored under the mall's own media folder."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import Max

from saas.identity import audit
from saas.kernel.errors import NotFound
from saas.kernel.ids import new_ulid
from saas.tenants.malls import limits
from saas.tenants.malls.activation import active_mall_ulid
from tenant_apps.catalog.models import Product, ProductImage
from tenant_apps.catalog.rules import MAX_IMAGES
from tenant_apps.catalog.services import cards
from tenant_apps.catalog.services.renditions import ImageRefused, delete_files, open_checked, store_renditions


def prepare_image(*, content: bytes, content_type: str) -> dict[str, Any]:
    """Check a picture and store its renditions; ULID, key and size of what no row names yet. Raises ImageRefused,
    PlanUsedUp."""
    limits.check_upload()
    picture = open_checked(content, content_type)
    ulid = new_ulid()
    key = f"t/{active_mall_ulid()}/p/{ulid}"
    store_renditions(picture, key)
    return {"ulid": ulid, "key": key, "width": picture.width, "height": picture.height}


def add_image(
    *,
    product_ulid: str,
    content: bytes,
    content_type: str,
    alt: str = "",
    source_url: str = "",
    position: int | None = None,
    actor: str,
    now: dt.datetime,
) -> ProductImage:
    """Add a picture to a product, last in order unless a position is given. Raises ImageRefused, NotFound, PlanUsedUp.

    The renditions are written before the row: a refused transaction leaves unused files, never a row without files.
    """
    if not Product.objects.filter(ulid=product_ulid).exists():
        raise NotFound
    made = prepare_image(content=content, content_type=content_type)
    with transaction.atomic():
        product = Product.objects.select_for_update().get(ulid=product_ulid)
        if position is None:
            known = ProductImage.objects.filter(product=product).aggregate(last=Max("position"))["last"]
            position = 0 if known is None else known + 1
        if ProductImage.objects.filter(product=product).count() >= MAX_IMAGES:
            raise ImageRefused(reason="too_many", field="image")
        image = ProductImage(
            product=product,
            **made,
            alt=alt[:200],
            source_url=source_url[:500],
            position=position,
        )
        image.save(force_insert=True)
        cards.refresh([product.pk])
        audit.record(actor, "product.image_added", target=f"product:{product_ulid}", image=image.ulid)
    return image


def remove_image(*, image_ulid: str, actor: str) -> None:
    """Take a picture off its product and delete its files. Raises NotFound."""
    with transaction.atomic():
        image = ProductImage.objects.filter(ulid=image_ulid).select_related("product").first()
        if image is None:
            raise NotFound
        image.delete()
        cards.refresh([image.product_id])
        audit.record(actor, "product.image_removed", target=f"product:{image.product.ulid}", image=image_ulid)
        transaction.on_commit(lambda: delete_files(image.key))


def reorder_images(*, product_ulid: str, image_ulids: Sequence[str], actor: str) -> None:
    """Put a product's pictures in this order; the first is the cover. Raises NotFound unless all are named."""
    with transaction.atomic():
        images = {image.ulid: image for image in ProductImage.objects.filter(product__ulid=product_ulid)}
        if not images or set(images) != set(image_ulids):
            raise NotFound
        for position, ulid in enumerate(image_ulids):
            images[ulid].position = position
        ProductImage.objects.bulk_update(images.values(), ["position"])
        cards.refresh([next(iter(images.values())).product_id])
        audit.record(actor, "product.images_ordered", target=f"product:{product_ulid}")
