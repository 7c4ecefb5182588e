"""Writes of the orchestrator: a vendor signs up, runs are started, retried, cancelled, rolled back, reported on."""

from provisioning.orchestrator.services.imports import import_mall
from provisioning.orchestrator.services.moves import move_mall, retire_copy, undo_move
from provisioning.orchestrator.services.reports import apply_step_fact
from provisioning.orchestrator.services.restores import (
    NotLive,
    NotRestorable,
    RestoreIntoMall,
    clone_into_rehearsal,
    restore_mall,
)
from provisioning.orchestrator.services.rollouts import apply_rollout_fact, request_rollout, retry_rollout
from provisioning.orchestrator.services.runs import (
    MallIsLive,
    RunIsActive,
    RunNotRetryable,
    cancel_run,
    note_opened,
    retry_run,
    roll_back,
    start_run,
)
from provisioning.orchestrator.services.signup import sign_up

__all__ = [
    "MallIsLive",
    "NotLive",
    "NotRestorable",
    "RestoreIntoMall",
    "RunIsActive",
    "RunNotRetryable",
    "apply_rollout_fact",
    "apply_step_fact",
    "cancel_run",
    "clone_into_rehearsal",
    "import_mall",
    "move_mall",
    "note_opened",
    "request_rollout",
    "restore_mall",
    "retire_copy",
    "retry_rollout",
    "retry_run",
    "roll_back",
    "sign_up",
    "start_run",
    "undo_move",
]
