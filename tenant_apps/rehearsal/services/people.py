"""Asking for test people. Making them is a job (rehearsal.tasks)."""

import datetime as dt

from django.db import transaction

from saas.identity import audit
from saas.kernel import clock
from saas.tenants.jobs import services as jobs
from saas.tenants.jobs.models import Job
from saas.tenants.jobs.rules import JobKind
from saas.tenants.malls import services as malls
from saas.tenants.malls.models import Mall


def ask_people(*, mall: Mall, actor: str, now: dt.datetime) -> Job:
    """Make the test people, as a job. Raises ClockIsReal (a mall that has opened), JobUnderWay. `now` is the mall's."""
    malls.require_rehearsal(mall)
    with transaction.atomic():
        job = jobs.start_job(mall=mall.ulid, kind=JobKind.PEOPLE, asked={}, actor=actor, now=clock.to_real(now))
        audit.record(actor, "rehearsal.people_made", target=f"job:{job.ulid}")
    return job
