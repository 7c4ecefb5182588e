"""The eight states of a subscription, what may follow what, and what each allows. Pure.

incomplete  agreed, no trial: waits for its first payment          active    a period is running
trialing    free until the trial's last day                        past_due  an invoice is overdue; the mall runs on
unpaid      overdue for so long that the mall is suspended         paused    stopped by an operator; nothing is charged
canceled    ended by the vendor, or with its mall                  expired   ended because nobody paid
"""

from enum import StrEnum


class SubscriptionState(StrEnum):
    """Where a subscription stands."""

    INCOMPLETE = "incomplete"
    TRIALING = "trialing"
    ACTIVE = "active"
    PAST_DUE = "past_due"
    UNPAID = "unpaid"
    PAUSED = "paused"
    CANCELED = "canceled"
    EXPIRED = "expired"


_S = SubscriptionState
TRANSITIONS: dict[SubscriptionState, frozenset[SubscriptionState]] = {
    _S.INCOMPLETE: frozenset({_S.ACTIVE, _S.CANCELED, _S.EXPIRED}),
    _S.TRIALING: frozenset({_S.ACTIVE, _S.PAUSED, _S.CANCELED}),
    _S.ACTIVE: frozenset({_S.PAST_DUE, _S.PAUSED, _S.CANCELED}),
    _S.PAST_DUE: frozenset({_S.ACTIVE, _S.UNPAID, _S.PAUSED, _S.CANCELED}),
    _S.UNPAID: frozenset({_S.ACTIVE, _S.CANCELED, _S.EXPIRED}),
    _S.PAUSED: frozenset({_S.TRIALING, _S.ACTIVE, _S.CANCELED}),
    _S.CANCELED: frozenset({_S.INCOMPLETE, _S.ACTIVE}),
    _S.EXPIRED: frozenset({_S.INCOMPLETE, _S.ACTIVE}),
}
RENEWS = frozenset({_S.TRIALING, _S.ACTIVE, _S.PAST_DUE})  # the next period begins by itself
RUNS = frozenset({_S.TRIALING, _S.ACTIVE, _S.PAST_DUE})  # the storefront is open
CHANGEABLE = frozenset({_S.TRIALING, _S.ACTIVE})
ENDED = frozenset({_S.CANCELED, _S.EXPIRED})
DUNNED = frozenset({_S.ACTIVE, _S.PAST_DUE, _S.UNPAID, _S.INCOMPLETE})
PAID_UP = frozenset({_S.INCOMPLETE, _S.PAST_DUE, _S.UNPAID})  # becomes active when nothing is owed any more

CLOSES_MALL = frozenset({_S.UNPAID, _S.PAUSED, _S.CANCELED, _S.EXPIRED})


def suspended_in(state: SubscriptionState, *, before: bool) -> bool:
    """Whether the mall is suspended once its subscription is in `state`; an incomplete one leaves it as it was."""
    return state in CLOSES_MALL or (before and state not in RUNS)
