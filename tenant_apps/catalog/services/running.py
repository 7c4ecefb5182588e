"""Which step of which job is next: what the events of jobs call."""

import datetime as dt

from tenant_apps.catalog.models import Job
from tenant_apps.catalog.rules import EXPORTS, IMPORTS, JobState
from tenant_apps.catalog.services import editing, exporting, fetching, importing


def run_step(*, ulid: str, now: dt.datetime) -> bool:
    """One step of a job, in the caller's transaction; whether an export is to be written once it has committed."""
    job = Job.objects.select_for_update().filter(ulid=ulid).first()
    if job is None:
        return False
    if job.kind in EXPORTS:
        if job.state != JobState.READING:
            return False
        exporting.prepare(job, now=now)
        return True
    is_import = job.kind in IMPORTS
    if job.state == JobState.READING:
        (importing.read_step if is_import else editing.preview_step)(job, now=now)
    elif job.state == JobState.APPLYING:
        (importing.apply_step if is_import else editing.apply_step)(job, now=now)
        if is_import and job.state == JobState.DONE and job.figures.get("pictures"):
            fetching.ask(job.ulid, now=now)
    elif job.state == JobState.UNDOING:
        editing.undo_step(job, now=now)
    return False
