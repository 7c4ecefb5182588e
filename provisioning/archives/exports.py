"""A mall's export: one JSON object a line and table, of one moment; then one zip with the media, the dictionary and a manifest.

The format is docs/developers/export-format.md. Rows are staged first, so that packing can be taken up again alone.
"""

import json
import zipfile
from collections.abc import Iterator
from typing import Any

import psycopg
from django.conf import settings
from psycopg import sql

from provisioning.archives import bundles, dictionary, rules, shelves, snapshot
from provisioning.archives.dictionary import Column
from provisioning.executor import schema as template
from saas.kernel.crashpoint import crashpoint
from saas.tenants.malls.storage import mall_storage, own_folder

FACTS, DICTIONARY, README = "facts.json", "dictionary.json", "README.txt"
_ROWS_AT_ONCE = 2_000
_PACKED_ALREADY = (".webp", ".avif", ".jpg", ".jpeg", ".png", ".mp4", ".zip", ".gz", ".pdf")


def staged_name(mall: str, run: str) -> str:
    """Of the rows while an export is being made."""
    return f"{shelves.export_folder(mall)}{run}.rows"


def file_name(mall: str, run: str) -> str:
    """Of a finished export."""
    return f"{shelves.export_folder(mall)}{run}.zip"


def stage_rows(mall: str, schema: str, run: str, *, taken_at: str) -> dict[str, Any]:
    """Write every exported table of one moment beside the wanted file; what was found."""
    with snapshot.moment(template.owner_url()) as moment, shelves.writing(staged_name(mall, run)) as shelf:
        connection = moment.connection
        names = [name for name in snapshot.tables(connection, schema) if dictionary.exported(name)]
        found = {name: dictionary.columns(connection, schema, name) for name in names}
        writer, tables = bundles.Writer(shelf), {}
        for name in names:
            wanted = [column.name for column in found[name] if not column.withheld]
            counted = _Counted(rows_of(connection, schema, name, wanted))
            writer.add(f"rows/{name}.jsonl", counted)
            tables[name] = {"rows": counted.count, "file": f"rows/{name}.jsonl", "columns": wanted}
        events = _Counted(
            json.dumps(one, ensure_ascii=False, default=str).encode() + b"\n"
            for one in snapshot.waiting_events(connection, mall)
        )
        writer.add(rules.EVENTS, events)
        crashpoint("export.rows_written")
        facts = {
            "taken_at": taken_at,
            "mall": snapshot.registry(connection, mall),
            "tables": tables,
            "events": events.count,
            "sequences": snapshot.sequences(connection, schema),
            "trial_balance": snapshot.trial_balance(connection, schema),
            "withheld": dictionary.withheld(found),
            "dictionary": dictionary.dictionary(found),
            "server_version": connection.info.server_version,
            "migrations": template.migrations_hash(),
            "files": dict(writer.files),
        }
        writer.add(FACTS, [rules.canonical(facts)])
        writer.close()
    return facts


def rows_of(connection: psycopg.Connection, schema: str, table: str, columns: list[str]) -> Iterator[bytes]:
    """A table's rows as lines of JSON, by primary key: the same rows always give the same bytes."""
    names = sql.SQL(", ").join(sql.Identifier(name) for name in columns)
    query = sql.SQL("SELECT row_to_json(r)::text FROM (SELECT {names} FROM {table} ORDER BY {order}) r").format(
        names=names, table=sql.Identifier(schema, table), order=_order(connection, schema, table)
    )
    with connection.cursor(name=f"rows_{table}"[:60]) as cursor:
        cursor.itersize = _ROWS_AT_ONCE
        cursor.execute(query)
        for (line,) in cursor:
            yield line.encode() + b"\n"


def _order(connection: psycopg.Connection, schema: str, table: str) -> sql.Composable:
    rows = connection.execute(
        "SELECT a.attname FROM pg_constraint c CROSS JOIN unnest(c.conkey) WITH ORDINALITY k(number, place)"
        " JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.number"
        " WHERE c.contype = 'p' AND c.conrelid = format('%%I.%%I', %s::text, %s::text)::regclass ORDER BY k.place",
        [schema, table],
    ).fetchall()
    return sql.SQL(", ").join(sql.Identifier(name) for (name,) in rows)


class _Counted:
    def __init__(self, lines: Iterator[bytes]) -> None:
        self._lines, self.count = lines, 0

    def __iter__(self) -> Iterator[bytes]:
        for line in self._lines:
            self.count += 1
            yield line


def package(mall: str, run: str) -> dict[str, Any]:
    """Rows, media, dictionary and manifest into one zip; its size and digest. Taken up again it begins anew."""
    with shelves.reading(staged_name(mall, run)) as path, zipfile.ZipFile(path) as staged:
        facts = json.loads(staged.read(FACTS))
        with shelves.writing(file_name(mall, run)) as shelf:
            writer = bundles.Writer(shelf)
            for name in facts["files"]:
                with staged.open(name) as rows:
                    writer.add(name, shelves.blocks(rows))
            media = _add_media(writer, mall)
            crashpoint("export.media_written")
            words = facts.pop("dictionary")
            writer.add(DICTIONARY, [rules.canonical(words)])
            writer.add(README, [_README.encode()])
            manifest = {
                **facts,
                "format": rules.EXPORT_FORMAT,
                "format_version": rules.FORMAT_VERSION,
                "export": run,
                "installation": settings.PLATFORM_DOMAIN,
                "media": media,
                "files": dict(writer.files),
            }
            writer.add(rules.MANIFEST, [rules.canonical(manifest)])
            writer.close()
    return {"size": shelf.size, "sha256": shelf.sha256()}


def _add_media(writer: bundles.Writer, mall: str) -> list[dict[str, Any]]:
    storage, done = mall_storage(), []
    for name, _size in sorted(shelves.media(mall)):
        if not rules.is_safe_member(f"media/{name}"):
            continue
        try:
            with storage.open(f"{own_folder(mall)}{name}") as file:
                writer.add(f"media/{name}", shelves.blocks(file), packed=not name.lower().endswith(_PACKED_ALREADY))
        except FileNotFoundError:
            continue  # deleted by the mall since it was listed
        done.append({"name": name, "bytes": writer.files[f"media/{name}"]["bytes"]})
    return done


def column_names(found: list[Column]) -> list[str]:
    """Those that are in an export."""
    return [column.name for column in found if not column.withheld]


_README = """This is everything that a mall holds, as it was in one moment.

manifest.json    what is in this file: tables, rows, digests of every file, the trial balance, what is withheld and why
dictionary.json  every table and column in words: type, unit, allowed values, where it points
rows/            one file a table; one JSON object a line; amounts are whole fen, rates are ppm, times are UTC
events.jsonl     what was still to be done in the mall
media/           pictures, under the names that the rows give (t/<mall>/ taken away)
"""
