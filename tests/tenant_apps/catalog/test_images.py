"""Pictures are rendered once, lie under their own mall, and what is no picture is refused."""

import io
import struct
import zlib

import pytest
from django.core.files.storage import default_storage
from PIL import Image

from saas.kernel import clock
from tenant_apps.catalog import selectors, services
from tenant_apps.catalog.models import ProductImage
from tests.factories import catalog

NOW = clock.now()


@pytest.fixture
def media(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path)
    return tmp_path


def _add(product, content, content_type="image/jpeg"):
    return services.add_image(
        product_ulid=product.ulid, content=content, content_type=content_type, actor=catalog.ACTOR, now=NOW
    )


def test_makes_every_rendition_under_the_mall(grocery, media):
    product = catalog.shelved()
    image = _add(product, catalog.picture((1200, 900)))
    assert image.key.startswith(f"t/{grocery.ulid}/p/")
    sizes = {}
    for width in (160, 320, 640, 960):
        for kind in ("avif", "webp", "jpg"):
            with default_storage.open(f"{image.key}/{width}.{kind}") as file:
                sizes[width, kind] = Image.open(io.BytesIO(file.read())).size
    assert sizes[160, "webp"] == (160, 120) and sizes[960, "jpg"] == sizes[960, "avif"] == (960, 720)
    assert selectors.list_cards().cards[0].image_url(300) == f"/media/{image.key}/320.webp"
    assert selectors.product_page(product.ulid).images == [image.key]


def test_removing_the_cover_promotes_the_next_and_deletes_files(grocery, media, django_capture_on_commit_callbacks):
    product = catalog.shelved()
    first, second = (_add(product, catalog.picture(color=color)) for color in ("red", "blue"))
    services.reorder_images(product_ulid=product.ulid, image_ulids=[second.ulid, first.ulid], actor=catalog.ACTOR)
    assert selectors.list_cards().cards[0].image_key == second.key
    with django_capture_on_commit_callbacks(execute=True):
        services.remove_image(image_ulid=second.ulid, actor=catalog.ACTOR)
    assert selectors.list_cards().cards[0].image_key == first.key
    assert not default_storage.exists(f"{second.key}/320.webp")


def _png_bomb(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 1000))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("content", "content_type", "reason"),
    [
        (b"<svg/>", "image/svg+xml", "content_type"),
        (b"<?php echo 1;", "image/jpeg", "not_an_image"),
        (catalog.picture(kind="PNG"), "image/jpeg", "not_an_image"),
        (b"\xff\xd8" + b"0" * (10 * 1024 * 1024), "image/jpeg", "too_large"),
        (_png_bomb(60_000, 60_000), "image/png", "too_many_pixels"),
        (_png_bomb(8_000, 8_000), "image/png", "too_many_pixels"),
        (catalog.picture((50, 400)), "image/jpeg", "too_small"),
        (catalog.picture()[:2000], "image/jpeg", "not_an_image"),
    ],
    ids=["svg", "script", "wrong_type", "large", "bomb", "many_pixels", "small", "cut_off"],
)
def test_refuses_what_is_no_decent_picture(grocery, media, content, content_type, reason):
    product = catalog.shelved()
    with pytest.raises(services.ImageRefused) as refused:
        _add(product, content, content_type)
    assert refused.value.data["reason"] == reason
    assert not ProductImage.objects.exists()
    assert list(media.rglob("*.*")) == []
