"""The one moment in which the mall changes cells: the old row lets go, then the new one opens under the next epoch."""

from provisioning.steps.context import Context
from provisioning.steps.move import sides
from saas.kernel.clock import real_now as now
from saas.kernel.crashpoint import crashpoint
from saas.messaging.bus import moving as events
from saas.tenants.malls import moving, selectors
from saas.tenants.malls.rules import MallState


def ensure(context: Context) -> str:
    """Let go there, open here. Killed between the two, the next attempt opens. Raises MoveOvertaken."""
    plan = context.move
    with sides.source(plan) as source:
        found = moving.row(source, context.mall)
        if found is None:
            raise moving.MoveOvertaken(f"the mall is not in cell {plan.source}")
        if not moving.has_left(source, context.mall, epoch=plan.epoch, target=plan.target):
            if events.park(source, context.mall):  # published by somebody who wrote nothing into the mall
                with sides.target(plan) as target:
                    events.copy_events(source, target, context.mall)
            moving.leave(source, context.mall, epoch=plan.epoch, target=plan.target, now=now())
            events.close(source, context.mall, plan.target)
    crashpoint("provision.flip.left")
    with sides.target(plan) as target:
        moving.settle(target, context.mall, epoch=plan.epoch + 1, state=str(found["state_before"]))
    selectors.forget_mall(context.registered())
    return f"{plan.target} serves the mall as {found['state_before']}, epoch {plan.epoch + 1}"


def remove(context: Context) -> str:
    """A mall that has left comes back by another move."""
    found = context.found()
    if found is not None and found.state not in (MallState.ARRIVING, MallState.GONE):
        raise moving.MoveOvertaken("the mall has opened: move it back instead")
    return "nothing to undo"
