"""Reads of the cell's runs."""

import datetime as dt

from provisioning.executor.models import Execution
from provisioning.executor.rules import ExecutionState


def due_runs(*, now: dt.datetime) -> list[str]:
    """Active runs that need not wait any longer."""
    due = Execution.objects.filter(state=ExecutionState.ACTIVE, due_at__lte=now).order_by("due_at")
    return list(due.values_list("run", flat=True))
