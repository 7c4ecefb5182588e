"""pg_dump of one mall's schema inside a shared moment, and its restoring under another name, all or nothing.

pg_restore writes SQL; the schema's old name is replaced in definitions, never in rows (rows come by COPY, line by line).
In rows one thing is replaced: the folder of the mall's media, `t/<ULID>/`.
"""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import psycopg
from django.conf import settings
from psycopg import sql

from provisioning.archives.rules import TRANSIENT
from provisioning.archives.shelves import blocks
from provisioning.executor import schema as template
from provisioning.processes import die_with_us
from saas.tenants.backend.grants import grant_statements

_COPY = re.compile(rb"^COPY .* FROM stdin;$")
_SKIPPED = (b"\\",)  # \\restrict and \\unrestrict, for psql alone
_GUARDED = ("ledger_", "identity_auditrecord")  # rows that nobody rewrites


class DumpFailed(RuntimeError):
    """pg_dump or pg_restore ended with an error."""


def dump(url: str, schema: str, *, snapshot: str) -> Iterator[bytes]:
    """The schema in pg_dump's custom format, as it was in the moment `snapshot`. Raises DumpFailed at the end."""
    command = [str(template.pg_dump()), "-Fc", "-n", schema, "--no-owner", "--no-acl", "--no-publications"]
    command += [f"--snapshot={snapshot}", *(f"--exclude-table-data={schema}.{name}" for name in sorted(TRANSIENT))]
    process = subprocess.Popen(
        [*command, "-d", url], stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=die_with_us
    )
    assert process.stdout is not None and process.stderr is not None
    try:
        yield from blocks(process.stdout)
        said = process.stderr.read()
        if process.wait():
            raise DumpFailed(said.decode(errors="replace")[-1500:])
    finally:
        process.kill()
        process.wait()


def restore(
    connection: psycopg.Connection, file: Path, *, old: str, new: str, folders: tuple[str, str] | None = None
) -> int:
    """Make schema `new` from a dump of `old`, in the caller's transaction, with the app role's grants; rows restored.

    `folders`: the media folder in the dump's rows and what it becomes. Raises DumpFailed, psycopg.Error.
    """
    connection.execute(
        "SET LOCAL check_function_bodies = off; SET LOCAL search_path = ''; SET LOCAL client_min_messages = warning"
    )
    command = [str(template.pg_dump().parent / "pg_restore"), "--no-owner", "--no-acl", "-f", "-", str(file)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=die_with_us)
    assert process.stdout is not None and process.stderr is not None
    try:
        rows = _replay(connection, process.stdout, old, new, folders)
        said = process.stderr.read()
        if process.wait():
            raise DumpFailed(said.decode(errors="replace")[-1500:])
    finally:
        process.kill()
        process.wait()
    for statement in grant_statements(new, settings.TENANT_APPS):
        connection.execute(statement)
    return rows


def _replay(
    connection: psycopg.Connection, text: IO[bytes], old: str, new: str, folders: tuple[str, str] | None
) -> int:
    name = re.compile(rb"\b" + re.escape(old.encode()) + rb"\b")
    pending: list[bytes] = []
    rows = 0

    def run() -> None:
        statements = b"".join(pending).strip()
        pending.clear()
        if statements:
            connection.execute(statements)

    for line in text:
        if not _COPY.match(line.rstrip(b"\n")):
            if not line.startswith(_SKIPPED):
                pending.append(name.sub(new.encode(), line))
            continue
        run()
        header = name.sub(new.encode(), line).rstrip(b";\n")
        swap = None if folders is None or _is_guarded(header) else folders
        with connection.cursor() as cursor, cursor.copy(header) as copy:
            for row in text:
                if row == b"\\.\n":
                    break
                rows += 1
                copy.write(row if swap is None else row.replace(swap[0].encode(), swap[1].encode()))
    run()
    return rows


def _is_guarded(header: bytes) -> bool:
    table = header.split(b" ", 2)[1].rpartition(b".")[2].strip(b'"').decode()
    return table.startswith(_GUARDED)


def drop(url: str, schema: str) -> None:
    """Drop a schema that a restore made, whether or not it is there."""
    with psycopg.connect(url) as connection:
        connection.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(sql.Identifier(schema)))
