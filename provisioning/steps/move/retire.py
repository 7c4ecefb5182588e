"""The copy that a move left behind is dropped, days later, by a run of the old cell."""

from psycopg import sql

from provisioning.steps.context import Context
from provisioning.steps.move import sides
from saas.kernel.crashpoint import crashpoint
from saas.messaging.bus import moving as events
from saas.tenants.malls import moving


def ensure(context: Context) -> str:
    """Drop the schema and the events; the row stays as `gone`. Raises MoveOvertaken if the mall works here."""
    plan = context.move
    with sides.source(plan) as source:
        events.close(source, context.mall, plan.target)
        done = moving.retire(source, context.mall, epoch=plan.epoch)
        source.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(sql.Identifier(context.schema)))
        events.forget_events(source, context.mall)
        crashpoint("provision.retire.dropped")
    return f"the old copy in {plan.source} {'was dropped' if done else 'was dropped before'}"


def remove(context: Context) -> str:
    """What is dropped stays dropped."""
    return "nothing to undo"
