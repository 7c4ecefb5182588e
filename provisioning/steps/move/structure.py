"""The tables in the new cell, and a subscription there that copies the rows and then follows every change (STACK, SCALE 12.3)."""

from psycopg import Connection, sql

from provisioning.steps.context import Context
from provisioning.steps.move import copy, digest, sides
from saas.kernel.crashpoint import crashpoint
from saas.tenants.malls import moving


class TableWithoutKey(RuntimeError):
    """A table without primary key cannot be followed."""


def name_of(context: Context) -> str:
    """Of publication, subscription and slot."""
    return f"move_{context.schema}"


def ensure(context: Context) -> str:
    """Publish the tables there, restore their definitions here, subscribe. Raises TableWithoutKey, DumpFailed."""
    plan = context.move
    with sides.source(plan) as source:
        if moving.has_left(source, context.mall, epoch=plan.epoch, target=plan.target):
            return "the mall has left already"
    with sides.replicating(plan.target, plan.target_database) as target:
        if _subscribed(target, context):
            return "follows already"
    remove(context)
    with sides.replicating(plan.source, plan.source_database) as source:
        tables = digest.tables(source, context.schema)
        _refuse_keyless(source, context.schema)
        wanted = sql.SQL(", ").join(sql.Identifier(context.schema, table) for table in tables)
        source.execute(sql.SQL("CREATE PUBLICATION {} FOR TABLE {}").format(sql.Identifier(name_of(context)), wanted))
    copy.cross(plan, context.schema, ["--schema-only"])
    copy.grant(plan, context.schema)
    crashpoint("provision.structure.restored")
    with sides.replicating(plan.target, plan.target_database) as target:
        address = sql.Literal(sides.replication_url(plan.source, plan.source_database))
        statement = "CREATE SUBSCRIPTION {name} CONNECTION {address} PUBLICATION {name}"
        target.execute(sql.SQL(statement).format(name=sql.Identifier(name_of(context)), address=address))
    return f"{len(tables)} tables are followed"


def remove(context: Context) -> str:
    """Stop following, drop what was copied and what was published; each whether or not it is there."""
    drop_subscription(context)
    drop_publication(context)
    copy.drop_copy(context)
    return "follows no more"


def drop_subscription(context: Context) -> None:
    """Here the subscription, there its slot: it may be left over when the subscription was never finished."""
    plan, name = context.move, name_of(context)
    with sides.replicating(plan.target, plan.target_database) as target:
        if _subscribed(target, context):
            target.execute(sql.SQL("ALTER SUBSCRIPTION {} DISABLE").format(sql.Identifier(name)))
            target.execute(sql.SQL("DROP SUBSCRIPTION {}").format(sql.Identifier(name)))
    with sides.replicating(plan.source, plan.source_database) as source:
        source.execute(
            "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = %s AND NOT active",
            [name],
        )


def drop_publication(context: Context) -> None:
    """There."""
    plan = context.move
    with sides.replicating(plan.source, plan.source_database) as source:
        source.execute(sql.SQL("DROP PUBLICATION IF EXISTS {}").format(sql.Identifier(name_of(context))))


def _subscribed(target: Connection, context: Context) -> bool:
    query = (
        "SELECT 1 FROM pg_subscription s JOIN pg_database d ON d.oid = s.subdbid"
        " WHERE d.datname = current_database() AND s.subname = %s"
    )
    return target.execute(query, [name_of(context)]).fetchone() is not None


def _refuse_keyless(source: Connection, name: str) -> None:
    rows = source.execute(
        "SELECT relname FROM pg_class r WHERE relkind = 'r' AND relnamespace = %s::regnamespace AND NOT EXISTS"
        " (SELECT 1 FROM pg_constraint WHERE conrelid = r.oid AND contype = 'p')",
        [name],
    ).fetchall()
    if rows:
        raise TableWithoutKey(", ".join(relname for (relname,) in rows))
