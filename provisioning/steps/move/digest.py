"""Proof that the copy is the mall: rows and digest of every table, every sequence, every trigger, on both sides."""

from concurrent.futures import ThreadPoolExecutor

import psycopg
from psycopg import sql

from provisioning.steps.context import Context
from provisioning.steps.move import sides
from saas.tenants.malls import moving


class CopyDiffers(RuntimeError):
    """The two sides are not equal; the message names the tables."""


def ensure(context: Context) -> str:
    """Compare both sides. Raises CopyDiffers."""
    plan = context.move
    with sides.source(plan) as source:
        if moving.has_left(source, context.mall, epoch=plan.epoch, target=plan.target):
            return "the mall has left already; it was compared before"
    with ThreadPoolExecutor(2) as pool:
        urls = (sides.source_url(plan), sides.target_url(plan))
        left, right = pool.map(lambda url: of_schema(url, context.schema), urls)
    if left != right:
        differing = sorted(name for name in left.keys() | right.keys() if left.get(name) != right.get(name))
        raise CopyDiffers(f"{len(differing)} differ: {', '.join(differing[:20])}")
    return f"{len(left)} tables, sequences and triggers are equal"


def remove(context: Context) -> str:
    """Nothing was made."""
    return "nothing to undo"


def of_schema(url: str, name: str) -> dict[str, str]:
    """A digest of each table's rows (whatever their order), each sequence's value and each table's triggers."""
    with psycopg.connect(url, options="-c timezone=UTC -c datestyle=ISO -c extra_float_digits=1") as connection:
        found = {f"table {table}": _rows(connection, name, table) for table in tables(connection, name)}
        sequences = connection.execute(
            "SELECT sequencename, coalesce(last_value::text, '') FROM pg_sequences WHERE schemaname = %s", [name]
        ).fetchall()
        found |= {f"sequence {sequence}": value for sequence, value in sequences}
        triggers = connection.execute(
            "SELECT c.relname, string_agg(t.tgname || t.tgenabled::text, ',' ORDER BY t.tgname) FROM pg_trigger t"
            " JOIN pg_class c ON c.oid = t.tgrelid WHERE NOT t.tgisinternal AND c.relnamespace = %s::regnamespace"
            " GROUP BY 1",
            [name],
        ).fetchall()
    return found | {f"triggers of {table}": text for table, text in triggers}


def tables(connection: psycopg.Connection, name: str) -> list[str]:
    """The tables of a schema, by name."""
    rows = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s ORDER BY 1", [name]).fetchall()
    return [table for (table,) in rows]


def _rows(connection: psycopg.Connection, name: str, table: str) -> str:
    query = sql.SQL(
        "SELECT count(*), coalesce(sum(hashtextextended(r::text, 0)::numeric), 0),"
        " coalesce(sum(hashtextextended(r::text, 1)::numeric), 0) FROM {} r"
    )
    row = connection.execute(query.format(sql.Identifier(name, table))).fetchone()
    return " ".join(str(value) for value in row or ())
