"""Takes on the jobs of malls (saas.tenants.jobs): one worker a mall, in slices, wherever the last one stopped.

A session lock keeps two workers off one mall; the server drops it with the connection of a worker that was killed, and
the sweep brings the job to another one.
"""

import logging
import traceback
from collections.abc import Callable

from celery import shared_task
from django.db import connection, transaction
from django.utils.module_loading import import_string

from saas.config.wiring import JOBS
from saas.kernel.clock import real_now
from saas.kernel.errors import DomainError
from saas.messaging.bus.services import Event
from saas.messaging.bus.tasks import PublicTask
from saas.tenants.backend.locks import session_lock
from saas.tenants.jobs import selectors, services
from saas.tenants.jobs.models import Job
from saas.tenants.jobs.rules import JobState
from saas.tenants.malls import selectors as malls
from saas.tenants.malls.activation import in_mall
from tenant_apps.rehearsal import tasks as rehearsal

logger = logging.getLogger(__name__)


def on_job_asked(event: Event) -> None:
    """A job was begun: take it on at once. (If this is lost, the sweep starts it.)"""
    ulid = str(event.payload["job"])
    transaction.on_commit(lambda: _again(ulid), robust=True)


@shared_task(base=PublicTask, name="saas.config.jobs.run_job", ignore_result=True)
def run_job(*, job: str, **_: object) -> None:
    """Take a job on for a slice of time; if it is not over, it comes again."""
    if take(job):
        _again(job)


@shared_task(base=PublicTask, name="saas.config.jobs.sweep_jobs", ignore_result=True)
def sweep_jobs(**_: object) -> None:
    """Every few seconds: start what is due. A job that a worker holds refuses the second one at once."""
    for ulid in selectors.due(now=real_now()):
        _again(ulid)


def _again(ulid: str) -> None:
    run_job.apply_async(kwargs={"job": ulid}, retry=False)


def take(ulid: str) -> bool:
    """Work on a running job for a slice; whether it wants to go on at once."""
    job = selectors.job(ulid)
    with session_lock(f"mall:{job.mall}") as alone:
        job = selectors.job(ulid)
        if not alone or job.state != JobState.RUNNING or job.due_at > real_now():
            return False
        try:
            return not _slice(job)
        except DomainError as error:
            services.fail_job(job, error.text, now=real_now())
        except Exception as error:
            logger.exception("job %s (%s) of mall %s", job.ulid, job.kind, job.mall, extra={"mall": job.mall})
            services.put_off(job, f"{error}\n{traceback.format_exc(limit=-4)}", now=real_now())
    return False


def _slice(job: Job) -> bool:
    step: Callable[[Job], bool] = import_string(JOBS[job.kind])
    try:
        over = step(job)
    finally:
        connection.set_schema_to_public()  # type: ignore[attr-defined]
    return over or selectors.job(job.ulid).state != JobState.RUNNING


def make_people(job: Job) -> bool:
    """The job of kind `people`, in its mall."""
    with in_mall(malls.mall_by_ulid(job.mall)) as mall:
        return rehearsal.make_people(job, mall)
