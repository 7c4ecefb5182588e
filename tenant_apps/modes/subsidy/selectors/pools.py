"""Pools, their terms, cohorts, periods and actions: what production reads before it writes. Reads only; fen, ppm."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q, Subquery

from saas.kernel.errors import NotFound
from saas.kernel.money import PPM
from saas.ledger import selectors as book
from tenant_apps.modes import selectors as modes
from tenant_apps.modes.models import SettingsVersion
from tenant_apps.modes.subsidy import rules
from tenant_apps.modes.subsidy.models import Cohort, Period, Pool, PoolAction
from tenant_apps.modes.subsidy.rules import LIVE, CohortStatus, Side
from tenant_apps.modes.subsidy.settings import PayoutRule, SubsidySettings
from tenant_apps.modes.subsidy.states import ActionState

MODE = "subsidy"
_LIVE = [status.value for status in LIVE]


@dataclass(frozen=True)
class TermsInForce:
    """The newest published settings of the mode, switched on or not; `ulid` is empty where none were ever published."""

    ulid: str
    values: SubsidySettings


def terms_in_force(*, now: dt.datetime) -> TermsInForce:
    """By which a pool runs at `now`: periods go on for lots already granted when the mode is off, stopped or barred."""
    row = (
        SettingsVersion.objects.filter(mode=MODE, zone=modes.WHOLE_MALL, effective_from__lte=now)
        .order_by("-effective_from", "-number")
        .first()
    )
    if row is None:
        return TermsInForce("", SubsidySettings())
    return TermsInForce(row.ulid, SubsidySettings.model_validate(row.values))


def terms_and_announced(*, now: dt.datetime) -> tuple[TermsInForce, list[SettingsVersion]]:
    """The terms in force, and those that are published and take effect later (one statement)."""
    rows = SettingsVersion.objects.filter(mode=MODE, zone=modes.WHOLE_MALL)
    newest = rows.filter(effective_from__lte=now).order_by("-effective_from", "-number").values("pk")[:1]
    found = list(rows.filter(Q(effective_from__gt=now) | Q(pk=Subquery(newest))).order_by("effective_from", "number"))
    in_force = TermsInForce("", SubsidySettings())
    if found and found[0].effective_from <= now:
        row = found.pop(0)
        in_force = TermsInForce(row.ulid, SubsidySettings.model_validate(row.values))
    return in_force, found


def announced_terms(*, now: dt.datetime) -> list[SettingsVersion]:
    """Terms that are published and take effect later, soonest first: what members are told of (MODES 14 #11)."""
    rows = SettingsVersion.objects.filter(mode=MODE, zone=modes.WHOLE_MALL, effective_from__gt=now)
    return list(rows.order_by("effective_from", "number"))


def pools() -> list[Pool]:
    """Every pool, the mall's own first."""
    return list(Pool.objects.order_by("key"))


def pool(key: str = "") -> Pool:
    """One pool by its key. Raises NotFound: nothing has ever entered it."""
    found = Pool.objects.filter(key=key).first()
    if found is None:
        raise NotFound
    return found


def fund_of(row: Pool) -> int:
    """F: what is in the fund (fen), from the book."""
    return book.balance(row.account)


def left_in(row: Cohort) -> int:
    """What a cohort's lots have come to and not drawn yet (fen), from the book."""
    return book.balance(row.account)


def live_cohorts(row: Pool) -> list[Cohort]:
    """Cohorts that have not left, in their fixed order."""
    return list(Cohort.objects.filter(pool=row, status__in=_LIVE).order_by("pk"))


def as_rule(row: Cohort) -> rules.Cohort:
    """A row as the engine sees it."""
    return rules.Cohort(
        side=Side(row.side),
        first=row.first,
        cap=row.cap,
        periods_max=row.periods_max,
        weight=row.weight,
        periods=row.periods,
        level=row.level,
        index=row.index,
        status=CohortStatus(row.status),
    )


def newest_record(row: Pool) -> Period | None:
    """The newest period's record."""
    return Period.objects.filter(pool=row).order_by("-number").first()


def records(row: Pool, *, limit: int = 200) -> list[Period]:
    """The newest periods of a pool, oldest first: what its charts are drawn of."""
    return list(Period.objects.filter(pool=row).order_by("-number")[:limit])[::-1]


def actions(row: Pool, *, open_only: bool = False) -> list[PoolAction]:
    """What two persons prepared or did to a pool, the newest first."""
    rows = PoolAction.objects.filter(pool=row)
    return list((rows.filter(state=ActionState.PREPARED) if open_only else rows).order_by("-pk")[:100])


def action(ulid: str) -> PoolAction:
    """One action with its pool. Raises NotFound."""
    found = PoolAction.objects.select_related("pool").filter(ulid=ulid).first()
    if found is None:
        raise NotFound
    return found


def mean_multiple(cohorts: Iterable[Cohort]) -> int:
    """Vouchers a point so far, over all points granted and not refunded (ppm)."""
    rows = list(cohorts)
    points = sum(one.weight for one in rows)
    issued = sum(as_rule(one).accrued + one.liquidated_amount for one in rows)
    return issued * PPM // points if points else 0


def has_live_lots() -> bool:
    """Whether anybody's lots are still served: then terms change only with notice, and the rule not at all."""
    return Cohort.objects.filter(status__in=_LIVE, weight__gt=0).exists()


def is_budget(terms: SubsidySettings) -> bool:
    """Whether a pool pays by a total of the campaign (MODES 2.7)."""
    return terms.payout_rule is PayoutRule.BUDGET
