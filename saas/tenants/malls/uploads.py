"""A browser's upload straight into the bucket: a signed form for one object of this mall; afterwards the object is taken,
checked and stored by whoever asked for it. With files on disk there are no such forms: pages send the file itself."""

from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from saas.kernel.errors import InvalidInput
from saas.kernel.ids import is_ulid, new_ulid
from saas.tenants.malls import limits
from saas.tenants.malls.activation import active_mall_ulid
from saas.tenants.malls.storage import BucketStorage, mall_storage, own_folder

SECONDS = 600
TYPES = ("image/jpeg", "image/png", "image/webp")


class UploadRefused(InvalidInput):
    """An upload of another kind, of another mall, or one that never arrived."""

    code = "upload_refused"
    message = _("This upload cannot be used.")


def direct_uploads() -> bool:
    """Whether browsers upload into the bucket."""
    return bool(settings.MEDIA_BUCKET)


def begin_upload(*, content_type: str, max_bytes: int) -> dict[str, Any]:
    """The form for one upload of the active mall: `upload` (its id), `url`, `fields`. Raises UploadRefused, PlanUsedUp."""
    storage = mall_storage()
    if not isinstance(storage, BucketStorage):
        raise UploadRefused(_("This installation takes files by the form itself."), field="upload")
    if content_type not in TYPES:
        raise UploadRefused(_("A picture is JPEG, PNG or WebP."), field="content_type")
    limits.check_upload()
    upload = new_ulid()
    form = storage.presigned_upload(_key(upload), content_type=content_type, max_bytes=max_bytes, seconds=SECONDS)
    return {"upload": upload, **form}


def take_upload(upload: str, *, max_bytes: int) -> bytes:
    """The content of an upload of the active mall, which is then gone from the bucket. Raises UploadRefused."""
    if not is_ulid(upload):
        raise UploadRefused(field="upload")
    storage = mall_storage()
    try:
        if storage.size(_key(upload)) > max_bytes:
            raise UploadRefused(_("The file is too large."), field="upload")
        with storage.open(_key(upload)) as file:
            content: bytes = file.read()
    except FileNotFoundError:
        raise UploadRefused(_("The upload has not arrived."), field="upload") from None
    storage.delete(_key(upload))
    return content


def _key(upload: str) -> str:
    return f"{own_folder(active_mall_ulid())}private/uploads/{upload}"
