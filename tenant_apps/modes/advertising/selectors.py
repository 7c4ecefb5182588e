"""Reads of advertising: ads that run, a member's day, days with their budgets, income. Amounts in fen."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet, Sum

from saas.kernel.clock import china_date
from saas.kernel.errors import NotFound
from tenant_apps.modes.advertising.models import AdDay, AdIncome, AdTask, AdView


@dataclass(frozen=True, kw_only=True)
class MemberDay:
    """The ads that run today with the member's own view of each, and how many of them he has finished."""

    ads: Sequence[tuple[AdTask, AdView | None]]
    finished: int


def tasks() -> QuerySet[AdTask]:
    """Every ad, newest first."""
    return AdTask.objects.order_by("-pk")


def running_tasks(*, day: dt.date) -> QuerySet[AdTask]:
    """Ads that may be watched on a day, newest first."""
    ends = Q(last_day=None) | Q(last_day__gte=day)
    return AdTask.objects.filter(ends, first_day__lte=day, stopped_at=None).order_by("-pk")


def task(ulid: str) -> AdTask:
    """One ad. Raises NotFound."""
    row = AdTask.objects.filter(ulid=ulid).first()
    if row is None:
        raise NotFound
    return row


def member_day(member_ulid: str, *, now: dt.datetime) -> MemberDay:
    """What a member may watch today (two statements)."""
    day = china_date(now)
    views = {row.task_id: row for row in AdView.objects.filter(member_ulid=member_ulid, day=day)}
    finished = sum(1 for row in views.values() if row.finished_at)
    return MemberDay(ads=[(one, views.get(one.pk)) for one in running_tasks(day=day)[:50]], finished=finished)


def member_views(member_ulid: str, *, limit: int = 30) -> list[tuple[AdView, AdDay | None]]:
    """A member's finished ads, newest first, each with its settled day (two statements)."""
    rows = list(
        AdView.objects.filter(member_ulid=member_ulid, slot__isnull=False)
        .select_related("task")
        .order_by("-pk")[:limit]
    )
    days = {one.day: one for one in AdDay.objects.filter(day__in={row.day for row in rows})}
    return [(row, days.get(row.day)) for row in rows]


def days() -> QuerySet[AdDay]:
    """Settled days, newest first."""
    return AdDay.objects.order_by("-day")


def incomes() -> QuerySet[AdIncome]:
    """Booked income, newest first."""
    return AdIncome.objects.order_by("-pk")


def booked_on(day: dt.date) -> int:
    """Net income booked on a day."""
    total: int = AdIncome.objects.filter(day=day).aggregate(sum=Sum("amount", default=0))["sum"]
    return total


def income_balance() -> int:
    """All income booked so far, corrections deducted: what a correction may take back at most."""
    total: int = AdIncome.objects.aggregate(sum=Sum("amount", default=0))["sum"]
    return total


def days_due(*, now: dt.datetime) -> list[dt.date]:
    """Days that are over and not closed: with finished ads or booked income, the oldest first."""
    today = china_date(now)
    closed = AdDay.objects.filter(closed_at__isnull=False).values("day")
    watched = AdView.objects.filter(slot__isnull=False, released_at=None, day__lt=today).exclude(day__in=closed)
    booked = AdIncome.objects.filter(day__lt=today).exclude(day__in=closed)
    found = set(watched.values_list("day", flat=True).distinct()) | set(booked.values_list("day", flat=True).distinct())
    return sorted(found)


def views_of_day(day: dt.date) -> list[AdView]:
    """Finished ads of a day in the order in which they were finished."""
    return list(AdView.objects.filter(day=day, slot__isnull=False).order_by("finished_at", "pk"))


def deficit_before(day: dt.date) -> int:
    """What corrections have left for this day to make up."""
    row = AdDay.objects.filter(day__lt=day).order_by("-day").values_list("deficit_amount", flat=True).first()
    return row or 0
