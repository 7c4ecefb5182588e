"""What benches run inside a role's own process (saas.runtime.call)."""

import os
import secrets
import subprocess
import sys
import time

import psycopg
from django.conf import settings
from psycopg import sql

from provisioning.executor import schema

_PREFIX = "bench_"


def stamp() -> str:
    """A short word that no earlier bench used."""
    return secrets.token_hex(3)


def by_replay(*, times: int) -> list[float]:
    """Make `times` schemas as the schema step does; the seconds of each."""
    found = []
    for _ in range(times):
        name = f"{_PREFIX}{secrets.token_hex(8)}"
        started = time.perf_counter()
        schema.ensure_schema(name)
        found.append(time.perf_counter() - started)
    return found


def by_migrations(*, times: int) -> list[float]:
    """Migrate `times` template schemas, each in a database of its own; the seconds of the migrations alone."""
    owner = schema.owner_url()
    found = []
    for _ in range(times):
        name = f"{_PREFIX}{secrets.token_hex(8)}"
        with psycopg.connect(owner, autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            url = owner.replace(f"/{settings.DATABASES['default']['NAME']}?", f"/{name}?")
            code = (
                "import django, time; django.setup(); from django.core.management import call_command\n"
                "t = time.perf_counter(); call_command('build_schema_template'); print(time.perf_counter() - t)"
            )
            done = subprocess.run(
                [sys.executable, "-c", code],
                env={**os.environ, "DATABASE_URL": url},
                cwd=settings.BASE_DIR,
                capture_output=True,
                text=True,
                check=True,
            )
            found.append(float(done.stdout.strip().splitlines()[-1]))
        finally:
            with psycopg.connect(owner, autocommit=True) as connection:
                connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
    return found


def make_ledger() -> str:
    """One fresh mall schema with a book to post to; its name."""
    name = f"{_PREFIX}ledger_{secrets.token_hex(6)}"
    schema.ensure_schema(name)
    with psycopg.connect(schema.owner_url(), autocommit=True) as connection:
        connection.execute(
            "INSERT INTO public.malls_mall (ulid, schema_name, name, state, epoch, schema_version, created_at)"
            " VALUES (%s, %s, 'Bench', 'rehearsal', 1, '', now())",
            [secrets.token_hex(13).upper(), name],
        )
    return name


def drop_schemas() -> int:
    """Drop every schema that a bench made, a few in a transaction; how many."""
    with psycopg.connect(schema.owner_url(), autocommit=True) as connection:
        rows = connection.execute("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'bench\\_%'").fetchall()
        connection.execute("DELETE FROM public.malls_mall WHERE schema_name LIKE 'bench\\_%'")
        for (name,) in rows:
            connection.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(name)))
    return len(rows)
