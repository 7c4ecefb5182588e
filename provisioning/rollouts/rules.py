"""In which order malls are migrated, and when a rollout stops by itself. Pure. (Its words are shared with control.)"""

from collections.abc import Sequence
from enum import StrEnum

WAVES = (1, 5, 25)  # the first mall shows the way; then few, then many
WAVE_MAX = 100
MAX_ATTEMPTS = 3  # of one mall within one rollout, when a lock could not be had
LOCK_TIMEOUT_SECONDS = 3  # a migration that waits for a lock makes everybody behind it wait
_STOP_AT_LEAST = 3

REQUESTED = "rollout.requested"
RETRY_REQUESTED = "rollout.retry_requested"
PROGRESSED = "rollout.progressed"


class RolloutState(StrEnum):
    """Where a rollout stands."""

    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"  # every mall was tried, some could not be migrated
    STOPPED = "stopped"  # too many malls of one wave failed: an operator looks before it goes on


class MallState(StrEnum):
    """Where one mall stands in a rollout."""

    PENDING = "pending"
    DONE = "done"
    FAILED = "failed"


def waves(malls: Sequence[str]) -> list[list[str]]:
    """The malls in waves: 1, 5, 25, then 100 each."""
    found: list[list[str]] = []
    start = 0
    while start < len(malls):
        size = WAVES[len(found)] if len(found) < len(WAVES) else WAVE_MAX
        found.append(list(malls[start : start + size]))
        start += size
    return found


def must_stop(*, failed: int, tried: int) -> bool:
    """Whether so many malls of a wave failed that the next wave must not begin: half of them, and three at least."""
    return failed >= _STOP_AT_LEAST and failed * 2 >= tried


def state_after(*, pending: int, failed: int) -> RolloutState:
    """What the states of its malls say about a rollout that has not been stopped."""
    if pending:
        return RolloutState.RUNNING
    return RolloutState.FAILED if failed else RolloutState.SUCCEEDED
