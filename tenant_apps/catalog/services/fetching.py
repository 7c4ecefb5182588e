"""Pictures of an import: out of its zip, or from the web, one after the other, never inside a transaction."""

import datetime as dt
import posixpath
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import unquote, urlsplit

from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext_noop

from saas.kernel.errors import DomainError
from saas.messaging.bus import services as bus
from tenant_apps.catalog.gateways import web
from tenant_apps.catalog.models import Job, JobRow, ProductImage
from tenant_apps.catalog.rules import MAX_IMAGE_BYTES, RowState
from tenant_apps.catalog.services import images

TOPIC = "catalog.pictures_due"
_SECONDS_A_STEP = 8.0
_AGAIN = dt.timedelta(minutes=5)
_MAGIC = ((b"\xff\xd8\xff", "image/jpeg"), (b"\x89PNG\r\n\x1a\n", "image/png"))


def ask(job_ulid: str, *, now: dt.datetime, turn: int = 0) -> None:
    """Ask for the next turn of pictures, in the caller's transaction; as a schedule, so that a task does it."""
    bus.publish(TOPIC, {"job": job_ulid, "turn": turn}, key=f"{job_ulid}:{turn}", available_at=now)


def prepare(job_ulid: str, *, turn: int, now: dt.datetime) -> bool:
    """In the event's transaction: whether pictures wait; another turn comes by itself should this one die."""
    if not JobRow.objects.filter(job__ulid=job_ulid, state=RowState.PICTURE).exists():
        return False
    bus.publish(TOPIC, {"job": job_ulid, "turn": turn + 1}, key=f"{job_ulid}:{turn + 1}", available_at=now + _AGAIN)
    return True


def fetch_some(job_ulid: str, *, turn: int, now: dt.datetime) -> None:
    """Some seconds' worth of pictures; then the next turn at once."""
    begun = time.monotonic()
    job = Job.objects.get(ulid=job_ulid)
    with _archive(job) as archive:
        while time.monotonic() - begun < _SECONDS_A_STEP:
            row = JobRow.objects.filter(job=job, state=RowState.PICTURE).order_by("pk").first()
            if row is None:
                break
            _fetch(job, row, archive, now)
    with transaction.atomic():
        left = JobRow.objects.filter(job=job, state=RowState.PICTURE).exists()
        if bus.cancel(TOPIC, key=f"{job_ulid}:{turn + 1}") and left:
            ask(job_ulid, now=now, turn=turn + 1)
    if not left and job.pictures_key and default_storage.exists(job.pictures_key):
        default_storage.delete(job.pictures_key)


def retry(*, ulid: str, actor: str, now: dt.datetime) -> int:
    """Try the pictures that were not found once more; how many."""
    with transaction.atomic():
        job = Job.objects.select_for_update().get(ulid=ulid)
        count = JobRow.objects.filter(job=job, state=RowState.MISSING).update(state=RowState.PICTURE, faults=[])
        if count:
            turn = job.figures.get("picture_turn", 0) + 1_000_000
            job.figures["picture_turn"] = turn
            job.save(update_fields=["figures"])
            ask(ulid, now=now, turn=turn)
    return count


def _fetch(job: Job, row: JobRow, archive: dict[str, "_Packed"], now: dt.datetime) -> None:
    """One picture: got, rendered, stored, and its row marked, in a transaction after the network is done."""
    src = row.data["src"]
    try:
        if ProductImage.objects.filter(product__ulid=row.product_ulid, source_url=src).exists():
            row.state = RowState.FETCHED  # an earlier turn died between the picture and its mark
            row.save(update_fields=["state"])
            return
        content = _content(src, archive)
        with translation.override(None):
            images.add_image(
                product_ulid=row.product_ulid, content=content, content_type=_kind(content), alt=row.data["alt"],
                source_url=src, position=row.data["position"] - 1, actor=job.actor, now=now,
            )  # fmt: skip
        row.state = RowState.FETCHED
    except DomainError as error:
        row.state = RowState.MISSING
        row.faults = [{"row": row.number, "column": "Image Src", "reason": error.text, "value": src[:80]}]
    row.save(update_fields=["state", "faults"])


def _content(src: str, archive: dict[str, "_Packed"]) -> bytes:
    name = posixpath.basename(unquote(urlsplit(src).path)).lower()
    packed = archive.get(name)
    if packed is not None:
        return packed.read()
    if urlsplit(src).scheme not in ("http", "https"):
        raise web.AddressRefused(gettext_noop("No picture of this name in the archive."))
    return web.fetch_picture(src)[0]


def _kind(content: bytes) -> str:
    """What a file says it is by its first bytes, whatever its server called it."""
    for start, kind in _MAGIC:
        if content.startswith(start):
            return kind
    return "image/webp" if content[:4] == b"RIFF" and content[8:12] == b"WEBP" else "application/octet-stream"


class _Packed:
    """A file of the archive, read when it is wanted and no further than a picture may be."""

    def __init__(self, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> None:
        self._archive, self._info = archive, info

    def read(self) -> bytes:
        """Its content, cut one byte beyond what a picture may have (then it is refused as too large)."""
        with self._archive.open(self._info) as file:
            return file.read(MAX_IMAGE_BYTES + 1)


@contextmanager
def _archive(job: Job) -> Iterator[dict[str, _Packed]]:
    """The zip's pictures by file name in lower case; nothing without a zip."""
    if not job.pictures_key:
        yield {}
        return
    with default_storage.open(job.pictures_key) as file, zipfile.ZipFile(file) as archive:
        yield {
            posixpath.basename(info.filename).lower(): _Packed(archive, info)
            for info in archive.infolist()
            if not info.is_dir()
        }
