"""Facts for control leave by the old cell's relay; what is for the mall's own handlers is parked and goes with it."""

import time

from provisioning.steps.context import Context
from provisioning.steps.move import sides
from saas.messaging.bus import moving as events
from saas.tenants.malls import moving

_WAIT_SECONDS = 20
_POLL_SECONDS = 0.05


class NotDrained(RuntimeError):
    """The relay has not carried the mall's facts yet; the step is tried again."""


def ensure(context: Context) -> str:
    """Park local events, wait until no fact for control is left. Raises NotDrained, MoveOvertaken."""
    plan = context.move
    with sides.source(plan) as source:
        if moving.has_left(source, context.mall, epoch=plan.epoch, target=plan.target):
            return "the mall has left already"
        moving.require_frozen(source, context.mall, epoch=plan.epoch)
        parked = events.park(source, context.mall)
    deadline = time.monotonic() + _WAIT_SECONDS
    while True:
        with sides.source(plan) as source:
            waiting = events.waiting_facts(source, context.mall)
        if not waiting:
            return f"{parked} events wait for the new cell; no fact for control is left"
        if time.monotonic() > deadline:
            raise NotDrained(f"{waiting} facts wait for the relay of {plan.source}")
        time.sleep(_POLL_SECONDS)


def remove(context: Context) -> str:
    """Give the events back."""
    with sides.source(context.move) as source:
        return f"{events.unpark(source, context.mall)} events given back"
