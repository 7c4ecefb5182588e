"""Notice states, and when a failed one is tried again. Pure."""

import datetime as dt
from enum import StrEnum


class NoticeState(StrEnum):
    """Where a notice stands. `sent`: the provider has it; `delivered`: it says the person has it."""

    QUEUED = "queued"
    SENDING = "sending"  # an attempt was claimed and has not said how it ended
    UNKNOWN = "unknown"  # it may have gone out: the provider is asked, nothing is sent again blindly
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    STOPPED = "stopped"  # by a limit of ours: the month's ceiling, too many to one number


OPEN = frozenset({NoticeState.QUEUED, NoticeState.SENDING, NoticeState.UNKNOWN})
MAX_ATTEMPTS = 6
MISSING_ANSWERS = 2  # so often a provider must say that it does not know a message …
MISSING_AFTER = dt.timedelta(minutes=5)  # … and this long after the first attempt, before it is sent again


def retry_seconds(attempts: int) -> int:
    """How long after the n-th attempt the next one comes: 1, 2, 4 … minutes, at most half an hour."""
    return int(min(60 * 2 ** max(attempts - 1, 0), 1800))


def never_arrived(missing: int, first_attempt_at: dt.datetime, now: dt.datetime) -> bool:
    """Whether a provider has said often and late enough that it never took a message: then it may be sent again."""
    return missing >= MISSING_ANSWERS and now - first_attempt_at >= MISSING_AFTER
