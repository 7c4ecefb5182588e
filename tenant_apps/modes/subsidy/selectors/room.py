"""What the control room shows of a pool (MODES 2.5). Reads only; fen, centi-points, ppm."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from saas.kernel.money import PPM, ceil_div
from tenant_apps.modes.subsidy import rules
from tenant_apps.modes.subsidy.models import Cohort, Period, Pool
from tenant_apps.modes.subsidy.rules import LIVE, CohortStatus, Side, Trigger
from tenant_apps.modes.subsidy.selectors.pools import as_rule, fund_of, mean_multiple, newest_record, terms_in_force
from tenant_apps.modes.subsidy.settings import SubsidySettings

_LIVE = [status.value for status in LIVE]


@dataclass(frozen=True, kw_only=True)
class CohortFigures:
    """One cohort. `multiple_ppm` is vouchers a point so far, `periods_left` at the present level without growth."""

    cohort: Cohort
    accrued_amount: int
    multiple_ppm: int
    cap_ppm: int
    burnt_points: int
    periods_left: int


@dataclass(frozen=True, kw_only=True)
class ControlRoom:
    """A pool's figures at this moment; `last` is the newest period's record, None before the first.

    `coverage_ppm` F/R, None where nothing is promised; `alarm` is "", "yellow" (coverage below 100 %) or "red"
    (F below two periods' need). `lots` counts lots by their cohort's status. Multiples are of all points ever granted
    and not refunded. `due_at`: the next attempt by the calendar, None where growth alone starts a period.
    """

    pool: Pool
    terms: SubsidySettings
    terms_version: str
    fund_amount: int
    commitment_amount: int
    full_reserve_amount: int
    surplus_amount: int
    coverage_ppm: int | None
    need_amount: int
    alarm: str
    last: Period | None
    live: Sequence[CohortFigures]
    lots: dict[str, int]
    buyer_multiple_ppm: int
    mean_multiple_ppm: int
    due_at: dt.datetime | None
    may_liquidate: bool


def control_room(row: Pool, *, now: dt.datetime) -> ControlRoom:
    """Everything that the control room shows of a pool (7 statements)."""
    terms = terms_in_force(now=now)
    every = list(Cohort.objects.filter(pool=row).order_by("pk"))
    live = [one for one in every if one.status in LIVE]
    engine = [as_rule(one) for one in live]
    fund = fund_of(row)
    promised, need = rules.commitment(engine), rules.need(engine, 0, 1)
    full = full_reserve(engine)
    lots: dict[str, int] = {}
    for one in every:
        lots[one.status] = lots.get(one.status, 0) + one.lots
    return ControlRoom(
        pool=row,
        terms=terms.values,
        terms_version=terms.ulid,
        fund_amount=fund,
        commitment_amount=promised,
        full_reserve_amount=full,
        surplus_amount=max(0, fund - full),
        coverage_ppm=fund * PPM // promised if promised else None,
        need_amount=need,
        alarm=alarm(fund, promised, need),
        last=newest_record(row),
        live=[_figures(one) for one in live if one.weight],
        lots=lots,
        buyer_multiple_ppm=mean_multiple(one for one in every if one.side == Side.BUYER),
        mean_multiple_ppm=mean_multiple(every),
        due_at=due_at(row, terms.values),
        may_liquidate=row.consecutive_holds >= terms.values.hold_max,
    )


def alarm(fund: int, promised: int, need: int) -> str:
    """`red`: the fund does not last two periods; `yellow`: it does not cover what is promised (MODES 2.5)."""
    if fund < 2 * need:
        return "red"
    return "yellow" if fund < promised else ""


def full_reserve(cohorts: Iterable[rules.Cohort]) -> int:
    """What must stay in the fund: all that live cohorts get to the end without growth; pending ones by the ceiling."""
    total = 0
    for one in cohorts:
        if one.is_live:
            steps = min(one.cap - one.index, one.step_at(0) * (one.periods_max - one.periods))
            reach = one.weight * (one.index + steps)
            is_pending = one.status is CohortStatus.PENDING
            total += (ceil_div(reach, rules.X) if is_pending else reach // rules.X) - one.accrued
    return total


def due_at(row: Pool, terms: SubsidySettings) -> dt.datetime | None:
    """When the next period is tried by the calendar or the deadline; None where growth alone starts it."""
    if terms.tick_trigger is Trigger.CALENDAR:
        return row.counted_from + dt.timedelta(days=terms.tick_days)
    if terms.tick_trigger is Trigger.GROWTH_OR_DEADLINE:
        return row.counted_from + dt.timedelta(days=terms.tick_deadline_days)
    return None


def cohorts_of(row: Pool, *, live: bool = True) -> list[CohortFigures]:
    """Cohorts of a pool with their figures, the youngest first; those that have left where `live` is False."""
    rows = Cohort.objects.filter(pool=row)
    rows = rows.filter(status__in=_LIVE) if live else rows.exclude(status__in=_LIVE)
    return [_figures(one) for one in rows.order_by("-pk")]


def _figures(row: Cohort) -> CohortFigures:
    one = as_rule(row)
    left = one.periods_max - one.periods
    step = one.step_at(0)
    return CohortFigures(
        cohort=row,
        accrued_amount=one.accrued + row.liquidated_amount,
        multiple_ppm=one.index * PPM // rules.X,
        cap_ppm=one.cap * PPM // rules.X,
        burnt_points=one.burnt(one.weight),
        periods_left=min(left, ceil_div(one.cap - one.index, step)) if one.status in LIVE and step else 0,
    )
