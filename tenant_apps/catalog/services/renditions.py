"""Renditions of a picture: checked by its header before a pixel is decoded, rendered once into every size and format."""

import io
from collections.abc import Iterable
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps, UnidentifiedImageError

from saas.kernel.errors import DomainError
from tenant_apps.catalog.rules import IMAGE_TYPES, IMAGE_WIDTHS, MAX_IMAGE_BYTES, MAX_IMAGE_PIXELS, MIN_IMAGE_SIDE

_FORMATS: dict[str, dict[str, Any]] = {
    "avif": {"format": "AVIF", "quality": 60, "speed": 9, "max_threads": 1},
    "webp": {"format": "WEBP", "quality": 80, "method": 2},
    "jpg": {"format": "JPEG", "quality": 82, "progressive": True, "optimize": False},
}


class ImageRefused(DomainError):
    """The file is not a picture we take. `reason` is a stable word."""

    code = "image_refused"
    http_status = 422
    message = _(
        "This picture was refused ({reason}): JPEG, PNG or WebP up to 10 MB and 40 megapixels, at least 100 × 100."
    )


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
    """Write `<key>/<width>.avif`, `.webp` and `.jpg` for every width; a smaller original is never enlarged."""
    for width in sorted(IMAGE_WIDTHS, reverse=True):
        height = max(1, round(picture.height * width / picture.width))
        small = (
            picture
            if picture.width <= width
            else picture.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=2)
        )
        for suffix, options in _FORMATS.items():
            buffer = io.BytesIO()
            small.save(buffer, **options)
            default_storage.save(f"{key}/{width}.{suffix}", ContentFile(buffer.getvalue()))


def delete_files(key: str) -> None:
    """Delete every rendition of a picture."""
    for width in IMAGE_WIDTHS:
        for suffix in _FORMATS:
            default_storage.delete(f"{key}/{width}.{suffix}")


def delete_all(keys: Iterable[str]) -> None:
    """Delete the renditions of several pictures."""
    for key in keys:
        delete_files(key)
