"""A courier's errand: its states, what is asked of a courier service and what it answers. Pure; fen, grams, metres."""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

MAX_FEE = 1_000_000  # fen
MAX_WEIGHT = 100_000  # grams
DEFAULT_WEIGHT = 1_000
QUERY_LIMIT = 60
_WAITS = (1, 2, 3, 5, 5, 10)  # minutes before an errand is asked about again, the last one from then on


class Provider(StrEnum):
    """Who carries: somebody of the store's, or a courier service."""

    MANUAL = "manual"
    DADA = "dada"
    KUAIDI100 = "kuaidi100"  # carries nothing: says where a carrier's parcels are


class ErrandState(StrEnum):
    """Where an errand stands. `calling`: the service was asked and has given no certain answer yet."""

    CALLING = "calling"
    WAITING = "waiting"  # the service looks for a rider
    ACCEPTED = "accepted"  # a rider is on the way to the store
    ARRIVED = "arrived"  # at the store
    CARRYING = "carrying"
    RETURNING = "returning"  # not delivered, on the way back
    DELIVERED = "delivered"
    RETURNED = "returned"
    CANCELLED = "cancelled"
    REFUSED = "refused"  # the service has said no: nothing was begun


OPEN = frozenset(
    {
        ErrandState.CALLING,
        ErrandState.WAITING,
        ErrandState.ACCEPTED,
        ErrandState.ARRIVED,
        ErrandState.CARRYING,
        ErrandState.RETURNING,
    }
)
ENDED = frozenset(ErrandState) - OPEN
BEFORE_PICKUP = frozenset({ErrandState.CALLING, ErrandState.WAITING, ErrandState.ACCEPTED, ErrandState.ARRIVED})
CANCELLABLE = BEFORE_PICKUP
LEFT_STORE = frozenset(
    {ErrandState.CARRYING, ErrandState.DELIVERED, ErrandState.RETURNING, ErrandState.RETURNED}
)  # the goods were with a rider

# What a courier of one's own goes through, set by hand. A service's states are its own: it may assign another rider.
BY_HAND: dict[ErrandState, tuple[ErrandState, ...]] = {
    ErrandState.ACCEPTED: (ErrandState.CARRYING, ErrandState.CANCELLED),
    ErrandState.CARRYING: (ErrandState.DELIVERED, ErrandState.RETURNING),
    ErrandState.RETURNING: (ErrandState.RETURNED,),
}


@dataclass(frozen=True, kw_only=True)
class Task:
    """What a courier service is asked to carry. The number is ours, and the same in every repeat."""

    number: str
    shop: str  # the store's number at the service
    worth_amount: int
    weight_grams: int
    name: str
    phone: str
    address: str
    latitude_e6: int
    longitude_e6: int
    callback_url: str
    note: str = ""


@dataclass(frozen=True)
class Quote:
    """What it would cost (fen), over which way (metres)."""

    fee_amount: int
    distance_meters: int


@dataclass(frozen=True)
class Facts:
    """What a service says of an errand now. `fee_amount` None: not said."""

    state: ErrandState
    rider_name: str = ""
    rider_phone: str = ""
    fee_amount: int | None = None
    deduct_amount: int = 0
    reason: str = ""


@dataclass(frozen=True)
class Callback:
    """A callback whose signature is right: of which errand, and what makes it the same one when it comes again."""

    number: str
    notice_id: str
    state: str


def next_query(attempt: int, now: dt.datetime) -> dt.datetime:
    """When an errand that is not over is asked about again."""
    return now + dt.timedelta(minutes=_WAITS[min(attempt, len(_WAITS)) - 1])


def owed(state: str, *, fee_amount: int, deduct_amount: int) -> int:
    """What an errand that has ended costs: its fee when goods were carried, else what the service deducts for the call."""
    if state in (ErrandState.DELIVERED, ErrandState.RETURNED):
        return fee_amount + deduct_amount
    return deduct_amount if state == ErrandState.CANCELLED else 0
