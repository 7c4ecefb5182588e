"""While the mall works on, its rows are copied and its changes followed, until the new cell is close behind.

Then both sides are counted for the first time: after the freeze only what changed since is read again (digest).
"""

import time

from psycopg import Connection

from provisioning.steps.context import Context
from provisioning.steps.move import digest, sides
from provisioning.steps.move.structure import name_of
from saas.tenants.malls import moving

_WAIT_SECONDS = 600
_POLL_SECONDS = 0.2
_CLOSE_BYTES = 1_000_000


class NotCaughtUp(RuntimeError):
    """The copy is not close behind yet; the step is tried again."""


def ensure(context: Context) -> str:
    """Wait until every table is copied and less than a megabyte of changes is on its way, count both sides, and wait for
    the changes of that while. Raises NotCaughtUp."""
    plan = context.move
    with sides.source(plan) as source:
        if moving.has_left(source, context.mall, epoch=plan.epoch, target=plan.target):
            return "the mall has left already"
    copied = _wait(context)
    counted = digest.count_ahead(context)
    return f"{copied}; {counted}; {_wait(context)}"


def _wait(context: Context) -> str:
    plan, started = context.move, time.monotonic()
    while True:
        with (
            sides.replicating(plan.target, plan.target_database) as target,
            sides.replicating(plan.source, plan.source_database) as source,
        ):
            left, behind = tables_left(target, context), bytes_behind(source, context)
        seconds = time.monotonic() - started
        if left == 0 and behind is not None and behind < _CLOSE_BYTES:
            return f"every table is copied after {seconds:.1f} s, {behind} bytes behind"
        if seconds > _WAIT_SECONDS:
            raise NotCaughtUp(f"{left} tables left, {behind} bytes behind")
        time.sleep(_POLL_SECONDS)


def remove(context: Context) -> str:
    """Nothing was made."""
    return "nothing to undo"


def tables_left(target: Connection, context: Context) -> int:
    """Tables whose first copy is not finished."""
    row = target.execute(
        "SELECT count(*) FROM pg_subscription_rel r JOIN pg_subscription s ON s.oid = r.srsubid"
        " WHERE s.subname = %s AND r.srsubstate <> 'r'",
        [name_of(context)],
    ).fetchone()
    return int(row[0]) if row else 0


def bytes_behind(source: Connection, context: Context) -> int | None:
    """How much of the source's log the new cell has not confirmed; None while nobody follows."""
    row = source.execute(
        "SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), confirmed_flush_lsn) FROM pg_replication_slots WHERE slot_name = %s",
        [name_of(context)],
    ).fetchone()
    return int(row[0]) if row and row[0] is not None else None
