"""A drafted future of a pool (MODES 2.9): the production step on one merged order a period. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from saas.kernel.money import PPM
from tenant_apps.modes.subsidy import rules
from tenant_apps.modes.subsidy.pools import Pool
from tenant_apps.modes.subsidy.rules import CohortStatus, Period, Side, Terms


@dataclass(frozen=True, kw_only=True)
class ProjectedPeriod:
    """A period of the future (fen, ppm). `coverage_ppm` is None where nothing is promised, `payout_ppm` without turnover."""

    turnover: int
    inflow: int
    paid: int
    payout_ppm: int | None
    fund: int
    commitment: int
    coverage_ppm: int | None
    cohorts: int
    issued_total: int


@dataclass(frozen=True, kw_only=True)
class Summary:
    """How buyers fare in the end: shares of their points, multiples, and how often a period did not start."""

    out_multiple_ppm: int
    out_period_ppm: int
    waiting_ppm: int
    mean_multiple_ppm: int
    best_multiple_ppm: int
    last_multiple_ppm: int
    holds: int


@dataclass(frozen=True, kw_only=True)
class Projection:
    """Ticks as the engine records them, periods as people read them, and the summary."""

    ticks: tuple[Period, ...]
    periods: tuple[ProjectedPeriod, ...]
    summary: Summary


def turnovers(first: int, periods: int, growth_ppm: Sequence[tuple[int, int]]) -> list[int]:
    """Turnover of each period (fen): runs of (periods, growth) begin with period 2. Raises ValueError unless they fit."""
    if sum(run for run, _ in growth_ppm) != periods - 1:
        raise ValueError(f"the runs must make {periods - 1} periods together")
    found = [first]
    for run, growth in growth_ppm:
        for _ in range(run):
            found.append(found[-1] * (PPM + growth) // PPM)
    return found


def project(terms: Terms, *, concession_ppm: int, turnover: Sequence[int]) -> Projection:
    """Run a pool over drafted turnovers (fen a period); growth is measured, as in production."""
    pool = Pool(terms)
    ticks: list[Period] = []
    periods: list[ProjectedPeriod] = []
    for number, cash in enumerate(turnover):
        inflow = pool.order(str(number), cash=cash, concession_ppm=concession_ppm)
        tick = pool.tick()
        live = list(pool.live())
        promised = rules.commitment(live)
        ticks.append(tick)
        periods.append(
            ProjectedPeriod(
                turnover=cash,
                inflow=inflow,
                paid=tick.paid,
                payout_ppm=tick.paid * PPM // cash if cash else None,
                fund=pool.fund,
                commitment=promised,
                coverage_ppm=pool.fund * PPM // promised if promised else None,
                cohorts=len(live),
                issued_total=pool.issued,
            )
        )
    return Projection(ticks=tuple(ticks), periods=tuple(periods), summary=_summary(pool))


def _summary(pool: Pool) -> Summary:
    buyers = [one for one in pool.cohorts if one.side is Side.BUYER and one.weight]
    points = sum(one.weight for one in buyers)

    def share(*statuses: CohortStatus) -> int:
        return sum(one.weight for one in buyers if one.status in statuses) * PPM // points if points else 0

    multiples = [one.index * PPM // rules.X for one in buyers]
    return Summary(
        out_multiple_ppm=share(CohortStatus.OUT_MULTIPLE),
        out_period_ppm=share(CohortStatus.OUT_PERIOD),
        waiting_ppm=share(*rules.LIVE),
        mean_multiple_ppm=sum(one.accrued for one in buyers) * PPM // points if points else 0,
        best_multiple_ppm=max(multiples, default=0),
        last_multiple_ppm=multiples[-1] if multiples else 0,
        holds=pool.holds,
    )
