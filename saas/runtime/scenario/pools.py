"""Scenario files of kinds `subsidy` and `projection` (SCENARIOS 2, 3): the subsidy engine on a file's events or draft."""

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from saas.kernel.money import PPM
from saas.runtime.scenario.files import MOST, Name, Part
from saas.runtime.scenario.refusals import ScenarioRefused
from tenant_apps.modes.subsidy import projection
from tenant_apps.modes.subsidy.pools import OrderTwice, Pool, UnknownOrder
from tenant_apps.modes.subsidy.rules import Period, Terms, terms_fault

Whole = Annotated[int, Field(strict=True)]
Growth = Annotated[int, Field(strict=True, ge=-PPM, le=1_000 * PPM)]
Cash = Annotated[int, Field(strict=True, ge=0, le=MOST)]
Concession = Annotated[int, Field(strict=True, ge=30_000, le=200_000)]


class TermsPart(Part):
    """Ranges are the engine's own: terms_fault names them."""

    periods_max: Whole = 40
    first_ppm: Whole = 5_000
    growth_cap_ppm: Whole = 150_000
    buyer_multiple_ppm: Whole = 5_000_000
    merchant_multiple_ppm: Whole = 1_000_000
    buyer_point_ppm: Whole = PPM
    merchant_point_ppm: Whole = PPM
    pool_share_ppm: Whole = 600_000
    reserve_periods: Whole | None = None
    raise_budget_ppm: Whole = PPM


class TickPart(Part):
    growth_ppm: Growth | None = None


class EventPart(Part):
    """One of an order, a tick, a refund; which one, its key says."""

    order: Name | None = None
    cash: Cash | None = None
    concession_ppm: Concession | None = None
    tick: TickPart | None = None
    refund: Name | None = None

    @model_validator(mode="after")
    def _one_thing(self) -> "EventPart":
        given = self.model_fields_set & {"order", "tick", "refund"}
        if len(given) != 1 or getattr(self, next(iter(given))) is None:
            raise ValueError("exactly one of order, tick, refund")
        if self.order is not None and self.cash is None:
            raise ValueError("an order needs cash")
        if self.order is None and self.model_fields_set & {"cash", "concession_ppm"}:
            raise ValueError("cash and concession_ppm belong to an order")
        return self


class SubsidyScenario(Part):
    """The whole file of kind `subsidy`."""

    kind: Literal["subsidy"]
    terms: TermsPart = TermsPart()
    events: tuple[EventPart, ...]


class TurnoverPart(Part):
    first: Cash
    periods: Annotated[int, Field(strict=True, ge=1, le=5_000)]
    growth_ppm: tuple[tuple[Annotated[int, Field(strict=True, ge=1)], Growth], ...] = ()


class ProjectionScenario(Part):
    """The whole file of kind `projection`."""

    kind: Literal["projection"]
    terms: TermsPart = TermsPart()
    concession_ppm: Concession = 200_000
    turnover: TurnoverPart


def run_subsidy(scenario: SubsidyScenario) -> dict[str, Any]:
    """The pool after the file's events. Raises ScenarioRefused."""
    pool = Pool(_terms(scenario.terms))
    ticks: list[dict[str, Any]] = []
    refunds: list[dict[str, Any]] = []
    for number, event in enumerate(scenario.events):
        if event.order is not None:
            rate = 200_000 if event.concession_ppm is None else event.concession_ppm
            try:
                pool.order(event.order, cash=event.cash or 0, concession_ppm=rate)
            except OrderTwice:
                raise ScenarioRefused(f"events.{number}.order: {event.order} is there twice") from None
        elif event.refund is not None:
            try:
                back = pool.refund(event.refund)
            except UnknownOrder:
                raise ScenarioRefused(
                    f"events.{number}.refund: there is no order {event.refund} that is not refunded"
                ) from None
            refunds.append(
                {
                    "order": back.order,
                    "returned": back.returned,
                    "reversed": back.reversed,
                    "platform": back.platform,
                }
            )
        else:
            ticks.append(_tick(pool.tick(event.tick.growth_ppm if event.tick else None)))
    return {
        "ticks": ticks,
        "lots": [
            {
                "order": lot.order,
                "side": lot.side.value,
                "points": lot.points,
                "entitled": pool.entitled(lot),
                "periods": pool.cohorts[lot.cohort].periods,
                "status": pool.status(lot),
            }
            for lot in pool.lots
        ],
        "fund": pool.fund,
        "platform_covered": pool.platform_covered,
        "refunds": refunds,
    }


def run_projection(scenario: ProjectionScenario) -> dict[str, Any]:
    """The drafted future. Raises ScenarioRefused."""
    terms, draft = _terms(scenario.terms), scenario.turnover
    try:
        turnover = projection.turnovers(draft.first, draft.periods, draft.growth_ppm)
    except ValueError as error:
        raise ScenarioRefused(f"turnover.growth_ppm: {error}") from None
    if max(turnover) > 2**63:
        raise ScenarioRefused("turnover.growth_ppm: the turnover grows beyond 2^63 fen")
    found = projection.project(terms, concession_ppm=scenario.concession_ppm, turnover=turnover)
    return {
        "ticks": [_tick(period) for period in found.ticks],
        "periods": [
            {
                "turnover": one.turnover,
                "inflow": one.inflow,
                "paid": one.paid,
                "payout_ppm": one.payout_ppm,
                "fund": one.fund,
                "commitment": one.commitment,
                "coverage_ppm": one.coverage_ppm,
                "cohorts": one.cohorts,
                "issued_total": one.issued_total,
            }
            for one in found.periods
        ],
        "summary": {name: getattr(found.summary, name) for name in found.summary.__dataclass_fields__},
    }


def _tick(period: Period) -> dict[str, Any]:
    return {
        "state": period.state.value,
        "target": period.target,
        "growth": period.growth,
        "paid": period.paid,
        "fund": period.fund,
    }


def _terms(part: TermsPart) -> Terms:
    terms = Terms(**part.model_dump())
    if fault := terms_fault(terms):
        raise ScenarioRefused(f"terms.{fault.field}: {fault.why}")
    return terms
