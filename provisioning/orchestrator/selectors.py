"""Reads of runs, for the pages of vendors and operators."""

from dataclasses import dataclass

from provisioning.orchestrator.models import Rollout, RolloutMall, Run, RunStep
from provisioning.orchestrator.rules import ACTIVE, RunState, StepState
from provisioning.rules import RunKind, StepName
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


def run_by_key(key: str) -> Run | None:
    """The run that was started with this key."""
    return Run.objects.filter(key=key).first()


def imports_under_way(file: str) -> bool:
    """Whether an import that runs reads this file of the storage."""
    return Run.objects.filter(kind=RunKind.IMPORT, state__in=ACTIVE, order__import__file=file).exists()


def recent_runs(*, limit: int) -> list[RunView]:
    """The newest runs of all malls."""
    found = Run.objects.select_related("place").prefetch_related("steps").order_by("-requested_at")[:limit]
    return [RunView(run, sorted(run.steps.all(), key=lambda step: step.position)) for run in found]  # type: ignore[attr-defined]


def runs_of(place: Place) -> list[RunView]:
    """All runs of a mall, the newest first."""
    found = Run.objects.select_related("place").prefetch_related("steps").filter(place=place).order_by("-serial")
    return [RunView(run, sorted(run.steps.all(), key=lambda step: step.position)) for run in found]  # type: ignore[attr-defined]


@dataclass(frozen=True)
class MallLine:
    """One mall of a rollout, with its name where control knows it."""

    row: RolloutMall
    name: str


def rollouts(*, limit: int) -> list[Rollout]:
    """The newest rollouts of all cells."""
    return list(Rollout.objects.order_by("-requested_at")[:limit])


def rollout(ulid: str) -> tuple[Rollout, list[MallLine]]:
    """A rollout and its malls, failed ones first. Raises NotFound."""
    found = Rollout.objects.filter(ulid=ulid).first()
    if found is None:
        raise NotFound
    order = {"failed": 0, "pending": 1, "done": 2}
    rows = sorted(
        RolloutMall.objects.filter(rollout=found), key=lambda row: (order.get(row.state, 3), row.wave, row.pk)
    )
    names = dict(Place.objects.filter(mall__in=[row.mall for row in rows]).values_list("mall", "name"))
    return found, [MallLine(row, names.get(row.mall, row.mall)) for row in rows]


def undoable_move(place: Place) -> Run | None:
    """The newest run of a mall if it is a move that ended before the mall left its cell."""
    run = newest_run(place)
    if run is None or run.kind != RunKind.MOVE or run.state in ACTIVE:
        return None
    left = RunStep.objects.filter(run=run, name=StepName.FLIP, state=StepState.SUCCESS).exists()
    return None if left else run
