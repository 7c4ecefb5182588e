"""Writes of jobs. `now` is the world's here: a job is no part of the mall's own time."""

import datetime as dt
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _
from django_tenants.utils import schema_context

from saas.kernel.errors import DomainError, NotFound
from saas.kernel.ids import new_ulid
from saas.kernel.states import check_transition
from saas.messaging.bus import services as bus
from saas.tenants.jobs import selectors
from saas.tenants.jobs.models import Job
from saas.tenants.jobs.rules import JOB_TRANSITIONS, TRIES, JobKind, JobState

ASKED = "job.asked"
_WAIT = dt.timedelta(seconds=15)


class JobUnderWay(DomainError):
    """A mall does one such thing at a time."""

    code = "job_under_way"
    message = _("Something else is being done to this mall right now. Wait until it is over.")


def start_job(*, mall: str, kind: JobKind, asked: dict[str, Any], actor: str, now: dt.datetime) -> Job:
    """Begin a job of a mall (its ULID), in the caller's transaction. Raises JobUnderWay."""
    with transaction.atomic():
        with schema_context("public"):
            try:
                with transaction.atomic():
                    job = Job.objects.create(
                        ulid=new_ulid(), mall=mall, kind=kind, asked=asked, actor=actor, started_at=now, due_at=now
                    )
            except IntegrityError:
                raise JobUnderWay from None
        bus.publish(ASKED, {"job": job.ulid}, key=job.ulid, mall="")
    return job


def note_progress(job: Job, **progress: Any) -> None:
    """Write down how far a job is."""
    job.progress |= progress
    with schema_context("public"), transaction.atomic():
        Job.objects.filter(pk=job.pk).update(progress=job.progress, attempts=0)


def finish_job(job: Job, *, now: dt.datetime, **progress: Any) -> None:
    """The job is over and all is well."""
    job.progress |= progress
    _end(job, JobState.DONE, "", now)


def fail_job(job: Job, error: str, *, now: dt.datetime) -> None:
    """The job cannot go on: `error` is what its page shows."""
    _end(job, JobState.FAILED, error, now)


def put_off(job: Job, error: str, *, now: dt.datetime) -> None:
    """Something went wrong that may pass: try again after a while, a few times."""
    job.attempts += 1
    if job.attempts >= TRIES:
        fail_job(job, error, now=now)
        return
    with schema_context("public"), transaction.atomic():
        Job.objects.filter(pk=job.pk).update(
            attempts=job.attempts, error=error[:2000], due_at=now + _WAIT * job.attempts
        )


def stop_job(*, ulid: str, mall: str, now: dt.datetime) -> Job:
    """Let a job of a mall stop where it is. Raises NotFound, IllegalTransition."""
    job = selectors.job(ulid)
    if job.mall != mall:
        raise NotFound
    _end(job, JobState.STOPPED, "", now)
    return job


def retry_job(*, ulid: str, mall: str, now: dt.datetime) -> Job:
    """Take on a job that failed once more, where it stopped. Raises NotFound, IllegalTransition, JobUnderWay."""
    with schema_context("public"), transaction.atomic():
        job = Job.objects.select_for_update().filter(ulid=ulid, mall=mall).first()
        if job is None:
            raise NotFound
        check_transition(JOB_TRANSITIONS, JobState(job.state), JobState.RUNNING)
        job.state, job.attempts, job.due_at, job.finished_at = JobState.RUNNING, 0, now, None
        try:
            with transaction.atomic():
                job.save(update_fields=["state", "attempts", "due_at", "finished_at"])
        except IntegrityError:
            raise JobUnderWay from None
    return job


def _end(job: Job, state: JobState, error: str, now: dt.datetime) -> None:
    with schema_context("public"), transaction.atomic():
        row = Job.objects.select_for_update().get(pk=job.pk)
        check_transition(JOB_TRANSITIONS, JobState(row.state), state)
        row.state, row.error, row.finished_at = state, error[:2000], now
        row.progress = row.progress | job.progress
        row.save(update_fields=["state", "error", "finished_at", "progress"])
    job.state, job.error, job.finished_at, job.progress = row.state, row.error, row.finished_at, row.progress
