"""A drafted future kept beside the settings that it justified (MODES 2.9): the plan, the terms, the key figures. Pure."""

import dataclasses
import functools
from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from saas.kernel.money import PPM
from tenant_apps.modes.contract import noop as _
from tenant_apps.modes.subsidy import projection
from tenant_apps.modes.subsidy.projection import KeyFigures, Projection
from tenant_apps.modes.subsidy.rules import Terms
from tenant_apps.modes.subsidy.settings import SubsidySettings

MOST_PERIODS = 520
MOST_TURNOVER = 10**16  # fen, of one period: far beyond anything a mall will see, well inside 64 bits
STOP = -PPM

# Courses of turnover that a ready-made set of terms is shown under (MODES 2.8); then nobody comes any more.
COURSES: tuple[tuple[str, tuple[tuple[int, int], ...]], ...] = (
    (_("15 % more each period for 60 periods, then it stops"), ((60, 150_000), (60, STOP))),
    (
        _("15 % more each period for 40 periods, then 10 % less for 80, then it stops"),
        ((40, 150_000), (80, -100_000), (60, STOP)),
    ),
    (_("Steady for 120 periods, then it stops"), ((120, 0), (60, STOP))),
)

FULLY_RESERVED = Terms()
PUBLIC_TABLE = Terms(pool_share_ppm=400_000, reserve_periods=0)
WHOLE_CONCESSION = Terms(pool_share_ppm=PPM)


class Run(BaseModel):
    """So many periods, each with this growth of turnover over the one before (ppm; −1 000 000 stops it)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    periods: Annotated[int, Field(ge=1, le=MOST_PERIODS)]
    growth_ppm: Annotated[int, Field(ge=STOP, le=10 * PPM)]


class Plan(BaseModel):
    """Turnover of the first period (fen), how it goes on, and the mean concession of the sellers (ppm)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    first: Annotated[int, Field(ge=1, le=MOST_TURNOVER)] = 100_000_000
    runs: tuple[Run, ...] = (
        Run(periods=60, growth_ppm=150_000),
        Run(periods=39, growth_ppm=0),
        Run(periods=60, growth_ppm=STOP),
    )
    concession_ppm: Annotated[int, Field(ge=30_000, le=200_000)] = 200_000

    @property
    def periods(self) -> int:
        """Periods in all, the first one included."""
        return 1 + sum(run.periods for run in self.runs)

    @model_validator(mode="after")
    def _bounded(self) -> Self:
        if self.periods > MOST_PERIODS:
            raise ValueError(f"at most {MOST_PERIODS} periods")
        if max(self.turnovers()) > MOST_TURNOVER:
            raise ValueError("the turnover of a period grows beyond 100 000 billion yuan")
        return self

    def turnovers(self) -> tuple[int, ...]:
        """Turnover of each period in fen."""
        runs = [(run.periods, run.growth_ppm) for run in self.runs]
        return tuple(projection.turnovers(self.first, self.periods, runs))


@functools.lru_cache(maxsize=16)
def project(terms: Terms, plan: Plan) -> Projection:
    """The plan under these terms, by the production step; the same question is computed once."""
    return projection.project(terms, concession_ppm=plan.concession_ppm, turnover=plan.turnovers())


def figures_by_course(settings: SubsidySettings) -> list[tuple[str, KeyFigures]]:
    """What becomes of buyers under these settings, by course of turnover: (msgid, figures)."""
    terms = settings.terms()
    plans = [(label, Plan(runs=tuple(Run(periods=n, growth_ppm=g) for n, g in runs))) for label, runs in COURSES]
    return [(label, projection.key_figures(project(terms, plan))) for label, plan in plans]


def evidence_of(terms: Terms, plan: Plan) -> dict[str, Any]:
    """What is kept with the settings: terms, plan and key figures, as JSON."""
    figures = projection.key_figures(project(terms, plan))
    return {
        "terms": dataclasses.asdict(terms),
        "plan": plan.model_dump(mode="json"),
        "figures": dataclasses.asdict(figures),
    }


@dataclasses.dataclass(frozen=True)
class Kept:
    """Evidence read back."""

    terms: Terms
    plan: Plan
    figures: KeyFigures


def read_evidence(data: Mapping[str, Any]) -> Kept | None:
    """What was kept; None where there is none, or where it was written by another release."""
    try:
        return Kept(Terms(**data["terms"]), Plan.model_validate(data["plan"]), KeyFigures(**data["figures"]))
    except (KeyError, TypeError, ValidationError):
        return None


def justify(terms: Terms, kept: Mapping[str, Any]) -> dict[str, Any]:
    """Evidence for settings about to hold: what was kept if it was computed for these terms, else its plan run anew.

    Without a plan the standard one is taken, so no version of the settings is ever without its figures.
    """
    found = read_evidence(kept)
    if found is not None and found.terms == terms:
        return dict(kept)
    return evidence_of(terms, found.plan if found else Plan())


def justify_settings(settings: SubsidySettings, kept: Mapping[str, Any]) -> dict[str, Any]:
    """As `justify`, for settings; those that are switched off need no figures."""
    return justify(settings.terms(), kept) if settings.enabled else {}
