"""A rehearsal's clock on its way: stop by stop, in the order of the mall's own calendar, what falls due is done.

Stops are each event the calendar holds (a payment's time is over, an order is received by itself, a contract ends) and
the round of each day, ten minutes after midnight in China. The offset is written down at each stop, and all that is done
there is found by what is not done yet: a worker that was killed is followed by one that goes on at the same stop.
"""

import datetime as dt
import logging
import time

from django.utils.module_loading import import_string

from saas.config.delivery import run_delivery
from saas.config.wiring import ROUNDS
from saas.kernel.clock import CHINA, now, real_now
from saas.kernel.crashpoint import crashpoint
from saas.messaging.bus import services as bus
from saas.tenants.jobs import selectors as jobs
from saas.tenants.jobs import services
from saas.tenants.jobs.models import Job
from saas.tenants.jobs.rules import JobState
from saas.tenants.malls import selectors as malls
from saas.tenants.malls import services as mall_services
from saas.tenants.malls.activation import in_mall
from saas.tenants.malls.models import Mall

logger = logging.getLogger(__name__)
SLICE_SECONDS = 20.0
ROUND_AT = dt.time(0, 10)  # in China


def go_on(job: Job) -> bool:
    """Move the mall's clock on for a slice of time; whether it has arrived."""
    begun = time.monotonic()
    target = dt.datetime.fromisoformat(job.asked["to"])
    mall = malls.mall_by_ulid(job.mall)
    mall_services.require_rehearsal(mall)
    _work(job, mall, daily=True)  # what a worker that was killed may have left at its stop
    while (at := _time_of(mall)) < target:
        stop, daily = _next_stop(mall, at, target)
        mall = mall_services.move_clock(mall.ulid, to=stop)
        crashpoint("clock.moved")
        _work(job, mall, daily=daily)
        _note(job, stop, target)
        crashpoint("clock.worked")
        if time.monotonic() - begun > SLICE_SECONDS or jobs.job(job.ulid).state != JobState.RUNNING:
            return False
    services.finish_job(job, now=real_now(), at=target.isoformat())
    return True


def _time_of(mall: Mall) -> dt.datetime:
    return real_now() + dt.timedelta(seconds=mall.clock_offset_seconds)


def _next_stop(mall: Mall, at: dt.datetime, target: dt.datetime) -> tuple[dt.datetime, bool]:
    """The next instant at which something is due, and whether the day's round is."""
    local = at.astimezone(CHINA)
    round_at = dt.datetime.combine(local.date(), ROUND_AT, tzinfo=CHINA)
    if round_at <= local:
        round_at += dt.timedelta(days=1)
    goal = min(round_at.astimezone(dt.UTC), target)
    event = bus.next_of_calendar(mall.ulid)
    if event is not None:
        due = event + dt.timedelta(seconds=mall.clock_offset_seconds)
        if due < goal:
            return max(due, at), False
    return goal, True


def _work(job: Job, mall: Mall, *, daily: bool) -> None:
    """Everything that is due at the clock's present instant; a part that fails is noted and stays due."""
    _deliver(job, mall)
    if daily:
        for name in ROUNDS:
            try:
                with in_mall(mall):
                    import_string(name)(now=now())
            except Exception as error:
                logger.exception("%s failed in mall %s", name, mall.ulid, extra={"mall": mall.ulid})
                _count(job, failed=1, last_error=f"{name}: {error}"[:300])
        _count(job, rounds=1)
        _deliver(job, mall)


def _deliver(job: Job, mall: Mall) -> None:
    tried: set[str] = set()
    while waiting := [one for one in bus.due_of(mall.ulid, now=real_now()) if one not in tried]:
        for event in waiting:
            tried.add(event)
            if run_delivery(event_id=event, mall=mall.ulid, fact=False):
                _count(job, events=1)
            else:
                _count(job, failed=1)


def _count(job: Job, *, last_error: str = "", **more: int) -> None:
    for name, amount in more.items():
        job.progress[name] = job.progress.get(name, 0) + amount
    if last_error:
        job.progress["last_error"] = last_error


def _note(job: Job, at: dt.datetime, target: dt.datetime) -> None:
    start = dt.datetime.fromisoformat(job.asked["from"])
    whole = max((target - start).total_seconds(), 1)
    percent = min(100, int(100 * (at - start).total_seconds() / whole))
    services.note_progress(job, at=at.isoformat(), percent=percent)
