"""States of what the engine does not know: uses of vouchers, and actions that two persons take. Pure."""

from enum import StrEnum


class UseState(StrEnum):
    """Where the vouchers of an order stand."""

    RESERVED = "reserved"  # the order waits for its payment
    SPENT = "spent"  # paid; the reserve pays when the order completes
    SETTLED = "settled"  # the reserve has paid
    RETURNED = "returned"  # the order was given up


class ActionKind(StrEnum):
    """What two persons do to a pool."""

    LIQUIDATION = "liquidation"
    WITHDRAWAL = "withdrawal"  # surplus above the full reserve, to the house
    TRANSFER = "transfer"  # the mall's profit or advertising income, into the pool


class ActionState(StrEnum):
    """Where such an action stands."""

    PREPARED = "prepared"
    DONE = "done"
    REFUSED = "refused"


ACTION_TRANSITIONS: dict[ActionState, frozenset[ActionState]] = {
    ActionState.PREPARED: frozenset({ActionState.DONE, ActionState.REFUSED}),
    ActionState.DONE: frozenset(),
    ActionState.REFUSED: frozenset(),
}
