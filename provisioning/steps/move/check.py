"""Before anything is touched: both cells answer, speak the same versions, and there is room for the schema."""

import psycopg

from provisioning.executor import schema
from provisioning.steps.context import Context
from provisioning.steps.move import sides
from saas.tenants.malls import moving


class CellsDiffer(RuntimeError):
    """The two servers are not of one kind; the message says in what."""


def ensure(context: Context) -> str:
    """Compare server version, encoding and extensions; look at the mall here and there. Raises CellsDiffer, CopyKept."""
    plan = context.move
    with sides.source(plan) as source, sides.target(plan) as target:
        kinds = [_kind(one) for one in (source, target)]
        if kinds[0] != kinds[1]:
            raise CellsDiffer(f"{plan.source}: {kinds[0]}; {plan.target}: {kinds[1]}")
        found = moving.row(source, context.mall)
        if found is None:
            raise moving.MoveOvertaken(f"the mall is not in cell {plan.source}")
        if moving.has_left(source, context.mall, epoch=plan.epoch, target=plan.target):
            return "the mall has left already"
        if found["epoch"] != plan.epoch:
            raise moving.MoveOvertaken(f"the mall has epoch {found['epoch']}, the move was ordered for {plan.epoch}")
        here = moving.row(target, context.mall)
        if here is not None and here["state"] not in ("arriving", "gone"):
            raise moving.CopyKept(f"{plan.target} still keeps a copy of epoch {here['epoch']} ({here['state']})")
        if here is None and schema.exists(target, context.schema):
            raise CellsDiffer(f"{plan.target} has a schema {context.schema} that no mall of its registry owns")
        size = source.execute(
            "SELECT coalesce(sum(pg_total_relation_size(oid)), 0) FROM pg_class"
            " WHERE relnamespace = to_regnamespace(%s) AND relkind = 'r'",
            [context.schema],
        ).fetchone()
    return f"PostgreSQL {kinds[0][0]} on both; {int(size[0] if size else 0) / 1e6:.1f} MB to copy"


def remove(context: Context) -> str:
    """Nothing was made."""
    return "nothing to undo"


def _kind(connection: psycopg.Connection) -> tuple[int, str, list[str]]:
    major = connection.info.server_version // 10_000
    row = connection.execute("SELECT getdatabaseencoding()").fetchone()
    extensions = connection.execute("SELECT extname FROM pg_extension ORDER BY 1").fetchall()
    return major, row[0] if row else "", [name for (name,) in extensions]
