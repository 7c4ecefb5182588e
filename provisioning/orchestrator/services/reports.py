"""What a cell reports becomes the state of steps, of the run and of the place."""

import datetime as dt
from typing import Any

from django.db import transaction

from provisioning.orchestrator.models import Run, RunStep
from provisioning.orchestrator.rules import ACTIVE, STEP_AFTER, RunState, StepState, is_news, run_state
from provisioning.orchestrator.services import moves, runs
from provisioning.rules import Outcome, RunKind, StepName
from saas.identity import audit
from saas.support import services as support
from saas.tenants.vendors import services as vendors
from saas.tenants.vendors.rules import PlaceState

_PLACE_AFTER: dict[tuple[RunKind, RunState], PlaceState] = {
    (RunKind.PROVISION, RunState.SUCCEEDED): PlaceState.REHEARSAL,
    (RunKind.PROVISION, RunState.FAILED): PlaceState.FAILED,
    (RunKind.RESTORE, RunState.FAILED): PlaceState.FAILED,
    (RunKind.IMPORT, RunState.FAILED): PlaceState.FAILED,
    (RunKind.ROLLBACK, RunState.SUCCEEDED): PlaceState.REMOVED,
    (RunKind.ROLLBACK, RunState.FAILED): PlaceState.FAILED,
}
_STANDS = frozenset({PlaceState.REHEARSAL, PlaceState.HELD, PlaceState.LIVE})


class UnknownRun(LookupError):
    """A cell reported on a run that control never started: an operator must look at the fact."""


def apply_step_fact(*, fact: dict[str, Any], now: dt.datetime) -> Run:
    """Apply one `provision.step_finished` fact: `run serial sequence step outcome attempt log started_at finished_at`.

    Facts may come twice or out of order: an older one, one of an attempt that was given up, or one of a run that has
    ended changes nothing. Raises UnknownRun.
    """
    with transaction.atomic():
        run = Run.objects.select_for_update(of=("self",)).select_related("place").filter(ulid=fact["run"]).first()
        if run is None:
            raise UnknownRun(str(fact["run"]))
        step = RunStep.objects.get(run=run, name=fact["step"])
        news = is_news(
            serial=int(fact["serial"]),
            sequence=int(fact["sequence"]),
            run_serial=run.serial,
            step_sequence=step.sequence,
        )
        if not news or run.state not in ACTIVE:
            return run
        step.state = STEP_AFTER[Outcome(fact["outcome"])]
        step.sequence = int(fact["sequence"])
        step.attempts = int(fact["attempt"])
        step.log = str(fact["log"])
        step.started_at = _instant(fact.get("started_at"))
        step.finished_at = _instant(fact.get("finished_at"))
        step.save()
        if run.order.get("move") and step.state == StepState.SUCCESS:
            moves.apply_move_fact(run, StepName(step.name), now=now)
        _settle(run, now)
    return run


def _settle(run: Run, now: dt.datetime) -> None:
    state = run_state(RunStep.objects.filter(run=run).values_list("state", flat=True))
    if state is RunState.RUNNING:
        return
    run.state, run.finished_at = state, now
    run.save(update_fields=["state", "finished_at"])
    if state is RunState.FAILED:
        RunStep.objects.filter(run=run, state=StepState.PENDING).update(state=StepState.SKIPPED)
    arrival = run.order.get("restore") or run.order.get("import")
    arrived = PlaceState(arrival["arrive"]) if arrival and state is RunState.SUCCEEDED else None
    wanted = arrived or _PLACE_AFTER.get((RunKind(run.kind), state))  # a move leaves the mall what it was
    if wanted is not None:
        vendors.change_place_state(mall=run.place.mall, wanted=wanted, actor="provisioning", now=now)
    if wanted in _STANDS:
        support.settle_item(mall=run.place.mall, key="server", reference="", actor="provisioning", now=now)
    runs.tell_ended(run)
    audit.record("provisioning", f"run.{state}", target=f"run:{run.ulid}", mall=run.place.mall)


def _instant(text: str | None) -> dt.datetime | None:
    return dt.datetime.fromisoformat(text) if text else None
