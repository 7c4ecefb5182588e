"""A period of a pool: one transaction over its row, its live cohorts and one record, never a row a lot (MODES 2.4)."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from tenant_apps.modes.subsidy import rules, selectors
from tenant_apps.modes.subsidy.budgeting import run_budget_period
from tenant_apps.modes.subsidy.models import Cohort, Lot, Period, Pool
from tenant_apps.modes.subsidy.rules import LIVE, CohortStatus, PeriodState, Trigger
from tenant_apps.modes.subsidy.selectors import TermsInForce
from tenant_apps.modes.subsidy.services.lots import budget_of
from tenant_apps.modes.subsidy.settings import SubsidySettings, ZeroGrowth
from tenant_apps.modes.subsidy.sharing import Claim, share_out


@dataclass(frozen=True, kw_only=True)
class Ran:
    """What a tick came to. `record` is None where there was nobody to pay. For the book: fen that move from the fund
    to each cohort's account, and centi-points that are burnt in cohorts that left.
    """

    record: Period | None
    paid: tuple[tuple[Cohort, int], ...] = ()
    burnt: tuple[tuple[Cohort, int], ...] = ()


def is_due(pool: Pool, settings: SubsidySettings, *, now: dt.datetime) -> bool:
    """Whether a period may start: by the calendar, by growth of turnover or by the deadline.

    A period that was postponed is not tried again before the calendar's days are over. The first period of a growing
    pool starts with its first turnover.
    """
    if now < pool.counted_from:
        return False
    days = (now - pool.counted_from).days
    if settings.tick_trigger is not Trigger.CALENDAR:
        newest = selectors.newest_record(pool)
        waits = newest is not None and newest.state in (PeriodState.HELD, PeriodState.POSTPONED)
        if waits and days < settings.tick_days:
            return False
        if not pool.total_at_last_amount and pool.total_turnover_amount:
            return True
    return rules.is_due(
        settings.tick_trigger,
        days=days,
        turnover=pool.total_turnover_amount,
        at_last=pool.total_at_last_amount,
        tick_days=settings.tick_days,
        tick_growth_ppm=settings.tick_growth_ppm,
        deadline_days=settings.tick_deadline_days,
    )


def run(*, pool: Pool, fund: int, terms: TermsInForce, actor: str, now: dt.datetime) -> Ran:
    """One tick of a locked pool with `fund` fen in it: the engine's step on its live cohorts, written down."""
    settings = terms.values
    rows = selectors.live_cohorts(pool)
    engine = [selectors.as_rule(one) for one in rows]
    result, budget = _step(pool, settings, engine, fund)
    if _waits_for_growth(pool, settings, result, engine, now):
        result = replace(result, state=PeriodState.POSTPONED, growth=0, paid=0, fund=fund, cohorts=tuple(engine))
        result = replace(result, commitment=rules.commitment(engine))
        budget = (pool.budget_periods, pool.budget_last_amount)
    turnover = pool.turnover_amount
    _count(pool, settings, result, budget, now)
    if result.state is PeriodState.EMPTY:
        return Ran(record=None)
    record = Period(
        pool=pool,
        number=pool.periods,
        state=result.state,
        actual_ppm=result.actual,
        target_ppm=result.target,
        growth_ppm=result.growth,
        need_amount=result.need,
        paid_amount=result.paid,
        fund_before_amount=result.fund_before,
        fund_amount=result.fund,
        commitment_amount=result.commitment,
        turnover_amount=turnover,
        cohorts=sum(one.is_live for one in engine),
        weight=sum(one.weight for one in engine if one.is_live),
        settings_version=terms.ulid,
        actor=actor,
        ran_at=now,
    )
    record.save(force_insert=True)
    if result.state is not PeriodState.SERVED:
        return Ran(record=record)
    return _write(record, rows, engine, result.cohorts, now)


def _step(
    pool: Pool, settings: SubsidySettings, engine: Sequence[rules.Cohort], fund: int
) -> tuple[rules.Period, tuple[int, int]]:
    """The engine's answer, and the campaign's counters after it."""
    actual = _growth(pool, settings)
    if selectors.is_budget(settings):
        ran = run_budget_period(
            engine, fund=fund, actual=actual, terms=settings.terms(), budget=budget_of(pool, settings)
        )
        return ran.period, (ran.budget.served, ran.budget.last)
    result = rules.run_period(engine, fund=fund, actual=actual, terms=settings.terms())
    return result, (pool.budget_periods, pool.budget_last_amount)


def _growth(pool: Pool, settings: SubsidySettings) -> int:
    if settings.is_cumulative:
        return rules.growth_of(pool.total_turnover_amount, pool.total_at_last_amount)
    return rules.growth_of(pool.turnover_amount, pool.before_amount)


def _waits_for_growth(
    pool: Pool,
    settings: SubsidySettings,
    result: rules.Period,
    engine: Sequence[rules.Cohort],
    now: dt.datetime,
) -> bool:
    """MODES 2.7, "strictly higher": without growth and newcomers a period is postponed, until the deadline."""
    if settings.on_zero_growth is not ZeroGrowth.HOLD or result.state is not PeriodState.SERVED or result.growth:
        return False
    if any(one.status is CohortStatus.PENDING and one.is_live for one in engine):
        return False
    return (now - (pool.served_at or pool.opened_at)).days < settings.tick_deadline_days


def _count(
    pool: Pool, settings: SubsidySettings, result: rules.Period, budget: tuple[int, int], now: dt.datetime
) -> None:
    """The pool's counters after a tick. A period that was not served resets nothing but the clock."""
    if result.state is not PeriodState.EMPTY:
        pool.periods += 1
    if result.state in (PeriodState.SERVED, PeriodState.EMPTY):
        pool.before_amount, pool.turnover_amount = pool.turnover_amount, 0
        pool.total_at_last_amount = pool.total_turnover_amount
        pool.consecutive_holds = 0
        pool.budget_periods, pool.budget_last_amount = budget
    if result.state is PeriodState.SERVED:
        pool.served_at, pool.served_period = now, pool.periods
    if result.state is PeriodState.HELD:
        pool.holds += 1
        pool.consecutive_holds += 1
    pool.counted_from = _counted_from(pool, settings, now)
    pool.save()


def _counted_from(pool: Pool, settings: SubsidySettings, now: dt.datetime) -> dt.datetime:
    """A calendar keeps its rhythm, and what was missed is not made up for: one period, however long nobody looked."""
    if settings.tick_trigger is not Trigger.CALENDAR:
        return now
    missed = (now - pool.counted_from).days // settings.tick_days
    return pool.counted_from + dt.timedelta(days=missed * settings.tick_days)


def _write(
    record: Period,
    rows: Sequence[Cohort],
    before: Sequence[rules.Cohort],
    after: Sequence[rules.Cohort],
    now: dt.datetime,
) -> Ran:
    paid, burnt, changed = [], [], []
    for row, old, new in zip(rows, before, after, strict=True):
        if not old.is_live:
            continue
        row.periods, row.level, row.last_step = new.periods, new.level, new.index - old.index
        row.index, row.status = new.index, new.status
        row.first_period = row.first_period or record.number
        row.last_period = record.number
        if new.status not in LIVE:
            row.left_at = now
            burnt.append((row, new.weight))
        if amount := new.accrued - old.accrued:
            paid.append((row, amount))
        changed.append(row)
    Cohort.objects.bulk_update(
        changed,
        ["periods", "level", "last_step", "index", "status", "first_period", "last_period", "left_at"],
    )
    return Ran(record=record, paid=tuple(paid), burnt=tuple(burnt))


def liquidate(*, pool: Pool, fund: int, terms: TermsInForce, actor: str, now: dt.datetime) -> Ran:
    """Split the fund over all lots pro rata by remaining points, capped at headroom; all leave (MODES 2.4). Pool locked.

    The one thing that touches every lot: it happens once in a pool's life, if ever.
    """
    rows = [one for one in selectors.live_cohorts(pool)]
    engine = {one.pk: selectors.as_rule(one) for one in rows}
    lots = list(
        Lot.objects.filter(cohort__in=rows, points__gt=0).order_by("pk").values_list("pk", "cohort_id", "points")
    )
    claims = [
        Claim(points - engine[cohort].burnt(points), engine[cohort].headroom(points)) for _pk, cohort, points in lots
    ]
    parts = share_out(fund, claims)
    paid = sum(parts)
    sums: dict[int, int] = {}
    for (_pk, cohort, _points), part in zip(lots, parts, strict=True):
        sums[cohort] = sums.get(cohort, 0) + part
    given = [Lot(pk=lot[0], liquidated_amount=part) for lot, part in zip(lots, parts, strict=True) if part]
    Lot.objects.bulk_update(given, ["liquidated_amount"], batch_size=2000)
    for row in rows:
        row.status, row.left_at = CohortStatus.OUT_LIQUIDATED, now
        row.liquidated_amount += sums.get(row.pk, 0)
    Cohort.objects.bulk_update(rows, ["status", "left_at", "liquidated_amount"])
    pool.periods += 1
    pool.consecutive_holds = 0
    pool.budget_periods, pool.budget_last_amount = 0, 0
    pool.save()
    record = Period.objects.create(
        pool=pool,
        number=pool.periods,
        state=PeriodState.LIQUIDATED,
        actual_ppm=0,
        target_ppm=0,
        growth_ppm=0,
        need_amount=rules.need(engine.values(), 0, 1),
        paid_amount=paid,
        fund_before_amount=fund,
        fund_amount=fund - paid,
        commitment_amount=0,
        turnover_amount=pool.turnover_amount,
        cohorts=len(rows),
        weight=sum(one.weight for one in rows),
        settings_version=terms.ulid,
        actor=actor,
        ran_at=now,
    )
    return Ran(
        record=record,
        paid=tuple((row, sums[row.pk]) for row in rows if sums.get(row.pk)),
        burnt=tuple((row, row.weight) for row in rows if row.weight),
    )


def cohorts_with_dust(pool: Pool, *, limit: int = 200) -> list[Cohort]:
    """Cohorts that have left and whose lots have all drawn: what is over returns to the fund. Marks them. Pool locked."""
    rows = Cohort.objects.filter(pool=pool, has_dust=True).exclude(status__in=[one.value for one in LIVE])
    done = [one for one in rows.order_by("pk")[:limit] if not Lot.objects.filter(cohort=one, is_closed=False).exists()]
    Cohort.objects.filter(pk__in=[one.pk for one in done]).update(has_dust=False)
    return done
