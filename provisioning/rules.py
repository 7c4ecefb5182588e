"""The words that the orchestrator (control) and the executor (cell) share: steps, kinds, outcomes. Pure."""

from enum import StrEnum


class RunKind(StrEnum):
    """What a run does to a mall."""

    PROVISION = "provision"
    ROLLBACK = "rollback"


class StepName(StrEnum):
    """The steps of making a mall, in order. A rollback takes them from the last to the first."""

    SCHEMA = "schema"
    STARTER_DATA = "starter_data"
    MEDIA_STORAGE = "media_storage"
    DOMAIN = "domain"
    SMOKE_TEST = "smoke_test"


class Outcome(StrEnum):
    """What a fact says about a step."""

    STARTED = "started"
    SUCCEEDED = "succeeded"
    RETRYING = "retrying"
    FAILED = "failed"


REQUESTED = "provision.requested"
ROLLBACK_REQUESTED = "provision.rollback_requested"
CANCEL_REQUESTED = "provision.cancel_requested"
STEP_FINISHED = "provision.step_finished"


def steps_of(kind: RunKind) -> tuple[StepName, ...]:
    """The steps of a run of this kind, in the order in which they are taken."""
    return tuple(StepName) if kind is RunKind.PROVISION else tuple(reversed(StepName))
