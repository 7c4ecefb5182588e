"""Reads of jobs, for the pages of a mall and for whoever takes them on."""

import datetime as dt

from django_tenants.utils import schema_context

from saas.kernel.errors import NotFound
from saas.tenants.jobs.models import Job
from saas.tenants.jobs.rules import JobState


def running(mall: str) -> Job | None:
    """The job that runs in a mall (its ULID), if there is one."""
    with schema_context("public"):
        return Job.objects.filter(mall=mall, state=JobState.RUNNING).first()


def of_mall(mall: str, *kinds: str, limit: int = 20) -> list[Job]:
    """A mall's jobs of some kinds (all, if none is named), newest first."""
    with schema_context("public"):
        rows = Job.objects.filter(mall=mall, **({"kind__in": kinds} if kinds else {}))
        return list(rows.order_by("-started_at", "-pk")[:limit])


def job(ulid: str) -> Job:
    """One job. Raises NotFound."""
    with schema_context("public"):
        row = Job.objects.filter(ulid=ulid).first()
    if row is None:
        raise NotFound
    return row


def due(*, now: dt.datetime) -> list[str]:
    """Running jobs that want to be taken on, the oldest first. `now` is the world's."""
    with schema_context("public"):
        rows = Job.objects.filter(state=JobState.RUNNING, due_at__lte=now).order_by("started_at")
        return list(rows.values_list("ulid", flat=True))
