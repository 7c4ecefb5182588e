"""Kinds and states of a mall's jobs. Pure."""

from collections.abc import Mapping
from enum import StrEnum


class JobKind(StrEnum):
    """What is done to a mall as a whole, in its cell."""

    CLOCK = "clock"  # a rehearsal's time moves on
    PEOPLE = "people"  # test people, a store, a seller and orders are made
    OPENING = "opening"  # test data is wiped, the ledger proved empty, the mall goes live
    RESET = "reset"  # a public demo is made anew from its seed


class JobState(StrEnum):
    """Where a job stands."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"


JOB_TRANSITIONS: Mapping[JobState, frozenset[JobState]] = {
    JobState.RUNNING: frozenset({JobState.DONE, JobState.FAILED, JobState.STOPPED}),
    JobState.DONE: frozenset(),
    JobState.FAILED: frozenset({JobState.RUNNING}),
    JobState.STOPPED: frozenset(),
}
TRIES = 5  # of a job that fails for a reason it does not name; then a person looks
