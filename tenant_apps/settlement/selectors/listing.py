"""Awards of the whole mall for staff: found by rule, kind, payee, state, dates and order; their totals; rows for a file."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Count, QuerySet, Sum

from tenant_apps.members import selectors as members
from tenant_apps.settlement.models import Award
from tenant_apps.settlement.rules import AwardState
from tenant_apps.settlement.selectors.awards import AwardView, views

CHUNK = 1000


@dataclass(frozen=True, kw_only=True)
class AwardFilter:
    """What is looked for; empty means everything. `payee`: a ULID, or part of a member's name or phone."""

    mode: str = ""
    kind: str = ""
    state: str = ""
    payee: str = ""
    order: str = ""
    since: dt.datetime | None = None
    until: dt.datetime | None = None


@dataclass(frozen=True, kw_only=True)
class AwardTotals:
    """Sums over everything found, in fen."""

    count: int
    amount: int
    clawed: int
    frozen: int
    released: int

    @property
    def net(self) -> int:
        """What is left of them."""
        return self.amount - self.clawed


def found_awards(wanted: AwardFilter) -> QuerySet[Award]:
    """The awards that a filter describes, newest first, with line and settlement."""
    rows = Award.objects.select_related("line__settlement")
    exact = {"mode": wanted.mode, "kind": wanted.kind, "state": wanted.state}
    rows = rows.filter(**{name: value for name, value in exact.items() if value})
    if wanted.payee:
        rows = rows.filter(payee_ulid__in=[wanted.payee, *members.found_ulids(wanted.payee)])
    if wanted.order:
        rows = rows.filter(line__settlement__order_number__iexact=wanted.order)
    if wanted.since:
        rows = rows.filter(created_at__gte=wanted.since)
    if wanted.until:
        rows = rows.filter(created_at__lt=wanted.until)
    return rows.order_by("-pk")


def totals(wanted: AwardFilter) -> AwardTotals:
    """Sums over everything that a filter finds (one statement)."""
    sums = {
        row["state"]: row
        for row in found_awards(wanted)
        .order_by()
        .values("state")
        .annotate(count=Count("pk"), amount=Sum("amount"), clawed=Sum("clawed_amount"))
    }

    def net(state: AwardState) -> int:
        row = sums.get(state.value)
        return row["amount"] - row["clawed"] if row else 0

    return AwardTotals(
        count=sum(row["count"] for row in sums.values()),
        amount=sum(row["amount"] for row in sums.values()),
        clawed=sum(row["clawed"] for row in sums.values()),
        frozen=net(AwardState.FROZEN),
        released=net(AwardState.RELEASED),
    )


def kinds() -> list[str]:
    """Every kind of award that has been given."""
    return sorted(Award.objects.order_by().values_list("kind", flat=True).distinct())


def award_views(rows: list[Award], *, names_masked: bool) -> list[AwardView]:
    """Awards as the list shows them."""
    return views(rows, names_masked=names_masked)


def every_award(wanted: AwardFilter, *, names_masked: bool) -> Iterator[tuple[Award, AwardView]]:
    """All that a filter finds, newest first, a chunk of rows in memory at a time."""
    rows, last = found_awards(wanted), None
    while chunk := list((rows if last is None else rows.filter(pk__lt=last))[:CHUNK]):
        yield from zip(chunk, views(chunk, names_masked=names_masked), strict=True)
        last = chunk[-1].pk
