"""What stands in the way of a rehearsal's pages: its day and date, what is being done, its test people."""

import datetime as dt
from dataclasses import dataclass

from saas.kernel import clock
from saas.tenants.jobs import selectors as jobs
from saas.tenants.jobs.models import Job
from saas.tenants.jobs.rules import JobKind, JobState
from saas.tenants.malls.models import Mall
from saas.tenants.malls.rules import MallState
from tenant_apps.members.models import Member
from tenant_apps.rehearsal.rules import PHONES, day_number

ACTING = "rehearsing_as"  # in the session of staff who look with a test person's eyes: {"staff": …, "name": …}


@dataclass(frozen=True)
class Day:
    """Where a rehearsal's clock stands: `number` 1 is the day the mall was made, `ahead_days` how far it was moved."""

    number: int
    date: dt.date
    ahead_days: int


def is_rehearsal(mall: Mall) -> bool:
    """Whether the mall rehearses, and has never been open."""
    return mall.state == MallState.REHEARSAL and mall.live_at is None


def day(mall: Mall, *, now: dt.datetime) -> Day:
    """The day of a rehearsal; `now` is the mall's."""
    today = clock.china_date(now)
    number = day_number(clock.china_date(mall.created_at), today)
    return Day(number, today, round(mall.clock_offset_seconds / 86400))


def moves(mall: Mall, *, limit: int = 10) -> list[Job]:
    """The latest moves of the mall's clock, newest first."""
    return jobs.of_mall(mall.ulid, JobKind.CLOCK, limit=limit)


def people_job(mall: Mall) -> Job | None:
    """The newest making of test people."""
    return next(iter(jobs.of_mall(mall.ulid, JobKind.PEOPLE, limit=1)), None)


def opening_job(mall: Mall) -> Job | None:
    """The newest run of the opening."""
    return next(iter(jobs.of_mall(mall.ulid, JobKind.OPENING, limit=1)), None)


def under_way(mall: Mall) -> Job | None:
    """What is being done to the mall right now."""
    return jobs.running(mall.ulid)


def made_by_tests(mall: Mall) -> dict[str, list[str]]:
    """ULIDs of the `sellers` and `products` that the making of test people made."""
    found: dict[str, list[str]] = {"sellers": [], "products": []}
    for job in jobs.of_mall(mall.ulid, JobKind.PEOPLE, limit=100):
        for name, ulids in found.items():
            ulids += job.progress.get(name, [])
    return found


def test_people(*, limit: int = 50) -> list[Member]:
    """The test members, in the order they were made."""
    rows = Member.objects.filter(user__phone__startswith=PHONES, closed_at=None, user__is_staff=False)
    return list(rows.select_related("user", "referrer").order_by("pk")[:limit])


def is_over(job: Job | None) -> bool:
    """Whether a job is done."""
    return job is not None and job.state == JobState.DONE
