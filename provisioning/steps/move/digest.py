"""Proof that the copy is the mall: rows and digest of every table, every sequence, every trigger, on both sides.

Rows are counted in blocks of primary keys, each with a sign: the sum over its rows of a hash of key and xmin. Whatever
changes a row makes a new version of it with another xmin, so a block whose sign is the same has the same rows. What was
counted while the mall still worked (`count_ahead`) is therefore read again after the freeze only where the sign differs;
without it, or where it is lost, everything is read.
"""

# ruff: noqa: S608 - what is put together is written here; names go in as identifiers

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import psycopg
from django.core.cache import caches
from psycopg import sql

from provisioning.steps.context import Context
from provisioning.steps.move import sides
from saas.tenants.malls import moving

_BITS = 14  # of a key that count within a block: 16 384 keys
_KEPT_SECONDS = 6 * 3600
_INTEGERS = {"smallint", "integer", "bigint"}
_OPTIONS = "-c timezone=UTC -c datestyle=ISO -c extra_float_digits=1"
_COUNTED = "count(*), coalesce(sum(x.first), 0), coalesce(sum(x.second), 0), coalesce(sum(x.sign), 0)"
_LINES = (
    "SELECT {block} AS block, {sign} AS sign, hashtextextended(r.line, 0)::numeric AS first,"
    " hashtextextended(r.line, 1)::numeric AS second FROM"
    " (SELECT {keys}r.xmin AS _xmin, r::text AS line FROM {table} r{where} OFFSET 0) r"
)


class CopyDiffers(RuntimeError):
    """The two sides are not equal; the message names the tables."""


@dataclass(frozen=True)
class Block:
    """Rows of a table whose keys lie together: how many, two sums of their hashes, and the sign of their versions."""

    rows: int
    first: int
    second: int
    sign: int


@dataclass(frozen=True)
class Table:
    """A table's blocks by number; `oid` says that it is still the same table, `read` how many blocks were read now."""

    oid: int
    blocks: dict[int, Block]
    read: int = 0

    @property
    def digest(self) -> str:
        found = self.blocks.values()
        return f"{sum(b.rows for b in found)} {sum(b.first for b in found)} {sum(b.second for b in found)}"


Counted = dict[str, Table]


def ensure(context: Context) -> str:
    """Compare both sides. Raises CopyDiffers."""
    plan = context.move
    with sides.source(plan) as source:
        if moving.has_left(source, context.mall, epoch=plan.epoch, target=plan.target):
            return "the mall has left already; it was compared before"
    with ThreadPoolExecutor(2) as pool:
        known = [recalled(context, side) for side in ("source", "target")]
        urls = (sides.source_url(plan), sides.target_url(plan))
        (left, read), (right, _) = pool.map(lambda url, had: of_schema(url, context.schema, had), urls, known)
    if left != right:
        differing = sorted(name for name in left.keys() | right.keys() if left.get(name) != right.get(name))
        raise CopyDiffers(f"{len(differing)} differ: {', '.join(differing[:20])}")
    return f"{len(left)} tables, sequences and triggers are equal; {read}"


def remove(context: Context) -> str:
    """Nothing was made."""
    return "nothing to undo"


def count_ahead(context: Context) -> str:
    """Count both sides while the mall works on, so that the freeze need not wait for it."""
    plan = context.move
    with ThreadPoolExecutor(2) as pool:
        urls = (sides.source_url(plan), sides.target_url(plan))
        found = list(pool.map(lambda url: _count_alone(url, context.schema), urls))
    for side, counted in zip(("source", "target"), found, strict=True):
        caches["public"].set(_key(context, side), counted, _KEPT_SECONDS)
    return f"{sum(len(table.blocks) for table in found[0].values())} blocks of rows counted ahead"


def recalled(context: Context, side: str) -> Counted:
    """What `count_ahead` of this run kept of a side; empty if it never ran, or the cache has lost it."""
    kept: Counted | None = caches["public"].get(_key(context, side))
    return kept or {}


def _key(context: Context, side: str) -> str:
    return f"move:{context.run}:{side}"


def _count_alone(url: str, name: str) -> Counted:
    with psycopg.connect(url, options=_OPTIONS) as connection:
        return count(connection, name, {})


def of_schema(url: str, name: str, known: Counted) -> tuple[dict[str, str], str]:
    """A digest of each table's rows (whatever their order), each sequence's value and each table's triggers; what was read."""
    with psycopg.connect(url, options=_OPTIONS) as connection:
        counted = count(connection, name, known)
        found = {f"table {table}": one.digest for table, one in counted.items()}
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
    blocks = sum(len(one.blocks) for one in counted.values())
    told = f"{sum(one.read for one in counted.values())} of {blocks} blocks of rows were read"
    return found | {f"triggers of {table}": text for table, text in triggers}, told


def tables(connection: psycopg.Connection, name: str) -> list[str]:
    """The tables of a schema, by name."""
    rows = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s ORDER BY 1", [name]).fetchall()
    return [table for (table,) in rows]


def count(connection: psycopg.Connection, name: str, known: Mapping[str, Table]) -> Counted:
    """Every table of a schema; a block that `known` has, of the same table and with the same sign, is not read again."""
    keys = _keys(connection, name)
    return {
        table: _Reader(connection, name, table, *keys[table]).count(known.get(table))
        for table in tables(connection, name)
    }


def _keys(connection: psycopg.Connection, name: str) -> dict[str, tuple[int, list[tuple[str, str]]]]:
    """Of each table its oid and its primary key's columns with their types; none for a table without a key."""
    rows = connection.execute(
        "SELECT c.relname, c.oid, coalesce(array_agg(a.attname::text ORDER BY k.n) FILTER (WHERE a.attname IS NOT NULL), '{}'),"
        " coalesce(array_agg(format_type(a.atttypid, NULL) ORDER BY k.n) FILTER (WHERE a.attname IS NOT NULL), '{}')"
        " FROM pg_class c LEFT JOIN pg_constraint p ON p.conrelid = c.oid AND p.contype = 'p'"
        " LEFT JOIN LATERAL unnest(p.conkey) WITH ORDINALITY k(att, n) ON true"
        " LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.att"
        " WHERE c.relkind IN ('r', 'p') AND c.relnamespace = %s::regnamespace GROUP BY 1, 2",
        [name],
    ).fetchall()
    return {table: (oid, list(zip(columns, types, strict=True))) for table, oid, columns, types in rows}


class _Reader:
    """One table: its blocks, their signs, and the blocks that are read whole."""

    def __init__(
        self, connection: psycopg.Connection, schema: str, table: str, oid: int, key: list[tuple[str, str]]
    ) -> None:
        self.connection, self.oid, self.keyed = connection, oid, bool(key)
        self.table = sql.Identifier(schema, table)
        self.number = key[0][0] if len(key) == 1 and key[0][1] in _INTEGERS else ""
        self.columns = [sql.Identifier(column) for column, _ in key]

    def count(self, known: Table | None) -> Table:
        if known is None or known.oid != self.oid or not self.keyed:
            return self._whole()
        signs = self._signs()
        same = {
            number: known.blocks[number] for number, sign in signs.items() if self._is(known.blocks.get(number), sign)
        }
        if 2 * len(same) < len(signs):
            return self._whole()
        anew = {number: self._block(number) for number in signs.keys() - same.keys()}
        return Table(self.oid, same | anew, len(anew))

    @staticmethod
    def _is(block: Block | None, sign: tuple[int, int]) -> bool:
        return block is not None and (block.rows, block.sign) == sign

    def _whole(self) -> Table:
        query = sql.SQL("SELECT x.block, " + _COUNTED + " FROM (") + self._lines("") + sql.SQL(") x GROUP BY 1")
        blocks = {int(row[0]): Block(*map(int, row[1:])) for row in self.connection.execute(query)}
        return Table(self.oid, blocks, len(blocks))

    def _block(self, number: int) -> Block:
        if not self.number:
            return self._whole().blocks[0]
        where = sql.SQL(" WHERE r.{0} >= {1} AND r.{0} < {2}").format(
            sql.Identifier(self.number), sql.Literal(number << _BITS), sql.Literal((number + 1) << _BITS)
        )
        row = self.connection.execute(
            sql.SQL("SELECT " + _COUNTED + " FROM (") + self._lines(where) + sql.SQL(") x")
        ).fetchone()
        assert row is not None
        return Block(*map(int, row))

    def _signs(self) -> dict[int, tuple[int, int]]:
        query = sql.SQL("SELECT {block}, count(*), sum({sign}) FROM {table} r GROUP BY 1").format(
            block=self._number(), sign=self._sign(sql.SQL("r.xmin")), table=self.table
        )
        return {int(number): (int(rows), int(sign)) for number, rows, sign in self.connection.execute(query)}

    def _lines(self, where: Any) -> sql.Composed:
        keys = sql.SQL("").join(sql.SQL("r.{}, ").format(column) for column in self.columns)
        sign = self._sign(sql.SQL("r._xmin")) if self.keyed else sql.SQL("0::numeric")
        return sql.SQL(_LINES).format(
            block=self._number(), sign=sign, keys=keys, table=self.table, where=where or sql.SQL("")
        )

    def _number(self) -> sql.Composable:
        """Of a row's block: the upper bits of its key, or one block for all."""
        if not self.number:
            return sql.SQL("0")
        return sql.SQL("r.{}::bigint >> {}").format(sql.Identifier(self.number), sql.Literal(_BITS))

    def _sign(self, xmin: sql.Composable) -> sql.Composed:
        if self.number:
            one = sql.SQL("hashint8extended(r.{}::bigint, {}::text::bigint)::numeric")
            return one.format(sql.Identifier(self.number), xmin)
        parts = sql.SQL(", ").join(sql.SQL("r.{}::text").format(column) for column in self.columns)
        return sql.SQL("hashtextextended(concat_ws(chr(31), {}, {}::text), 0)::numeric").format(parts, xmin)
