"""A period of the budget rule (MODES 2.7): a total for the campaign, split over cohorts by their remaining points. Pure.

All lots of a cohort stand alike, so the split is by cohort; the index that makes a cohort's part is exact to the fen.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from saas.kernel.money import ceil_div
from tenant_apps.modes.subsidy.rules import Cohort, CohortStatus, Period, PeriodState, Terms, X, commitment
from tenant_apps.modes.subsidy.sharing import Budget, Claim, share_out


@dataclass(frozen=True, kw_only=True)
class BudgetPeriod:
    """A period with the campaign's counters after it."""

    period: Period
    budget: Budget


def run_budget_period(
    cohorts: Sequence[Cohort], *, fund: int, actual: int, terms: Terms, budget: Budget
) -> BudgetPeriod:
    """One period of a campaign: B is never below the last total and always covered for every period to come.

    `cohorts` in a fixed order, `fund` F in fen, `actual` growth in ppm. With the campaign's last period every lot
    leaves, and the counters begin again for the next one.
    """
    target = max(terms.growth_floor_ppm, min(actual, terms.growth_cap_ppm))
    live = [one for one in cohorts if one.is_live]
    if not live:
        empty = Period(
            state=PeriodState.EMPTY, actual=actual, target=target, fund_before=fund, fund=fund, cohorts=tuple(cohorts)
        )
        return BudgetPeriod(period=empty, budget=budget)
    total = budget.amount(fund=fund, points=sum(one.weight for one in live), growth=target)
    parts = iter(share_out(total, [_claim(one) for one in live]))
    is_last = budget.served + 1 >= budget.periods_max
    after = tuple(_serve(one, next(parts), is_last) if one.is_live else one for one in cohorts)
    paid = sum(one.accrued for one in after) - sum(one.accrued for one in cohorts)
    period = Period(
        state=PeriodState.SERVED,
        actual=actual,
        target=target,
        growth=0 if budget.served == 0 else target,
        need=budget.last,
        paid=paid,
        fund_before=fund,
        fund=fund - paid,
        commitment=commitment(after),
        cohorts=after,
    )
    counters = (0, 0) if is_last else (budget.served + 1, total)
    return BudgetPeriod(period=period, budget=replace(budget, served=counters[0], last=counters[1]))


def _claim(one: Cohort) -> Claim:
    """Remaining points of a cohort, and the fen that it may still come to."""
    return Claim(one.weight - one.weight * one.index // one.cap, one.weight * one.cap // X - one.accrued)


def _serve(one: Cohort, part: int, is_last: bool) -> Cohort:
    """The smallest index at which the cohort has come to `part` fen more; below a weight of X that is exact."""
    index = min(one.cap, ceil_div((one.accrued + part) * X, one.weight)) if part else one.index
    index = max(index, one.index)
    status = CohortStatus.ACTIVE
    if index == one.cap:
        status = CohortStatus.OUT_MULTIPLE
    elif is_last:
        status = CohortStatus.OUT_PERIOD
    return one._replace(index=index, level=index - one.index, periods=one.periods + 1, status=status)
