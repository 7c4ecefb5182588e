"""Jobs as pages show them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext

from saas.kernel.errors import NotFound
from tenant_apps.catalog.models import Job, JobRow, Product
from tenant_apps.catalog.rules import JobState, RowState

UNDER_WAY = frozenset({JobState.READING, JobState.APPLYING, JobState.UNDOING})
_PICTURES = (RowState.PICTURE, RowState.FETCHED, RowState.MISSING)


@dataclass(frozen=True)
class JobView:
    """A job and how far it has come, in percent (None: not known)."""

    job: Job
    is_under_way: bool
    percent: int | None
    pictures: dict[str, int]

    @property
    def figures(self) -> dict[str, Any]:
        return dict(self.job.figures)


def jobs() -> QuerySet[Job]:
    """Every job, newest first."""
    return Job.objects.order_by("-pk")


def job(ulid: str) -> JobView:
    """One job. Raises NotFound."""
    found = Job.objects.filter(ulid=ulid).first()
    if found is None:
        raise NotFound
    states = JobRow.objects.filter(job=found, state__in=_PICTURES).values_list("state", flat=True)
    pictures: dict[str, int] = {}
    for state in states:
        pictures[state] = pictures.get(state, 0) + 1
    return JobView(found, found.state in UNDER_WAY, _percent(found), pictures)


def _percent(found: Job) -> int | None:
    figures = found.figures
    if found.state == JobState.READING:
        done, whole = figures.get("read", 0), figures.get("rows", 0)
    elif found.state == JobState.APPLYING:
        done, whole = figures.get("applied", 0) + figures.get("refused", 0), figures.get("chosen", 0)
    elif found.state == JobState.UNDOING:
        done, whole = figures.get("undone", 0) + figures.get("kept", 0), figures.get("applied", 0)
    else:
        return 100
    return min(100, 100 * done // whole) if whole else None


def job_rows(ulid: str, *, state: str = "") -> QuerySet[JobRow]:
    """A job's rows in the order of its file: of one state, or all but pictures."""
    rows = JobRow.objects.filter(job__ulid=ulid)
    return (rows.filter(state=state) if state else rows.exclude(state__in=_PICTURES)).order_by("pk")


def told(fault: dict[str, Any]) -> str:
    """The reason of a row's fault in the reader's language."""
    return gettext(fault["reason"])


def chosen_products(ulids: Sequence[str], *, query: str = "", status: str = "", everything: bool = False) -> list[str]:
    """The products that a bulk edit means: those named, or all that a list shows."""
    rows = Product.objects.exclude(status="recycled")
    if not everything:
        rows = rows.filter(ulid__in=list(ulids))
    elif status:
        rows = rows.filter(status=status)
    if everything and query:
        rows = rows.filter(title__icontains=query)
    return list(rows.order_by("pk").values_list("ulid", flat=True))
