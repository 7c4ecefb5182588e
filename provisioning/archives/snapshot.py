"""One moment of a mall, read while it trades: a REPEATABLE READ transaction whose snapshot pg_dump shares.

Everything a file says about the mall (rows, digests, balance, registry, events) is of that one moment.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from provisioning.archives.rules import TRANSIENT

_OPTIONS = "-c timezone=UTC -c datestyle=ISO -c extra_float_digits=1 -c intervalstyle=postgres"


@dataclass(frozen=True)
class Snapshot:
    """An open moment: `name` is what another connection imports."""

    connection: psycopg.Connection
    name: str


@contextmanager
def moment(url: str) -> Iterator[Snapshot]:
    """Hold one moment of a cell's database."""
    with psycopg.connect(url, options=_OPTIONS) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        row = connection.execute("SELECT pg_export_snapshot()").fetchone()
        assert row is not None
        yield Snapshot(connection, str(row[0]))
        connection.rollback()


def tables(connection: psycopg.Connection, schema: str) -> list[str]:
    """The tables of a schema that a file carries, by name."""
    rows = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s ORDER BY 1", [schema]).fetchall()
    return [name for (name,) in rows if name not in TRANSIENT]


def transient_tables(connection: psycopg.Connection, schema: str) -> list[str]:
    """Those that no file carries."""
    rows = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s ORDER BY 1", [schema]).fetchall()
    return [name for (name,) in rows if name in TRANSIENT]


def digests(
    connection: psycopg.Connection, schema: str, *, instead: tuple[str, str] | None = None
) -> dict[str, dict[str, Any]]:
    """Rows and digest of each table, whatever the order of its rows; with `instead`, as if its second text were the first."""
    return {name: _digest(connection, schema, name, instead) for name in tables(connection, schema)}


def _digest(connection: psycopg.Connection, schema: str, table: str, instead: tuple[str, str] | None) -> dict[str, Any]:
    text = sql.SQL("r::text") if instead is None else sql.SQL("replace(r::text, {}, {})").format(instead[1], instead[0])
    query = sql.SQL(
        "SELECT count(*), coalesce(sum(hashtextextended({text}, 0)::numeric), 0),"
        " coalesce(sum(hashtextextended({text}, 1)::numeric), 0) FROM {table} r"
    ).format(text=text, table=sql.Identifier(schema, table))
    row = connection.execute(query).fetchone()
    assert row is not None
    return {"rows": int(row[0]), "digest": f"{row[1]}:{row[2]}"}


def trial_balance(connection: psycopg.Connection, schema: str) -> list[dict[str, Any]]:
    """The book's families in each asset, added up from the postings themselves, not from the balances kept beside them."""
    query = sql.SQL(
        "SELECT a.family, a.asset, sum(p.amount)::bigint AS posted FROM {accounts} a JOIN {postings} p"
        " ON p.account_id = a.id GROUP BY 1, 2 ORDER BY 2, 1"
    ).format(
        accounts=sql.Identifier(schema, "ledger_account"),
        postings=sql.Identifier(schema, "ledger_posting"),
    )
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(query).fetchall()


def sequences(connection: psycopg.Connection, schema: str) -> dict[str, int | None]:
    """Every sequence's value."""
    rows = connection.execute(
        "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = %s ORDER BY 1", [schema]
    ).fetchall()
    return dict(rows)


def registry(connection: psycopg.Connection, mall: str) -> dict[str, Any]:
    """The mall's row of the registry with its hosts and entitlements, as plain data. Raises LookupError."""
    with connection.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(
            "SELECT id, ulid, schema_name AS schema, name, state, epoch, schema_version, created_at::text, live_at::text"
            " FROM public.malls_mall WHERE ulid = %s",
            [mall],
        ).fetchone()
        if row is None:
            raise LookupError(f"no mall {mall} in this cell")
        own = [row.pop("id")]
        hosts = cursor.execute(
            "SELECT domain, is_primary FROM public.malls_domain WHERE tenant_id = %s ORDER BY domain", own
        ).fetchall()
        rights = cursor.execute(
            "SELECT feature, value FROM public.malls_entitlement WHERE mall_id = %s ORDER BY feature", own
        ).fetchall()
    return {**row, "hosts": hosts, "entitlements": {one["feature"]: one["value"] for one in rights}}


def waiting_events(connection: psycopg.Connection, mall: str) -> Iterator[dict[str, Any]]:
    """What is still to be done in the mall: its own events and schedules that nobody has handled yet."""
    with connection.cursor(row_factory=dict_row) as cursor:
        cursor.execute(
            "SELECT topic, key, version, payload, created_at::text, available_at::text FROM public.bus_outboxevent"
            " WHERE mall = %s AND destination IN ('local', 'moving') AND done_at IS NULL ORDER BY id",
            [mall],
        )
        yield from cursor


def insert_events(connection: psycopg.Connection, mall: str, events: Sequence[dict[str, Any]]) -> int:
    """Give a mall what was still to be done, under its own name; what is there already stays."""
    count = 0
    for one in events:
        count += connection.execute(
            "INSERT INTO public.bus_outboxevent (event_id, topic, key, destination, mall, epoch, version, payload,"
            " created_at, available_at, attempts, last_error) VALUES (%s, %s, %s, 'local', %s, 1, %s, %s, %s, %s, 0, '')"
            " ON CONFLICT DO NOTHING",
            [
                one["event_id"],
                one["topic"],
                one["key"],
                mall,
                one["version"],
                Jsonb(one["payload"]),
                one["created_at"],
                one["available_at"],
            ],
        ).rowcount
    return count
