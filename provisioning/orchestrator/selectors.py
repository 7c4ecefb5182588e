"""Reads of runs, for the pages of vendors and operators."""

from dataclasses import dataclass

from provisioning.orchestrator.models import Run, RunStep
from provisioning.orchestrator.rules import ACTIVE, RunState, StepState
from saas.kernel.errors import NotFound
from saas.tenants.vendors.models import Place


@dataclass(frozen=True)
class RunView:
    """A run with its steps in order."""

    run: Run
    steps: list[RunStep]

    @property
    def is_active(self) -> bool:
        return self.run.state in ACTIVE

    @property
    def succeeded(self) -> bool:
        return self.run.state == RunState.SUCCEEDED

    @property
    def done(self) -> int:
        return sum(step.state == StepState.SUCCESS for step in self.steps)

    @property
    def seconds(self) -> float | None:
        """From the request to the end of the last step, as the cell measured it."""
        ends = [step.finished_at for step in self.steps if step.finished_at]
        return (max(ends) - self.run.requested_at).total_seconds() if ends else None


def run_view(ulid: str) -> RunView:
    """A run by its ULID. Raises NotFound."""
    run = Run.objects.select_related("place", "place__vendor", "place__cell").filter(ulid=ulid).first()
    if run is None:
        raise NotFound
    return RunView(run, list(RunStep.objects.filter(run=run).order_by("position")))


def newest_run(place: Place) -> Run | None:
    """The run of a mall that counts."""
    return Run.objects.filter(place=place).order_by("-serial").first()


def recent_runs(*, limit: int) -> list[RunView]:
    """The newest runs of all malls."""
    found = Run.objects.select_related("place").prefetch_related("steps").order_by("-requested_at")[:limit]
    return [RunView(run, sorted(run.steps.all(), key=lambda step: step.position)) for run in found]  # type: ignore[attr-defined]


def runs_of(place: Place) -> list[RunView]:
    """All runs of a mall, the newest first."""
    found = Run.objects.select_related("place").prefetch_related("steps").filter(place=place).order_by("-serial")
    return [RunView(run, sorted(run.steps.all(), key=lambda step: step.position)) for run in found]  # type: ignore[attr-defined]
