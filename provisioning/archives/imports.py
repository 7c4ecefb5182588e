"""The rows of an export into a mall's fresh schema: all or nothing, then written out again and compared byte by byte."""

import hashlib
from collections.abc import Iterable, Iterator
from typing import Any

import psycopg
from psycopg import sql

from provisioning.archives import dictionary, exports, snapshot
from provisioning.archives.bundles import ArchiveRefused, Reader
from provisioning.archives.dictionary import Column
from saas.kernel.crashpoint import crashpoint

_ROWS_AT_ONCE = 500
_GUARDED = ("ledger_", "identity_auditrecord")  # rows that nobody rewrites
Folders = tuple[str, str]


def load(connection: psycopg.Connection, schema: str, reader: Reader, *, folders: Folders) -> int:
    """Replace everything in `schema` by the rows of an export, in the caller's transaction; rows. Raises ArchiveRefused.

    Triggers that guard the book are away meanwhile: what they would compute is in the rows, and it is proved afterwards.
    """
    here = snapshot.tables(connection, schema)
    found = {name: dictionary.columns(connection, schema, name) for name in here if dictionary.exported(name)}
    check_tables(reader.manifest, found)
    whole = [*here, *snapshot.transient_tables(connection, schema)]
    every = sql.SQL(", ").join(sql.Identifier(schema, name) for name in whole)
    for name in whole:
        connection.execute(sql.SQL("ALTER TABLE {} DISABLE TRIGGER USER").format(sql.Identifier(schema, name)))
    connection.execute(sql.SQL("TRUNCATE {}").format(every))
    connection.execute("SET CONSTRAINTS ALL DEFERRED")
    rows = 0
    for name, columns in found.items():
        rows += _load_table(connection, schema, name, columns, reader, folders)
    connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
    for name in whole:
        connection.execute(sql.SQL("ALTER TABLE {} ENABLE TRIGGER USER").format(sql.Identifier(schema, name)))
    crashpoint("import.rows_loaded")
    _set_sequences(connection, schema, reader.manifest)
    _compare(connection, schema, found, reader.manifest, folders)
    return rows


def check_tables(manifest: dict[str, Any], found: dict[str, list[Column]]) -> None:
    """The file's tables and columns must be exactly ours. Raises ArchiveRefused."""
    wanted = {name: list(facts.get("columns", [])) for name, facts in manifest["tables"].items()}
    ours = {name: exports.column_names(columns) for name, columns in found.items()}
    if wanted != ours:
        names = sorted(name for name in wanted.keys() | ours.keys() if wanted.get(name) != ours.get(name))
        raise ArchiveRefused("tables_unknown", ", ".join(names[:10]))
    for name, facts in manifest["tables"].items():
        if facts.get("file") != f"rows/{name}.jsonl" or facts["file"] not in manifest["files"]:
            raise ArchiveRefused("member_missing", str(facts.get("file")))


def _load_table(
    connection: psycopg.Connection, schema: str, name: str, columns: list[Column], reader: Reader, folders: Folders
) -> int:
    given = [column for column in columns if not column.withheld]
    filled = [column for column in columns if column.withheld]
    names = sql.SQL(", ").join(sql.Identifier(column.name) for column in [*given, *filled])
    values = sql.SQL(", ").join([*(_value(column) for column in given), *(sql.SQL(c.instead) for c in filled)])  # type: ignore[arg-type]
    statement = sql.SQL(
        "INSERT INTO {table} ({names}) OVERRIDING SYSTEM VALUE SELECT {values}"
        " FROM json_populate_recordset(NULL::{table}, %s::text::json) r"
    ).format(table=sql.Identifier(schema, name), names=names, values=values)
    old, new = (folders[0].encode(), folders[1].encode()) if not name.startswith(_GUARDED) else (b"", b"")
    rows = 0
    for lines in _batches(reader.lines(f"rows/{name}.jsonl")):
        text = b"[" + b",".join(lines) + b"]"
        try:
            connection.execute(statement, [(text.replace(old, new) if old else text).decode()])
        except (psycopg.DataError, psycopg.IntegrityError, UnicodeDecodeError) as error:
            raise ArchiveRefused("rows_differ", f"{name}: {str(error).splitlines()[0]}") from None
        rows += len(lines)
    if rows != reader.manifest["tables"][name].get("rows"):
        raise ArchiveRefused("rows_differ", f"{name}: {rows}")
    return rows


def _value(column: Column) -> sql.Composable:
    value = sql.SQL("r.{}").format(sql.Identifier(column.name))
    if column.type == "jsonb" and not column.nullable:  # JSON's null reads as no value
        return sql.SQL("coalesce({}, 'null'::jsonb)").format(value)
    return value


def _batches(lines: Iterable[bytes]) -> Iterator[list[bytes]]:
    batch: list[bytes] = []
    for line in lines:
        batch.append(line)
        if len(batch) >= _ROWS_AT_ONCE:
            yield batch
            batch = []
    if batch:
        yield batch


def _set_sequences(connection: psycopg.Connection, schema: str, manifest: dict[str, Any]) -> None:
    ours = snapshot.sequences(connection, schema)
    for name, value in manifest.get("sequences", {}).items():
        if name in ours and isinstance(value, int):
            connection.execute(
                "SELECT setval(format('%%I.%%I', %s::text, %s::text)::regclass, %s)", [schema, name, value]
            )


def _compare(
    connection: psycopg.Connection,
    schema: str,
    found: dict[str, list[Column]],
    manifest: dict[str, Any],
    folders: Folders,
) -> None:
    """Write every table out again as an export would: the bytes must be those of the file."""
    old, new = folders[0].encode(), folders[1].encode()
    for name, columns in found.items():
        digest = hashlib.sha256()
        for line in exports.rows_of(connection, schema, name, exports.column_names(columns)):
            digest.update(line if name.startswith(_GUARDED) else line.replace(new, old))
        if digest.hexdigest() != manifest["files"][f"rows/{name}.jsonl"]["sha256"]:
            raise ArchiveRefused("rows_differ", name)
    if snapshot.trial_balance(connection, schema) != manifest["trial_balance"]:
        raise ArchiveRefused("book_unsound")
