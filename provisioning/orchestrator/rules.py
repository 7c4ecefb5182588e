"""States of runs and steps, and what a fact from the cell does to them. Pure."""

from collections.abc import Iterable
from enum import StrEnum

from provisioning.rules import Outcome


class RunState(StrEnum):
    """Where a run stands."""

    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


class StepState(StrEnum):
    """Where a step stands. All rows exist, pending, before the first is taken."""

    PENDING = "pending"
    RUNNING = "running"
    SUCCESS = "success"
    FAILURE = "failure"
    SKIPPED = "skipped"


ACTIVE = frozenset({RunState.RUNNING})
RETRYABLE = frozenset({RunState.FAILED, RunState.CANCELLED})

STEP_AFTER: dict[Outcome, StepState] = {
    Outcome.STARTED: StepState.RUNNING,
    Outcome.RETRYING: StepState.RUNNING,
    Outcome.SUCCEEDED: StepState.SUCCESS,
    Outcome.FAILED: StepState.FAILURE,
}


def run_state(steps: Iterable[str]) -> RunState:
    """What the states of a run's steps say about the run."""
    states = set(steps)
    if StepState.FAILURE in states:
        return RunState.FAILED
    return RunState.SUCCEEDED if states <= {StepState.SUCCESS} else RunState.RUNNING


def is_news(*, serial: int, sequence: int, run_serial: int, step_sequence: int) -> bool:
    """Whether a fact is newer than what is known of its step: of the run's present attempt, and not overtaken."""
    return serial == run_serial and sequence > step_sequence


class RolloutState(StrEnum):
    """Where a rollout stands for control: asked for, or as its cell said last."""

    REQUESTED = "requested"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    STOPPED = "stopped"


ROLLOUT_ACTIVE = frozenset({RolloutState.REQUESTED, RolloutState.RUNNING})
ROLLOUT_RETRYABLE = frozenset({RolloutState.FAILED, RolloutState.STOPPED})
