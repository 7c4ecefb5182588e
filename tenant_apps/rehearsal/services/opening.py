"""Asking for the end of a rehearsal. What it does is a job (provisioning.rehearsals.opening)."""

import datetime as dt

from django.db import transaction

from saas.identity import audit
from saas.kernel import clock
from saas.tenants.jobs import services as jobs
from saas.tenants.jobs.models import Job
from saas.tenants.jobs.rules import JobKind
from saas.tenants.malls.models import Mall
from tenant_apps.design import services as design


def ask_opening(*, mall: Mall, actor: str, now: dt.datetime) -> Job:
    """Open the mall, as a job: test data wiped, the books proved empty, the clock the world's, never back.

    `now` is the mall's. Raises NotInRehearsal, VendorNotVerified, MallNotReady, JobUnderWay.
    """
    design.require_ready(mall=mall, now=now)
    with transaction.atomic():
        job = jobs.start_job(mall=mall.ulid, kind=JobKind.OPENING, asked={}, actor=actor, now=clock.to_real(now))
        audit.record(actor, "mall.opening_asked", target=f"mall:{mall.ulid}", job=job.ulid)
    return job
