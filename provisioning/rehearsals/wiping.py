"""A rehearsal's end, in one transaction of the owner of the tables: wiped, adjusted, proved empty, the clock the world's,
the mall open, control told. Killed before the commit nothing has happened; after it, everything.
"""

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from django.apps import apps
from django.db.models import DateTimeField
from django.utils.translation import gettext_lazy as _
from psycopg import sql
from psycopg.rows import dict_row

from provisioning.executor import schema as schemas
from provisioning.rehearsals.tables import ADJUSTMENTS, FATES, KEPT_TOPICS, Fate
from saas.kernel.crashpoint import crashpoint
from saas.kernel.errors import DomainError
from saas.kernel.ids import new_ulid

_BOOKS = ("ledger_account", "ledger_entry", "ledger_posting", "ledger_hold", "ledger_seal", "ledger_sealedentry")
_TRIAL = "SELECT family, asset, sum(posted) FROM {}.ledger_account GROUP BY family, asset"


class NotARehearsal(DomainError):
    """Only a mall in rehearsal that was never open is wiped."""

    code = "not_a_rehearsal"
    message = _("This mall is not in rehearsal.")


class NotEmpty(DomainError):
    """Rows were left where none may be: nothing was changed."""

    code = "not_empty"
    message = _("After the wipe rows were left in {tables}. Nothing was changed.")


@dataclass(frozen=True)
class Wiped:
    """What the wipe did: rows taken by table, and what proves the books empty."""

    rows: dict[str, int]
    proof: dict[str, int]


def was_opened(mall: str) -> bool:
    """Whether the mall (its ULID) has been open: what this module does it does once."""
    with psycopg.connect(schemas.owner_url()) as connection:
        row = connection.execute("SELECT live_at FROM public.malls_mall WHERE ulid = %s", [mall]).fetchone()
    return row is not None and row[0] is not None


def wipe_and_open(*, mall: str, job: str, actor: str, tests: dict[str, list[str]], now: dt.datetime) -> Wiped:
    """End the rehearsal of a mall (its ULID) and open it. `tests`: ULIDs of `sellers` and `products` that tests made.

    `now` is the world's. Raises NotARehearsal, NotEmpty: then nothing has changed.
    """
    with psycopg.connect(schemas.owner_url()) as connection:
        row = _locked(connection, mall)
        schema = str(row["schema_name"])
        names = [model_table(label) for label in FATES]
        _triggers(connection, schema, names, on=False)
        taken = _adjust(connection, schema, tests)
        for label, fate in FATES.items():
            if fate is Fate.WIPED:
                done = connection.execute(_of("DELETE FROM {}", schema, model_table(label)))
                taken[label] = taken.get(label, 0) + done.rowcount
        _clamp(connection, schema, now, dt.timedelta(seconds=row["clock_offset_seconds"]))
        connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
        _triggers(connection, schema, names, on=True)
        crashpoint("opening.wiped")
        _reset_numbers(connection, schema)
        proof = _prove_empty(connection, schema)
        _forget_events(connection, mall, row["clock_offset_seconds"])
        wiped = Wiped({name: count for name, count in taken.items() if count}, proof)
        _open(connection, row, actor=actor, job=job, wiped=wiped, now=now)
        crashpoint("opening.uncommitted")
    return wiped


def model_table(label: str) -> str:
    """The table of `app.Model` (a generated through table: `app.Model_field`)."""
    found: str = apps.get_model(label)._meta.db_table
    return found


def _locked(connection: psycopg.Connection, mall: str) -> dict[str, Any]:
    connection.execute("SET LOCAL lock_timeout = '20s'")
    with connection.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute("SELECT * FROM public.malls_mall WHERE ulid = %s FOR UPDATE", [mall]).fetchone()
    if row is None or row["state"] != "rehearsal" or row["live_at"] is not None:
        raise NotARehearsal
    return row


def _of(text: str, schema: str, table: str) -> sql.Composed:
    return sql.SQL(text).format(sql.Identifier(schema, table))


def _triggers(connection: psycopg.Connection, schema: str, tables: Sequence[str], *, on: bool) -> None:
    """Append-only tables are guarded by triggers; keys and checks stay in force all the time."""
    for table in tables:
        connection.execute(_of(f"ALTER TABLE {{}} {'ENABLE' if on else 'DISABLE'} TRIGGER USER", schema, table))


def _adjust(connection: psycopg.Connection, schema: str, tests: dict[str, list[str]]) -> dict[str, int]:
    taken: dict[str, int] = {}
    for label, statement in ADJUSTMENTS:
        done = connection.execute(statement.replace("{schema}", f'"{schema}"').encode(), tests)
        if statement.startswith("DELETE"):
            taken[label] = taken.get(label, 0) + done.rowcount
    return taken


def _clamp(connection: psycopg.Connection, schema: str, now: dt.datetime, ahead: dt.timedelta) -> None:
    """What the rehearsal's clock had passed, and the world's has not, becomes the opening's instant; plans stay plans."""
    if not ahead:
        return
    for label, fate in FATES.items():
        if fate is Fate.WIPED:
            continue
        model = apps.get_model(label)
        for field in model._meta.local_fields:
            if isinstance(field, DateTimeField) and model._meta.app_label not in ("identity", "vault", "account"):
                column = sql.Identifier(str(field.column))
                connection.execute(
                    sql.SQL("UPDATE {} SET {} = %s WHERE {} > %s AND {} <= %s").format(
                        sql.Identifier(schema, model._meta.db_table), column, column, column
                    ),
                    [now, now, now + ahead],
                )


def _reset_numbers(connection: psycopg.Connection, schema: str) -> None:
    for label, fate in FATES.items():
        if fate is Fate.WIPED:
            table = model_table(label)
            found = connection.execute(
                "SELECT pg_get_serial_sequence(%s, a.attname) FROM pg_attribute a"
                " WHERE a.attrelid = %s::regclass AND a.attnum > 0 AND a.attidentity <> ''",
                [f'"{schema}"."{table}"', f'"{schema}"."{table}"'],
            ).fetchall()
            for (sequence,) in found:
                connection.execute(f"ALTER SEQUENCE {sequence} RESTART".encode())


def _prove_empty(connection: psycopg.Connection, schema: str) -> dict[str, int]:
    """Rows of the books and of the trial balance, all zero. Raises NotEmpty."""
    wiped = [model_table(label) for label, fate in FATES.items() if fate is Fate.WIPED]
    counts = {table: _count(connection, schema, table) for table in wiped}
    left = sorted(table for table, rows in counts.items() if rows)
    trial = connection.execute(sql.SQL(_TRIAL).format(sql.Identifier(schema))).fetchall()
    if left or trial:
        raise NotEmpty(tables=", ".join(left) or "trial balance")
    return {**{table: counts[table] for table in _BOOKS}, "trial_balance_rows": len(trial)}


def _count(connection: psycopg.Connection, schema: str, table: str) -> int:
    row = connection.execute(_of("SELECT count(*) FROM {}", schema, table)).fetchone()
    return int(row[0]) if row else 0


def _forget_events(connection: psycopg.Connection, mall: str, ahead_seconds: int) -> None:
    """Test orders' schedules go; what stays is due by the calendar of the world again."""
    connection.execute(
        "DELETE FROM public.bus_outboxevent WHERE mall = %s AND destination = 'local' AND NOT topic = ANY(%s)",
        [mall, list(KEPT_TOPICS)],
    )
    connection.execute(
        "UPDATE public.bus_outboxevent SET available_at = available_at + make_interval(secs => %s)"
        " WHERE mall = %s AND destination = 'local' AND done_at IS NULL",
        [ahead_seconds, mall],
    )


def _open(
    connection: psycopg.Connection, row: dict[str, Any], *, actor: str, job: str, wiped: Wiped, now: dt.datetime
) -> None:
    mall, told = str(row["ulid"]), {"mall": row["ulid"], "at": now.isoformat()}
    connection.execute(
        "UPDATE public.malls_mall SET state = 'active', live_at = %s, clock_offset_seconds = 0 WHERE ulid = %s",
        [now, mall],
    )
    connection.execute(
        _of(
            "INSERT INTO {} (at, actor, action, target, reason, data) VALUES (now(), %s, 'mall.published', %s, '', %s)",
            str(row["schema_name"]),
            "identity_auditrecord",
        ),
        [actor, f"mall:{mall}", json.dumps({"wiped": sum(wiped.rows.values()), "proof": wiped.proof})],
    )
    connection.execute(
        "INSERT INTO public.bus_outboxevent (event_id, topic, key, destination, mall, epoch, version, payload,"
        " available_at, attempts, last_error) VALUES (%s, 'mall.published', %s, 'control', %s, %s, 1, %s, now(), 0, '')",
        [new_ulid(), mall, mall, row["epoch"], json.dumps(told)],
    )
    connection.execute(
        "UPDATE public.jobs_job SET progress = progress || %s WHERE ulid = %s",
        [json.dumps({"wiped": wiped.rows, "proof": wiped.proof, "percent": 70}), job],
    )
