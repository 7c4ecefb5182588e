"""A drafted future of a pool (MODES 2.9): the production step on one merged order a period. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

from saas.kernel.money import PPM
from tenant_apps.modes.subsidy import rules
from tenant_apps.modes.subsidy.pools import Pool
from tenant_apps.modes.subsidy.rules import CohortStatus, Period, PeriodState, Side, Terms


@dataclass(frozen=True, kw_only=True)
class ProjectedPeriod:
    """A period of the future (fen, ppm). `coverage_ppm` is None where nothing is promised, `payout_ppm` without turnover.

    `waiting` counts the points (cp) of lots that have not left, of both sides.
    """

    turnover: int
    inflow: int
    paid: int
    payout_ppm: int | None
    fund: int
    commitment: int
    coverage_ppm: int | None
    cohorts: int
    issued_total: int
    waiting: int = 0
    held: bool = False


@dataclass(frozen=True, kw_only=True)
class ProjectedCohort:
    """How the lots of one side that began in one period fared: `start` counts periods from 1, `points` in cp."""

    side: Side
    start: int
    points: int
    periods: int
    multiple_ppm: int
    status: CohortStatus


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
    """Ticks as the engine records them, periods as people read them, cohorts in the end, and the summary."""

    ticks: tuple[Period, ...]
    periods: tuple[ProjectedPeriod, ...]
    cohorts: tuple[ProjectedCohort, ...]
    summary: Summary


@dataclass(frozen=True, kw_only=True)
class KeyFigures:
    """What a person compares of two projections: fen, ppm. Lowest coverage is None where nothing was ever promised."""

    turnover: int
    inflow: int
    issued: int
    issued_of_turnover_ppm: int
    issued_of_inflow_ppm: int
    fund: int
    lowest_fund: int
    lowest_coverage_ppm: int | None
    out_multiple_ppm: int
    out_period_ppm: int
    waiting_ppm: int
    mean_multiple_ppm: int
    best_multiple_ppm: int
    last_multiple_ppm: int
    holds: int
    first_hold: int | None


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
    starts: list[int] = []
    for number, cash in enumerate(turnover):
        inflow = pool.order(str(number), cash=cash, concession_ppm=concession_ppm)
        tick = pool.tick()
        starts += [number + 1] * (len(pool.cohorts) - len(starts))
        live, promised = list(pool.live()), tick.commitment
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
                waiting=sum(one.weight for one in live),
                held=tick.state is PeriodState.HELD,
            )
        )
    return Projection(
        ticks=tuple(ticks), periods=tuple(periods), cohorts=_cohorts(pool, starts), summary=_summary(pool)
    )


def _cohorts(pool: Pool, starts: Sequence[int]) -> tuple[ProjectedCohort, ...]:
    return tuple(
        ProjectedCohort(
            side=one.side,
            start=start,
            points=one.weight,
            periods=one.periods,
            multiple_ppm=one.index * PPM // rules.X,
            status=one.status,
        )
        for one, start in zip(pool.cohorts, starts, strict=True)
        if one.weight
    )


def key_figures(found: Projection) -> KeyFigures:
    """The sums and extremes of a projection."""
    turnover, inflow = sum(one.turnover for one in found.periods), sum(one.inflow for one in found.periods)
    issued = found.periods[-1].issued_total if found.periods else 0
    coverages = [one.coverage_ppm for one in found.periods if one.coverage_ppm is not None]
    return KeyFigures(
        turnover=turnover,
        inflow=inflow,
        issued=issued,
        issued_of_turnover_ppm=issued * PPM // turnover if turnover else 0,
        issued_of_inflow_ppm=issued * PPM // inflow if inflow else 0,
        fund=found.periods[-1].fund if found.periods else 0,
        lowest_fund=min((one.fund for one in found.periods), default=0),
        lowest_coverage_ppm=min(coverages, default=None),
        first_hold=next((number for number, one in enumerate(found.periods, start=1) if one.held), None),
        **{one.name: getattr(found.summary, one.name) for one in fields(found.summary)},
    )


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
