"""Decisions about what takes two persons. Pure."""

import datetime as dt
from enum import StrEnum

OPEN_DAYS = 7  # how long something prepared may wait for the second person


class PreparedState(StrEnum):
    """The life of a prepared action; only an open one can be decided."""

    OPEN = "open"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


PREPARED_TRANSITIONS: dict[PreparedState, frozenset[PreparedState]] = {
    PreparedState.OPEN: frozenset(
        {PreparedState.APPROVED, PreparedState.REFUSED, PreparedState.WITHDRAWN, PreparedState.EXPIRED}
    ),
    PreparedState.APPROVED: frozenset(),
    PreparedState.REFUSED: frozenset(),
    PreparedState.WITHDRAWN: frozenset(),
    PreparedState.EXPIRED: frozenset(),
}


def state_now(state: str, expires_at: dt.datetime, now: dt.datetime) -> PreparedState:
    """The state as people should see it: an open one whose time is over has expired."""
    found = PreparedState(state)
    return PreparedState.EXPIRED if found is PreparedState.OPEN and now >= expires_at else found
