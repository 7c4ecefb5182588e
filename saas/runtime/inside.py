"""Functions that the runtime calls inside a role's own process (saas.runtime.call). Never imported by the command itself."""

import os
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils.module_loading import import_string

from saas.ledger import selectors as ledger


def migrate(*, with_template: bool = False) -> str:
    """Bring this role's public schema up to date, then a cell's template of malls; run it as the owner. The database's name."""
    call_command("migrate_public", verbosity=0)
    if with_template:
        build_template()
    return str(connection.settings_dict["NAME"])


def pending_migrations() -> list[str]:
    """Migrations that this role's public schema lacks."""
    if hasattr(connection, "set_schema_to_public"):
        connection.set_schema_to_public()
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


def collect_static() -> str:
    """Collect the static files of this role. The folder they are in."""
    call_command("collectstatic", interactive=False, verbosity=0)
    return str(settings.STATIC_ROOT)


def build_template() -> int:
    """Build the schema template of malls unless it is built; the length of its text."""
    from provisioning.executor import schema

    return len(schema.template_text(os.environ["DATABASE_OWNER_URL"]))


def template_is_built() -> bool:
    """Whether the template of the present migrations lies in the cache."""
    from provisioning.executor import schema

    return (settings.HOME / "templates" / f"{schema.migrations_hash()}.sql").exists()


def malls_behind() -> list[str]:
    """Names of live malls whose schema was made from other migrations than the code's."""
    from provisioning.executor import schema
    from saas.tenants.malls.models import Mall

    connection.set_schema_to_public()
    if Mall._meta.db_table not in connection.introspection.table_names():
        return []  # nothing is migrated yet: another fault says so
    wanted = schema.migrations_hash()
    malls = Mall.objects.exclude(state__in=["gone", "moved", "arriving", "creating"]).exclude(
        schema_version__in=["", wanted]
    )
    return sorted(malls.values_list("name", flat=True))


def worker_answers() -> bool:
    """Whether a worker of this role answers a ping."""
    app = import_string("saas.config.celery.app")  # by name, as the worker's command line has it
    replies = app.control.inspect(timeout=3).ping() or {}
    return any(node.startswith(f"{settings.ROLE}@") for node in replies)


def bus_state() -> dict[str, Any]:
    """What waits in this database's outbox and inbox: counts, and the age in seconds of the oldest that is due."""
    if hasattr(connection, "set_schema_to_public"):
        connection.set_schema_to_public()
    found: dict[str, Any] = {"failed": 0, "waiting": 0, "oldest_seconds": 0.0}
    with connection.cursor() as cursor:
        for table in ("bus_outboxevent", "bus_inboxevent"):
            cursor.execute(
                f"SELECT count(*), count(*) FILTER (WHERE attempts >= 12), "
                f"coalesce(extract(epoch FROM now() - min(available_at)), 0) "
                f"FROM {table} WHERE done_at IS NULL AND available_at <= now()"
            )
            waiting, failed, oldest = cursor.fetchone()
            found["waiting"] += waiting
            found["failed"] += failed
            found["oldest_seconds"] = max(found["oldest_seconds"], float(oldest))
        cursor.execute(
            "SELECT DISTINCT topic || ': ' || left(last_error, 80) FROM bus_outboxevent "
            "WHERE done_at IS NULL AND attempts >= 12 LIMIT 5"
        )
        found["errors"] = [row[0] for row in cursor.fetchall()]
    return found


def database_clock() -> float:
    """The database's time, in seconds since 1970."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT extract(epoch FROM clock_timestamp())")
        return float(cursor.fetchone()[0])


def book_state() -> dict[str, Any]:
    """The state of the ledger that is active: its sums by asset, what does not clear, what cannot be."""
    sums: dict[str, int] = {}
    accounts = 0
    for row in ledger.trial_balance():
        sums[row.asset] = sums.get(row.asset, 0) + row.posted
        accounts += row.accounts
    return {
        "accounts": accounts,
        "sums": sums,
        "uncleared": [f"{row.account} {row.document} {row.amount} {row.asset}" for row in ledger.uncleared()],
        "faults": [f"{fault.what}: {fault.where} ({fault.detail})" for fault in ledger.check_ledger()],
    }
