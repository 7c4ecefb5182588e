"""Following parcels of carriers: how a watched parcel stands, what a tracking service says of it. Pure."""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from tenant_apps.orders.parcels import TrackingState

ASK_LIMIT = 40  # questions after which a parcel without news is followed no more
QUIET_BETWEEN = dt.timedelta(minutes=30)  # the service locks a number that is asked about more often
_FIRST_WAITS = (1, 5, 15, 60)  # minutes, until the service has taken the parcel on
_WAIT = dt.timedelta(hours=12)  # for one that it follows: it tells of news by itself
PHONE_CARRIERS = frozenset({"shunfeng", "zhongtong"})  # these say nothing without the last digits of a phone


class WatchState(StrEnum):
    """Where the following of a parcel stands. `asking`: the service was asked and has given no certain answer yet."""

    ASKING = "asking"
    FOLLOWED = "followed"
    REFUSED = "refused"  # the service does not follow it: staff note what they know
    OVER = "over"


OPEN = frozenset({WatchState.ASKING, WatchState.FOLLOWED})


@dataclass(frozen=True)
class Step:
    """One step of a parcel, as the carrier wrote it."""

    at: dt.datetime
    text: str


@dataclass(frozen=True)
class Course:
    """All that a carrier has said of a parcel, the oldest step first. `is_over`: the service follows it no more."""

    number: str
    state: TrackingState | None
    steps: tuple[Step, ...]
    is_over: bool = False
    reason: str = ""


@dataclass(frozen=True)
class Push:
    """A push whose signature is right, and what makes it the same one when it comes again."""

    notice_id: str
    course: Course


def next_ask(attempt: int, state: str, now: dt.datetime) -> dt.datetime:
    """When a parcel that is followed, or is to be, is asked about again."""
    if state == WatchState.FOLLOWED:
        return now + _WAIT
    return now + dt.timedelta(minutes=_FIRST_WAITS[min(attempt, len(_FIRST_WAITS)) - 1])
