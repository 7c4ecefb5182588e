"""The last changes arrive, then the counters, which replication does not carry; then nothing is followed any more."""

import time

from psycopg import Connection, sql

from provisioning.steps.context import Context
from provisioning.steps.move import sides, structure
from saas.kernel.crashpoint import crashpoint
from saas.tenants.malls import moving

_WAIT_SECONDS = 120
_POLL_SECONDS = 0.02


class ChangesMissing(RuntimeError):
    """The new cell has not confirmed the last change yet; the step is tried again."""


def ensure(context: Context) -> str:
    """Wait for the last change before the freeze, set every sequence, drop the subscription. Raises ChangesMissing."""
    plan = context.move
    with sides.source(plan) as source:
        if moving.has_left(source, context.mall, epoch=plan.epoch, target=plan.target):
            return "the mall has left already"
    _wait_for_last_change(context)
    with sides.source(plan) as source, sides.target(plan) as target:
        rows = source.execute(
            "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = %s AND last_value IS NOT NULL",
            [context.schema],
        ).fetchall()
        for name, value in rows:
            target.execute("SELECT setval(%s::regclass, %s)", [_quoted(context.schema, name, target), value])
    crashpoint("provision.sequences.set")
    structure.drop_subscription(context)
    structure.drop_publication(context)
    return f"{len(rows)} sequences set; follows no more"


def remove(context: Context) -> str:
    """Stop following."""
    return structure.remove(context)


def _wait_for_last_change(context: Context) -> None:
    plan, name = context.move, structure.name_of(context)
    with sides.replicating(plan.source, plan.source_database) as source:
        row = source.execute("SELECT pg_current_wal_lsn()").fetchone()
        last = row[0] if row else None
        deadline = time.monotonic() + _WAIT_SECONDS
        while True:
            found = source.execute(
                "SELECT confirmed_flush_lsn >= %s::pg_lsn FROM pg_replication_slots WHERE slot_name = %s", [last, name]
            ).fetchone()
            if found is None:  # dropped by an earlier attempt, which had waited
                return
            if found[0]:
                return
            if time.monotonic() > deadline:
                raise ChangesMissing(f"{plan.target} has not confirmed {last}")
            time.sleep(_POLL_SECONDS)


def _quoted(schema: str, name: str, connection: Connection) -> str:
    return sql.Identifier(schema, name).as_string(connection)
