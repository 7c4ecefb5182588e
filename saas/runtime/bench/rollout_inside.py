"""What the rollout bench runs in the cell's role: making malls, and bringing them a migration in both ways."""

import secrets
import time

import psycopg
from django.core.management import call_command
from django.db import connection

from provisioning.executor import schema
from provisioning.rollouts import engine, selectors, services
from saas.kernel.clock import now
from saas.kernel.ids import new_ulid
from saas.tenants.malls.models import Mall


def make_malls(*, count: int) -> int:
    """Registered malls with empty schemas of the present version."""
    text, version = schema.template_text(schema.owner_url()), schema.migrations_hash()
    with psycopg.connect(schema.owner_url(), autocommit=True) as owner:
        for _ in range(count):
            name = f"bench_{secrets.token_hex(8)}"
            with owner.transaction():
                schema.replay(owner, text, name)
            owner.execute("SET search_path = public")
            Mall.objects.create(
                ulid=new_ulid(), schema_name=name, name="Bench", state="rehearsal", schema_version=version,
                created_at=now(),
            )  # fmt: skip
    return count


def by_rollout() -> float:
    """Seconds of the whole rollout, from finding the malls to the last record."""
    connection.set_schema_to_public()  # type: ignore[attr-defined]
    connection.ensure_connection()
    started = time.perf_counter()
    rollout = services.start_rollout(ulid=new_ulid(), actor="system", reason="bench", now=now())
    engine.roll_out(rollout)
    seconds = time.perf_counter() - started
    found = selectors.summary(rollout.ulid)
    if found["state"] != "succeeded":
        raise RuntimeError(str(found))
    return seconds


def by_migrate_schemas() -> float:
    """Seconds that django-tenants' own command takes for the same malls and an equal migration."""
    connection.set_schema_to_public()  # type: ignore[attr-defined]
    connection.ensure_connection()
    connection.ungated = True  # type: ignore[attr-defined]
    started = time.perf_counter()
    call_command("migrate_schemas", tenant=True, interactive=False, verbosity=0)
    return time.perf_counter() - started
