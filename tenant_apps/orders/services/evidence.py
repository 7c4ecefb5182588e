"""Photos of a case, a review, a conversation: checked, re-encoded without what a camera writes into them, kept in the mall's private folder."""

import io
from collections.abc import Sequence

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils.translation import gettext
from PIL import Image

from saas.kernel.errors import InvalidInput, NotFound
from saas.kernel.ids import is_ulid, new_ulid
from saas.tenants.malls.activation import active_mall_ulid
from tenant_apps.catalog.services.renditions import open_checked
from tenant_apps.orders.aftersales import MAX_PHOTOS

_SIDE = 1600


def store_photos(photos: Sequence[tuple[bytes, str]], *, folder: str = "cases") -> list[str]:
    """Names of the photos (content and declared type), all checked before one is written; `folder` is a private one.

    Raises InvalidInput (too many), ImageRefused; then no file has been written.
    """
    if len(photos) > MAX_PHOTOS:
        raise InvalidInput(gettext("At most {number} photos.").format(number=MAX_PHOTOS), field="photos")
    names = []
    for content in [_clean(open_checked(content, kind)) for content, kind in photos]:
        name = new_ulid()
        default_storage.save(_key(folder, name), ContentFile(content))
        names.append(name)
    return names


def read_photo(names: Sequence[str], name: str, *, folder: str = "cases") -> bytes:
    """One of these photos, JPEG. Raises NotFound."""
    if name not in names or not is_ulid(name):
        raise NotFound
    try:
        with default_storage.open(_key(folder, name)) as file:
            content: bytes = file.read()
    except FileNotFoundError:
        raise NotFound from None
    return content


def _clean(picture: Image.Image) -> bytes:
    """Pixels alone: a new picture carries no EXIF, comment or place."""
    picture.thumbnail((_SIDE, _SIDE))
    bare = Image.new("RGB", picture.size)
    bare.paste(picture)
    buffer = io.BytesIO()
    bare.save(buffer, format="JPEG", quality=82)
    return buffer.getvalue()


def _key(folder: str, name: str) -> str:
    return f"t/{active_mall_ulid()}/private/{folder}/{name}.jpg"
