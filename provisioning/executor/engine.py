"""Takes a run step by step. Killed at any line, it is started again and goes on with the first step not recorded.

A session lock by mall keeps two workers off one mall; the server drops it when a killed worker's connection closes.
"""

import logging
import traceback

from django.db import connection

from provisioning.executor import services
from provisioning.executor.models import ExecutedStep, Execution
from provisioning.executor.rules import ExecutionState
from provisioning.rules import REMOVING, NotRepeatable, StepName
from provisioning.steps import STEPS
from provisioning.steps.context import Context
from saas.kernel.clock import real_now as now
from saas.kernel.crashpoint import crashpoint
from saas.tenants.backend.locks import session_lock

logger = logging.getLogger(__name__)


def execute(run: str) -> float | None:
    """Take the steps of a run that are left, as far as they go now.

    Returns the seconds after which it wants to be called again, None when it is over (or another worker has it).
    """
    execution = Execution.objects.filter(run=run, state=ExecutionState.ACTIVE).first()
    if execution is None:
        return None
    with session_lock(f"execution:{execution.mall}") as alone:
        if not alone:
            return None
        while (step := services.begin_step(execution=execution, now=now())) is not None:
            wait = _take(execution, step)
            if wait is not None:
                return wait
    return None


def _take(execution: Execution, step: ExecutedStep) -> float | None:
    name = StepName(step.name)
    crashpoint(f"provision.{name}.begun")
    module = STEPS[name]
    act = module.remove if execution.kind in REMOVING else module.ensure
    try:
        log = act(Context.from_order(execution.order))
    except Exception as error:
        tags = {"mall": execution.mall, "run": execution.run}
        logger.exception("run %s step %s failed (attempt %s)", execution.run, name, step.attempts, extra=tags)
        detail = f"{error}\n{traceback.format_exc(limit=-4)}"
        final = isinstance(error, NotRepeatable)
        wait = services.record_failure(step=step, error=detail, now=now(), final=final)
        return None if wait is None else wait.total_seconds()
    finally:
        connection.set_schema_to_public()  # type: ignore[attr-defined]
    crashpoint(f"provision.{name}.done")
    services.record_success(step=step, log=log, now=now())
    crashpoint(f"provision.{name}.recorded")
    return None
