"""From here the mall refuses writes (gate state `moving`), until it opens in its new cell or the move is undone."""

from provisioning.steps.context import Context
from provisioning.steps.move import sides
from saas.messaging.bus import moving as events
from saas.tenants.malls import moving


def ensure(context: Context) -> str:
    """Close the gate; waits for write transactions under way. Raises MoveOvertaken."""
    plan = context.move
    with sides.source(plan) as source:
        if moving.has_left(source, context.mall, epoch=plan.epoch, target=plan.target):
            return "the mall has left already"
        done = moving.freeze(source, context.mall, epoch=plan.epoch)
    return "writes are refused from now on" if done else "writes were refused already"


def remove(context: Context) -> str:
    """Open the gate again under a new epoch, with its events. Raises MoveOvertaken when the mall has left."""
    plan = context.move
    with sides.source(plan) as source:
        done = moving.unfreeze(source, context.mall, epoch=plan.epoch)
        events.unpark(source, context.mall)
    return f"works again under epoch {plan.epoch + 1}" if done else "worked already"
