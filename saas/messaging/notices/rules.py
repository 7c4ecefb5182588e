"""Notice states, and when a failed one is tried again. Pure."""

from enum import StrEnum


class NoticeState(StrEnum):
    """Where a notice stands."""

    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"


MAX_ATTEMPTS = 6


def retry_seconds(attempts: int) -> int:
    """How long after the n-th attempt the next one comes: 1, 2, 4 … minutes, at most half an hour."""
    return int(min(60 * 2 ** max(attempts - 1, 0), 1800))
