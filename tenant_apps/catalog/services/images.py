"""Product pictures: checked, re-encoded once into every size and format, stored under the mall's own media folder."""

import datetime as dt
import io
from collections.abc import Sequence
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps, UnidentifiedImageError

from saas.identity import audit
from saas.kernel.errors import DomainError, NotFound
from saas.kernel.ids import new_ulid
from saas.tenants.malls.activation import active_mall_ulid
from tenant_apps.catalog.models import Product, ProductImage
from tenant_apps.catalog.rules import (
    IMAGE_TYPES,
    IMAGE_WIDTHS,
    MAX_IMAGE_BYTES,
    MAX_IMAGE_PIXELS,
    MAX_IMAGES,
    MIN_IMAGE_SIDE,
)
from tenant_apps.catalog.services import cards

_WEBP: dict[str, Any] = {"format": "WEBP", "quality": 80, "method": 2}
_JPEG: dict[str, Any] = {"format": "JPEG", "quality": 82, "progressive": True, "optimize": False}


class ImageRefused(DomainError):
    """The file is not a picture we take. `reason` is a stable word."""

    code = "image_refused"
    http_status = 422
    message = _(
        "This picture was refused ({reason}): JPEG, PNG or WebP up to 10 MB and 40 megapixels, at least 100 × 100."
    )


def add_image(*, product_ulid: str, content: bytes, content_type: str, actor: str, now: dt.datetime) -> ProductImage:
    """Add a picture to a product, last in order. Raises ImageRefused, NotFound.

    The renditions are written before the row: a refused transaction leaves unused files, never a row without files.
    """
    if not Product.objects.filter(ulid=product_ulid).exists():
        raise NotFound
    picture = open_checked(content, content_type)
    ulid = new_ulid()
    key = f"t/{active_mall_ulid()}/p/{ulid}"
    store_renditions(picture, key)
    with transaction.atomic():
        product = Product.objects.select_for_update().get(ulid=product_ulid)
        known = ProductImage.objects.filter(product=product).aggregate(last=Max("position"))["last"]
        position = 0 if known is None else known + 1
        if ProductImage.objects.filter(product=product).count() >= MAX_IMAGES:
            raise ImageRefused(reason="too_many", field="image")
        image = ProductImage(
            ulid=ulid, product=product, key=key, width=picture.width, height=picture.height, position=position
        )
        image.save(force_insert=True)
        cards.refresh([product.pk])
        audit.record(actor, "product.image_added", target=f"product:{product_ulid}", image=ulid)
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
        transaction.on_commit(lambda: _delete_files(image.key))


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


def open_checked(content: bytes, content_type: str) -> Image.Image:
    """The decoded picture, upright and RGB. Raises ImageRefused.

    Size is read from the header before a pixel is decoded, so a bomb costs nothing.
    """
    kind = IMAGE_TYPES.get(content_type)
    if kind is None:
        raise ImageRefused(reason="content_type", field="image")
    if len(content) > MAX_IMAGE_BYTES:
        raise ImageRefused(reason="too_large", field="image")
    try:
        picture = Image.open(io.BytesIO(content), formats=[kind])
        if picture.width * picture.height > MAX_IMAGE_PIXELS:
            raise ImageRefused(reason="too_many_pixels", field="image")
        if min(picture.size) < MIN_IMAGE_SIDE:
            raise ImageRefused(reason="too_small", field="image")
        picture.load()
        upright = ImageOps.exif_transpose(picture)
    except Image.DecompressionBombError as error:
        raise ImageRefused(reason="too_many_pixels", field="image") from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise ImageRefused(reason="not_an_image", field="image") from error
    return _flatten(upright)


def _flatten(picture: Image.Image) -> Image.Image:
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        layer = picture.convert("RGBA")
        ground = Image.new("RGB", layer.size, "white")
        ground.paste(layer, mask=layer.getchannel("A"))
        return ground
    return picture.convert("RGB")


def store_renditions(picture: Image.Image, key: str) -> None:
    """Write `<key>/<width>.webp` and `.jpg` for every width; a smaller original is never enlarged."""
    for width in sorted(IMAGE_WIDTHS, reverse=True):
        height = max(1, round(picture.height * width / picture.width))
        small = (
            picture
            if picture.width <= width
            else picture.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=2)
        )
        for suffix, options in (("webp", _WEBP), ("jpg", _JPEG)):
            buffer = io.BytesIO()
            small.save(buffer, **options)  # type: ignore[arg-type]
            default_storage.save(f"{key}/{width}.{suffix}", ContentFile(buffer.getvalue()))


def _delete_files(key: str) -> None:
    for width in IMAGE_WIDTHS:
        for suffix in ("webp", "jpg"):
            default_storage.delete(f"{key}/{width}.{suffix}")
