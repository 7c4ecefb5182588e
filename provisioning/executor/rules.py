"""States of a run and its steps in the cell, and when a failed step is tried again. Pure."""

import datetime as dt
from enum import StrEnum

MAX_ATTEMPTS = 5  # of one step within one order; then it waits for an operator
BACKOFF_SECONDS = (1, 4, 15, 60)


class ExecutionState(StrEnum):
    """Where a run stands in the cell."""

    ACTIVE = "active"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


class ExecutedState(StrEnum):
    """Where a step stands in the cell."""

    PENDING = "pending"
    RUNNING = "running"
    SUCCESS = "success"
    FAILURE = "failure"


def wait_before_retry(attempt: int) -> dt.timedelta | None:
    """How long to wait after failed attempt number `attempt` (from 1); None when it was the last."""
    if attempt >= MAX_ATTEMPTS:
        return None
    return dt.timedelta(seconds=BACKOFF_SECONDS[min(attempt, len(BACKOFF_SECONDS)) - 1])
