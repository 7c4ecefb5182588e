"""What the move bench runs in a cell's role: making a large mall, taking the steps of its move, looking for what is missing."""

import secrets
import time
from pathlib import Path
from typing import Any

import psycopg
from django.db import connection, transaction
from psycopg import sql

from provisioning.executor import schema
from provisioning.rules import RunKind, StepName, Way, steps_of
from provisioning.steps import STEPS
from provisioning.steps.context import Context
from saas.kernel.clock import now
from saas.kernel.ids import new_ulid
from saas.ledger import services as ledger
from saas.runtime.bench import settle_inside
from saas.tenants.malls import services as malls
from saas.tenants.malls.activation import in_mall
from saas.tenants.malls.models import Mall
from tenant_apps.orders.models import Order, OrderLine


def make_mall(*, orders: int) -> dict[str, str]:
    """A mall with that many orders of one line: one made by the bench of settlement, the rest copied from it as SQL."""
    connection.set_schema_to_public()  # type: ignore[attr-defined]
    name, ulid = f"bench_{secrets.token_hex(8)}", new_ulid()
    schema.ensure_schema(name)
    mall = malls.ensure_mall(ulid=ulid, schema_name=name, name="Bench", now=now())
    malls.set_schema_version(ulid, schema.migrations_hash())
    Mall.objects.filter(pk=mall.pk).update(state="rehearsal")
    settle_inside.make_orders(schema=name, count=1)
    with in_mall(mall), transaction.atomic():
        for number in range(4):  # opening an account is not what the writers do
            move = ledger.Move(f"vendor.balance.{number}", f"vendor.balance.{100 + number}", 1)
            ledger.post_entry(
                key=f"open:{number}", kind="bench", moves=[move], document="bench:open", occurred_at=now()
            )
    with psycopg.connect(schema.owner_url()) as owner:
        owner.execute(sql.SQL("SET LOCAL search_path = {}, public").format(sql.Identifier(name)))
        owner.execute(_copies(Order, {"ulid": "'N' || lpad(n::text, 25, '0')", "number": "'N' || n",
                                      "idempotency_key": "'n-' || n"}), [orders])  # fmt: skip
        owner.execute(_copies(OrderLine, {"ulid": "'L' || lpad(n::text, 25, '0')",
                                          "order_id": "(SELECT min(id) FROM orders_order) + n"}), [orders])  # fmt: skip
    return {"mall": ulid, "schema": name}


def _copies(model: Any, other: dict[str, str]) -> sql.Composed:
    fields = [field.column for field in model._meta.local_fields if not field.primary_key]
    wanted = [
        sql.SQL(other[name]) if name in other else sql.SQL("t.{}").format(sql.Identifier(name)) for name in fields
    ]  # type: ignore[arg-type]
    table = sql.Identifier(model._meta.db_table)
    return sql.SQL("INSERT INTO {} ({}) SELECT {} FROM {} t, generate_series(1, %s - 1) n WHERE t.id = (SELECT min(id) FROM {})").format(
        table, sql.SQL(", ").join(map(sql.Identifier, fields)), sql.SQL(", ").join(wanted), table, table
    )  # fmt: skip


def move(*, mall: dict[str, str], way: str, source: str, target: str, epoch: int) -> dict[str, float]:
    """The steps of a move, as the executor takes them; the seconds of all of them and from the freeze to the flip."""
    context = _context(mall, RunKind.MOVE, way, source, target, epoch)
    started, frozen, opened, size = time.perf_counter(), 0.0, 0.0, 0.0
    for step in steps_of(RunKind.MOVE, Way(way)):
        if step is StepName.OPEN:  # no web stands here
            continue
        connection.set_schema_to_public()  # type: ignore[attr-defined]
        if step is StepName.FREEZE:
            frozen = time.perf_counter()
        STEPS[step].ensure(context)
        if step is StepName.FLIP:
            opened = time.perf_counter()
    with psycopg.connect(schema.owner_url()) as owner:
        row = owner.execute(
            "SELECT sum(pg_total_relation_size(oid)) FROM pg_class WHERE relkind = 'r' AND relnamespace = %s::regnamespace",
            [mall["schema"]],
        ).fetchone()
        size = float(row[0]) / 1e6 if row else 0.0
    return {"seconds": time.perf_counter() - started, "frozen": opened - frozen, "megabytes": size}


def retire(*, mall: dict[str, str], way: str, source: str, target: str, epoch: int) -> str:
    """Drop the old copy."""
    connection.set_schema_to_public()  # type: ignore[attr-defined]
    return STEPS[StepName.RETIRE].ensure(_context(mall, RunKind.MOVE_RETIRE, way, source, target, epoch))


def missing(*, schema: str, books: list[str]) -> int:
    """How many acknowledged writes have no entry, or not exactly one event, in this cell."""
    acked = [line.split()[1] for book in books for line in Path(book).read_text().splitlines() if line[:5] == "acked"]
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT key FROM "{schema}".ledger_entry WHERE key = ANY(%s)', [acked])
        entries = {key for (key,) in cursor.fetchall()}
        cursor.execute(
            "SELECT key FROM public.bus_outboxevent WHERE topic = 'bench.written' AND key = ANY(%s)", [acked]
        )
        events = [key for (key,) in cursor.fetchall()]
    return (
        sum(key not in entries or events.count(key) != 1 for key in acked)
        if len(events) != len(acked)
        else sum(key not in entries for key in acked)
    )


def _context(mall: dict[str, str], kind: RunKind, way: str, source: str, target: str, epoch: int) -> Context:
    return Context.from_order({
        "run": new_ulid(), "serial": epoch, "kind": kind.value, "mall": mall["mall"], "schema": mall["schema"],
        "name": "Bench", "move": {
            "source": source, "target": target, "source_database": f"cells/{source}/owner-url",
            "target_database": f"cells/{target}/owner-url", "epoch": epoch, "way": way, "keep_days": 1,
        },
    })  # fmt: skip
