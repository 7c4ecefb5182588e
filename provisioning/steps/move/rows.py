"""What a cell keeps of a mall outside its schema: registry row, hosts, entitlements, events, schedules, consumption marks."""

from provisioning.steps.context import Context
from provisioning.steps.move import sides
from saas.kernel.crashpoint import crashpoint
from saas.messaging.bus import moving as events
from saas.tenants.malls import moving


def ensure(context: Context) -> str:
    """Copy them in one transaction; the mall is `arriving` there. Raises CopyKept, MoveOvertaken."""
    plan = context.move
    with sides.source(plan) as source, sides.target(plan) as target:
        found = moving.row(source, context.mall)
        if found is None:
            raise moving.MoveOvertaken(f"the mall is not in cell {plan.source}")
        if moving.has_left(source, context.mall, epoch=plan.epoch, target=plan.target):
            return "the mall has left already"
        moving.require_frozen(source, context.mall, epoch=plan.epoch)
        moving.expect(target, found, epoch=plan.epoch + 1)
        words = moving.copy_words(source, target, context.mall)
        count = events.copy_events(source, target, context.mall)
        crashpoint("provision.public_rows.copied")
    return f"{words} hosts and entitlements, {count} events and marks"


def remove(context: Context) -> str:
    """Forget them there."""
    with sides.target(context.move) as target:
        if moving.forget_arrival(target, context.mall):
            events.forget_events(target, context.mall)
    return "forgotten in the other cell"
