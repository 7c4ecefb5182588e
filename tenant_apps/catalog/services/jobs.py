"""Jobs on many products: asked for, looked at, applied, undone. Each step is an event and a transaction of its own, which
also says how far it came: a worker that dies takes back its step alone, and the next one goes on from there, once.
"""

import datetime as dt
from collections.abc import Callable, Collection, Mapping
from typing import IO, Any

from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from saas.identity import audit
from saas.kernel.errors import DomainError, InvalidInput, NotFound
from saas.kernel.ids import new_ulid
from saas.kernel.states import check_transition
from saas.messaging.bus import services as bus
from saas.tenants.malls.activation import active_mall_ulid
from tenant_apps.catalog.models import Job, JobRow
from tenant_apps.catalog.rules import EXPORTS, IMPORTS, JOB_TRANSITIONS, JobKind, JobState, RowState
from tenant_apps.catalog.transfer.reading import MAX_FILE_BYTES, FileRefused, check_archive

TOPIC = "catalog.job_due"
MAX_ZIP_BYTES = 500 * 1024 * 1024


class JobBusy(DomainError):
    """Another job of this kind is under way."""

    code = "job_busy"
    message = _("Another import, export or bulk edit is under way: wait for it, or discard it.")


class NothingChosen(InvalidInput):
    """No row is to be applied."""

    code = "nothing_chosen"
    message = _("Choose at least one product that can be applied.")


class JobNotUndoable(DomainError):
    """Only a bulk edit is undone."""

    code = "job_not_undoable"
    message = _("Only a bulk edit that is done can be undone.")


def start_import(
    *,
    kind: JobKind,
    file: IO[bytes],
    file_name: str,
    pictures: IO[bytes] | None = None,
    update_stock: bool = True,
    actor: str,
    now: dt.datetime,
) -> Job:
    """Keep the file and begin to read it; nothing is changed before `apply_job`. Raises FileRefused, JobBusy."""
    assert kind in IMPORTS
    for given, most in ((file, MAX_FILE_BYTES), (pictures, MAX_ZIP_BYTES)):
        if given is not None and _size(given) > most:
            raise FileRefused(_("The file is larger than {most} MB."), field="file", most=most // (1024 * 1024))
    if pictures is not None:
        check_archive(pictures)
    if not _size(file):
        raise FileRefused(_("The file is empty."), field="file")
    ulid = new_ulid()
    file_key = default_storage.save(job_key(ulid, "upload"), File(file))
    pictures_key = default_storage.save(job_key(ulid, "pictures.zip"), File(pictures)) if pictures else ""
    return _begin(
        ulid, kind, actor, now, {"update_stock": update_stock}, file_name=file_name[:200], file_key=file_key,
        pictures_key=pictures_key,
    )  # fmt: skip


def start_export(*, kind: JobKind, asked: Mapping[str, Any], actor: str, now: dt.datetime) -> Job:
    """Begin to write a file of products: `asked` has `status` (or empty), `origin` (the mall's address), `pictures`."""
    assert kind in EXPORTS
    return _begin(new_ulid(), kind, actor, now, dict(asked))


def start_edit(*, products: Collection[str], change: Mapping[str, Any], actor: str, now: dt.datetime) -> Job:
    """Begin the preview of a change (rules.edit) of these products. Raises InvalidInput, JobBusy."""
    if not products:
        raise NothingChosen(field="products")
    return _begin(new_ulid(), JobKind.EDIT, actor, now, {"products": list(products), "change": dict(change)})


def job_key(ulid: str, name: str) -> str:
    """Where a job keeps a file: in the private part of its mall's media folder."""
    return f"t/{active_mall_ulid()}/private/jobs/{ulid}/{name}"


def _size(file: IO[bytes]) -> int:
    file.seek(0, 2)
    size = file.tell()
    file.seek(0)
    return size


_UNDER_WAY = (JobState.READING, JobState.APPLYING, JobState.UNDOING)


def _begin(ulid: str, kind: JobKind, actor: str, now: dt.datetime, settings: dict[str, Any], **more: str) -> Job:
    with transaction.atomic():
        if Job.objects.filter(state__in=_UNDER_WAY, kind=kind).exists():
            raise JobBusy
        job = Job(ulid=ulid, kind=kind, state=JobState.READING, actor=actor, settings=settings, created_at=now, **more)
        job.save(force_insert=True)
        schedule_step(job)
        audit.record(actor, f"catalog_job.{kind}", target=f"job:{ulid}", file=job.file_name)
    return job


def schedule_step(job: Job) -> None:
    """Ask for the next step, in the transaction of the one before; the caller saves `figures`."""
    step = job.figures.get("steps", 0) + 1
    job.figures["steps"] = step
    # An export is written in one go, which is a task's business, not the deliverer's: scheduled events are tasks.
    at = job.created_at if job.kind in EXPORTS else None
    bus.publish(TOPIC, {"job": job.ulid}, key=f"{job.ulid}:{step}", available_at=at)
    job.save(update_fields=["figures"])


def apply_job(*, ulid: str, rows: Collection[int] | None = None, actor: str, now: dt.datetime) -> Job:
    """Apply what the check found sound: all of it, or the rows with these ids. Raises NotFound, IllegalTransition,
    NothingChosen.
    """
    with transaction.atomic():
        job = locked(ulid)
        _move(job, JobState.APPLYING)
        ready = JobRow.objects.filter(job=job, state=RowState.READY)
        chosen = (ready if rows is None else ready.filter(pk__in=list(rows))).update(state=RowState.CHOSEN)
        if not chosen:
            raise NothingChosen(field="rows")
        job.figures |= {"chosen": chosen, "applied": 0, "refused": 0}
        job.save()
        schedule_step(job)
        audit.record(actor, "catalog_job.applied", target=f"job:{ulid}", products=chosen)
    return job


def discard_job(*, ulid: str, actor: str, now: dt.datetime) -> None:
    """Drop a job that was only looked at. Raises NotFound, IllegalTransition."""
    with transaction.atomic():
        job = locked(ulid)
        _move(job, JobState.DISCARDED)
        job.finished_at = now
        job.save()
        JobRow.objects.filter(job=job).delete()
        forget_files(job)
        audit.record(actor, "catalog_job.discarded", target=f"job:{ulid}")


def undo_job(*, ulid: str, actor: str, now: dt.datetime) -> None:
    """Take a bulk edit back, product by product; what was changed since stays as it is and is named.

    Raises NotFound, JobNotUndoable, IllegalTransition.
    """
    with transaction.atomic():
        job = locked(ulid)
        if job.kind != JobKind.EDIT:
            raise JobNotUndoable
        _move(job, JobState.UNDOING)
        job.figures |= {"undone": 0, "kept": 0}
        job.save()
        schedule_step(job)
        audit.record(actor, "catalog_job.undone", target=f"job:{ulid}")


def locked(ulid: str) -> Job:
    """The job, locked. Raises NotFound."""
    job = Job.objects.select_for_update().filter(ulid=ulid).first()
    if job is None:
        raise NotFound
    return job


def _move(job: Job, wanted: JobState) -> None:
    check_transition(JOB_TRANSITIONS, JobState(job.state), wanted)
    job.state = wanted


def finish(job: Job, state: JobState, now: dt.datetime, *, fault: str = "") -> None:
    """A phase is over; the caller's transaction says so."""
    _move(job, state)
    job.fault = fault[:300]
    if state is not JobState.CHECKED:
        job.finished_at = now
        forget_files(job)
    job.save()


def forget_files(job: Job) -> None:
    """Delete what was uploaded, once the job needs it no more; a zip waits for its pictures."""
    waiting = JobRow.objects.filter(job=job, state=RowState.PICTURE).exists()
    keys = [job.file_key, f"{job.file_key}.lines"] if job.file_key else []
    if job.pictures_key and not waiting:
        keys.append(job.pictures_key)
    transaction.on_commit(_deleting(keys), robust=True)


def _deleting(keys: list[str]) -> Callable[[], None]:
    def delete() -> None:
        for key in keys:
            if default_storage.exists(key):
                default_storage.delete(key)

    return delete
