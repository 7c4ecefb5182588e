"""Starting, retrying, cancelling and rolling back runs. Each tells the cell by an event in the same transaction."""

import datetime as dt
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from provisioning import rules as common
from provisioning.orchestrator.models import Run, RunStep
from provisioning.orchestrator.rules import ACTIVE, RETRYABLE, RunState, StepState
from provisioning.rules import RunKind, Way
from saas.identity import audit
from saas.kernel.errors import DomainError, NotFound
from saas.kernel.ids import new_ulid
from saas.messaging.bus import services as bus
from saas.tenants.vendors import selectors as vendor_facts
from saas.tenants.vendors import services as vendors
from saas.tenants.vendors.models import Place
from saas.tenants.vendors.rules import PlaceState

RUN_ENDED = "run.ended"
_TOPIC = {RunKind.ROLLBACK: common.ROLLBACK_REQUESTED}


class RunIsActive(DomainError):
    """The mall has a run under way; only one at a time."""

    code = "run_is_active"
    message = _("Another run of this mall is under way. Wait for its end or cancel it first.")


class RunNotRetryable(DomainError):
    """The run is not one that failed or was cancelled, or a later run has replaced it."""

    code = "run_not_retryable"
    message = _("Only the newest run of a mall can be retried, and only after it failed or was cancelled.")


class RunNotCancellable(DomainError):
    """The run has ended."""

    code = "run_not_cancellable"
    message = _("This run has already ended.")


class MallIsLive(DomainError):
    """A mall that is open to shoppers is never rolled back."""

    code = "mall_is_live"
    message = _("This mall is live. It cannot be rolled back.")


def start_run(*, place: Place, order: dict[str, Any], key: str, actor: str, now: dt.datetime) -> Run:
    """Have the mall made: the run, its steps and the order to the cell, in one transaction.

    The same `key` again returns the first run and changes nothing. Raises RunIsActive.
    """
    with transaction.atomic():
        known = run_of_key(key)
        if known is not None:
            return known
        run = new_run(place=place, kind=RunKind.PROVISION, order=order, key=key, actor=actor, now=now)
        run.place = vendors.change_place_state(mall=place.mall, wanted=PlaceState.PROVISIONING, actor=actor, now=now)
    return run


def retry_run(*, run_ulid: str, actor: str, now: dt.datetime, reason: str = "") -> Run:
    """Take a failed or cancelled run up again from the step that failed. Raises NotFound, RunNotRetryable."""
    with transaction.atomic():
        run = _locked(run_ulid)
        if run.state not in RETRYABLE or run.serial != _last_serial(run.place):
            raise RunNotRetryable
        run.serial, run.state, run.finished_at = run.serial + 1, RunState.RUNNING, None
        run.order = {**run.order, "serial": run.serial}
        run.save(update_fields=["serial", "state", "finished_at", "order"])
        unfinished = RunStep.objects.filter(run=run).exclude(state=StepState.SUCCESS)
        unfinished.update(state=StepState.PENDING, sequence=0, started_at=None, finished_at=None)
        RunStep.objects.filter(run=run).update(sequence=0)
        if run.kind in common.MAKING:
            vendors.change_place_state(mall=run.place.mall, wanted=PlaceState.PROVISIONING, actor=actor, now=now)
        _tell_cell(run, now)
        audit.record(actor, "run.retried", target=f"run:{run.ulid}", reason=reason, serial=run.serial)
    return run


def cancel_run(*, run_ulid: str, actor: str, now: dt.datetime, reason: str = "") -> Run:
    """Stop a run before its next step; what is made stays until it is retried or rolled back.

    Raises NotFound, RunNotCancellable.
    """
    with transaction.atomic():
        run = _locked(run_ulid)
        if run.state not in ACTIVE:
            raise RunNotCancellable
        run.state, run.finished_at = RunState.CANCELLED, now
        run.save(update_fields=["state", "finished_at"])
        RunStep.objects.filter(run=run, state__in=[StepState.PENDING, StepState.RUNNING]).update(
            state=StepState.SKIPPED
        )
        if run.kind in common.MAKING:
            vendors.change_place_state(mall=run.place.mall, wanted=PlaceState.FAILED, actor=actor, now=now)
        bus.publish(
            common.CANCEL_REQUESTED,
            {"run": run.ulid, "serial": run.serial},
            key=f"{run.ulid}:{run.serial}",
            destination=cell_of(run),
            mall=run.place.mall,
        )
        tell_ended(run)
        audit.record(actor, "run.cancelled", target=f"run:{run.ulid}", reason=reason)
    return run


def roll_back(*, mall: str, key: str, actor: str, now: dt.datetime, reason: str = "") -> Run:
    """Unmake a mall that has not gone live: a run of its own that removes the steps from the last to the first.

    The same `key` again returns the first run. Raises NotFound, MallIsLive, RunIsActive.
    """
    with transaction.atomic():
        known = run_of_key(key)
        if known is not None:
            return known
        place = vendor_facts.lock_place(mall)
        if place is None:
            raise NotFound
        if place.state == PlaceState.LIVE:
            raise MallIsLive
        first = Run.objects.filter(place=place, kind__in=sorted(common.MAKING)).order_by("serial").first()
        order = {k: v for k, v in first.order.items() if k not in ("restore", "import")} if first else {}
        run = new_run(place=place, kind=RunKind.ROLLBACK, order=order, key=key, actor=actor, now=now, reason=reason)
    return run


def run_of_key(key: str) -> Run | None:
    """The run that was started with this key, or None; until the transaction ends nobody else gets an answer."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"provisioning:{key}"])
    return Run.objects.filter(key=key).first()


def new_run(
    *,
    place: Place,
    kind: RunKind,
    order: dict[str, Any],
    key: str,
    actor: str,
    now: dt.datetime,
    reason: str = "",
    way: Way = Way.DUMP,
) -> Run:
    """A run with its steps, told to its cell, in the caller's transaction. Raises RunIsActive."""
    ulid, serial = new_ulid(), _last_serial(place) + 1
    steps = common.steps_of(kind, way)
    whole = {
        **order,
        "run": ulid,
        "serial": serial,
        "kind": kind.value,
        "mall": place.mall,
        "schema": place.schema_name,
        "name": place.name,
        "steps": [step.value for step in steps],
    }
    try:
        with transaction.atomic():
            run = Run.objects.create(
                ulid=ulid,
                key=key,
                kind=kind,
                place=place,
                serial=serial,
                order=whole,
                requested_by=actor,
                requested_at=now,
            )
    except IntegrityError:
        raise RunIsActive from None
    RunStep.objects.bulk_create(RunStep(run=run, position=n, name=step) for n, step in enumerate(steps, start=1))
    _tell_cell(run, now)
    audit.record(actor, "run.started", target=f"run:{ulid}", reason=reason, kind=kind.value, mall=place.mall)
    return run


def _tell_cell(run: Run, now: dt.datetime) -> None:
    bus.publish(
        _TOPIC.get(RunKind(run.kind), common.REQUESTED),
        run.order,
        key=f"{run.ulid}:{run.serial}",
        destination=cell_of(run),
        mall=run.place.mall,
        available_at=now,
    )


def tell_ended(run: Run) -> None:
    """Say that a run is over, for whoever had it started (provisioning.lifecycle)."""
    if run.kind in (RunKind.EXPORT, RunKind.IMPORT, RunKind.DELETE):
        payload = {"run": run.ulid, "kind": run.kind, "state": run.state}
        bus.publish(RUN_ENDED, payload, key=f"{run.ulid}:{run.serial}:{run.state}", mall=run.place.mall)


def note_opened(*, mall: str, wanted: PlaceState, now: dt.datetime) -> None:
    """A held mall was opened in its cell."""
    vendors.change_place_state(mall=mall, wanted=wanted, actor="provisioning", now=now)


def cell_of(run: Run) -> str:
    """The cell whose worker takes the run's steps: where the mall stands, unless the order says another."""
    return str(run.order.get("cell") or run.place.cell.cell_id)


def _last_serial(place: Place) -> int:
    return Run.objects.filter(place=place).aggregate(last=Max("serial"))["last"] or 0


def _locked(run_ulid: str) -> Run:
    found = Run.objects.select_for_update(of=("self",)).select_related("place", "place__cell")
    run = found.filter(ulid=run_ulid).first()
    if run is None:
        raise NotFound
    return run
