"""What the executor writes down: orders accepted, steps begun and ended. Each row commits with the fact about it."""

import datetime as dt
from typing import Any

from django.db import connection, transaction
from django.db.models import Max

from provisioning import rules as common
from provisioning.executor.models import ExecutedStep, Execution
from provisioning.executor.rules import ExecutedState, ExecutionState, wait_before_retry
from provisioning.rules import Outcome, RunKind
from saas.messaging.bus import services as bus

_LOG_LIMIT = 20_000


def accept_order(*, order: dict[str, Any], now: dt.datetime) -> Execution | None:
    """Take an order from control: its run and all its steps, pending. None if a newer order for the mall is here.

    A newer order ends whatever was active for its mall. The order of a retry makes its run active again and repeats
    the facts about the steps that are already done, since control forgot them with the old attempt.
    """
    mall, serial = str(order["mall"]), int(order["serial"])
    with transaction.atomic():
        with connection.cursor() as cursor:  # two orders for one mall are taken one after the other
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 1))", [mall])
        if newest_serial(mall) >= serial:
            return None
        Execution.objects.filter(mall=mall, state=ExecutionState.ACTIVE).update(state=ExecutionState.CANCELLED)
        execution, made = Execution.objects.get_or_create(
            run=order["run"],
            defaults={"mall": mall, "kind": order["kind"], "serial": serial, "order": order, "due_at": now},
        )
        if made:
            ExecutedStep.objects.bulk_create(
                ExecutedStep(execution=execution, position=position, name=name)
                for position, name in enumerate(order["steps"], start=1)
            )
        else:
            _take_up_again(execution, order, serial, now)
    return execution


def _take_up_again(execution: Execution, order: dict[str, Any], serial: int, now: dt.datetime) -> None:
    execution.serial, execution.order, execution.due_at = serial, order, now
    execution.state = ExecutionState.ACTIVE
    execution.save(update_fields=["serial", "order", "due_at", "state"])
    unfinished = ExecutedStep.objects.filter(execution=execution).exclude(state=ExecutedState.SUCCESS)
    unfinished.update(state=ExecutedState.PENDING, attempts=0)
    for step in ExecutedStep.objects.filter(execution=execution, state=ExecutedState.SUCCESS).order_by("position"):
        _report(execution, step, Outcome.SUCCEEDED)


def cancel_order(*, run: str, serial: int) -> None:
    """Stop a run before its next step, unless it was taken up again since."""
    Execution.objects.filter(run=run, serial__lte=serial, state=ExecutionState.ACTIVE).update(
        state=ExecutionState.CANCELLED
    )


def begin_step(*, execution: Execution, now: dt.datetime) -> ExecutedStep | None:
    """The first step not done, marked as running; None when the run is over, was ended or must still wait."""
    with transaction.atomic():
        execution = _locked(execution)
        if execution.state != ExecutionState.ACTIVE or execution.due_at > now:
            return None
        steps = ExecutedStep.objects.filter(execution=execution).exclude(state=ExecutedState.SUCCESS)
        step = steps.order_by("position").first()
        if step is None:
            return None
        step.state, step.attempts = ExecutedState.RUNNING, step.attempts + 1
        step.started_at, step.finished_at = now, None
        step.save()
        _report(execution, step, Outcome.STARTED)
    return step


def record_success(*, step: ExecutedStep, log: str, now: dt.datetime) -> None:
    """A step is done; with the last one the run is."""
    with transaction.atomic():
        execution = _locked(step.execution)
        step.state, step.finished_at, step.log = ExecutedState.SUCCESS, now, _logged(step, log, now)
        step.save()
        _report(execution, step, Outcome.SUCCEEDED)
        left = ExecutedStep.objects.filter(execution=execution).exclude(state=ExecutedState.SUCCESS)
        if execution.state == ExecutionState.ACTIVE and not left.exists():
            execution.state = ExecutionState.SUCCEEDED
            execution.save(update_fields=["state"])


def record_failure(*, step: ExecutedStep, error: str, now: dt.datetime, final: bool = False) -> dt.timedelta | None:
    """A step did not succeed: it waits its backoff, or the run has failed (at once if `final`); how long it waits, or None."""
    wait = None if final else wait_before_retry(step.attempts)
    with transaction.atomic():
        execution = _locked(step.execution)
        step.log = _logged(step, error, now)
        if wait is None:
            step.state, step.finished_at = ExecutedState.FAILURE, now
            if execution.state == ExecutionState.ACTIVE:
                execution.state = ExecutionState.FAILED
        else:
            step.state = ExecutedState.PENDING
            execution.due_at = now + wait
        step.save()
        execution.save(update_fields=["state", "due_at"])
        _report(execution, step, Outcome.FAILED if wait is None else Outcome.RETRYING)
    return wait


def _locked(execution: Execution) -> Execution:
    return Execution.objects.select_for_update().get(pk=execution.pk)


def _logged(step: ExecutedStep, text: str, now: dt.datetime) -> str:
    line = f"{now:%Y-%m-%d %H:%M:%S} attempt {step.attempts}: {text.strip()}\n"
    return (step.log + line)[-_LOG_LIMIT:]


def _report(execution: Execution, step: ExecutedStep, outcome: Outcome) -> None:
    """The fact for control, in the transaction of the rows it speaks of. `sequence` orders the facts of a run."""
    execution.sequence += 1
    Execution.objects.filter(pk=execution.pk).update(sequence=execution.sequence)
    bus.publish(
        common.STEP_FINISHED,
        {
            "run": execution.run,
            "serial": execution.serial,
            "sequence": execution.sequence,
            "kind": RunKind(execution.kind).value,
            "step": step.name,
            "outcome": outcome.value,
            "attempt": step.attempts,
            "log": step.log,
            "started_at": step.started_at.isoformat() if step.started_at else None,
            "finished_at": step.finished_at.isoformat() if step.finished_at else None,
        },
        key=f"{execution.run}:{execution.sequence}",
        destination=bus.CONTROL,
        mall=execution.mall,
    )


def newest_serial(mall: str) -> int:
    """The serial of the newest order for a mall, 0 without one."""
    return Execution.objects.filter(mall=mall).aggregate(last=Max("serial"))["last"] or 0
