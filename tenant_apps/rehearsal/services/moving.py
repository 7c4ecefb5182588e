"""Asking for a move of the clock. What it does is a job (saas.config.clock_moves)."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from saas.identity import audit
from saas.kernel import clock
from saas.kernel.errors import InvalidInput
from saas.tenants.jobs import services as jobs
from saas.tenants.jobs.models import Job
from saas.tenants.jobs.rules import JobKind
from saas.tenants.malls import services as malls
from saas.tenants.malls.models import Mall
from tenant_apps.rehearsal.rules import FURTHEST_DAYS, LONGEST_JUMP_DAYS


def ask_days(*, mall: Mall, days: int, actor: str, now: dt.datetime) -> Job:
    """Let the mall's clock go on by whole days. `now` is the mall's. Raises as `ask_move`."""
    if days < 1:
        raise InvalidInput(_("The clock goes forward only: choose at least one day."), field="days")
    return ask_move(mall=mall, to=now + dt.timedelta(days=min(days, LONGEST_JUMP_DAYS + 1)), actor=actor, now=now)


def ask_move(*, mall: Mall, to: dt.datetime, actor: str, now: dt.datetime) -> Job:
    """Let the mall's clock go on to an instant, as a job; what falls due in between is done in its order.

    `now` and `to` are the mall's. Raises ClockIsReal (a mall that has opened), InvalidInput, JobUnderWay.
    """
    malls.require_rehearsal(mall)
    if to <= now:
        raise InvalidInput(_("The clock goes forward only: choose a later day."), field="days")
    if to - now > dt.timedelta(days=LONGEST_JUMP_DAYS):
        raise InvalidInput(_("At most {days} days at once.").format(days=LONGEST_JUMP_DAYS), field="days")
    if to - clock.to_real(now) > dt.timedelta(days=FURTHEST_DAYS):
        raise InvalidInput(_("A rehearsal's clock goes at most five years ahead."), field="days")
    with transaction.atomic():
        asked = {"from": now.isoformat(), "to": to.isoformat()}
        job = jobs.start_job(mall=mall.ulid, kind=JobKind.CLOCK, asked=asked, actor=actor, now=clock.to_real(now))
        audit.record(actor, "rehearsal.clock_moved", target=f"job:{job.ulid}", **asked)
    return job


def stop_move(*, mall: Mall, job: str, actor: str, now: dt.datetime) -> Job:
    """Let a move of the clock stop where it is. Raises NotFound, IllegalTransition."""
    with transaction.atomic():
        stopped = jobs.stop_job(ulid=job, mall=mall.ulid, now=clock.to_real(now))
        audit.record(actor, "rehearsal.clock_stopped", target=f"job:{job}")
    return stopped


def try_again(*, mall: Mall, job: str, actor: str, now: dt.datetime) -> Job:
    """Take on a job of the mall that failed, where it stopped. Raises NotFound, IllegalTransition, JobUnderWay."""
    with transaction.atomic():
        again = jobs.retry_job(ulid=job, mall=mall.ulid, now=clock.to_real(now))
        audit.record(actor, "rehearsal.job_retried", target=f"job:{job}", kind=again.kind)
    return again
