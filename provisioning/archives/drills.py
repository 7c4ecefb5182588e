"""A restore drill: the newest backup restored beside its mall, compared, its book recomputed, its pages looked at, dropped.

It runs as the owner in a schema that no mall of the registry has; nothing that works is touched.
"""

import tempfile
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django_tenants.utils import schema_context

from provisioning.archives import bundles, dumps, restoring, rules, selectors, services
from provisioning.archives.models import Backup, Drill
from provisioning.executor import schema as template
from saas.kernel import clock
from saas.kernel.crashpoint import crashpoint
from saas.ledger import seals
from saas.ledger import selectors as ledger
from saas.tenants.backend.locks import session_lock
from saas.tenants.malls.storage import own_folder

_SCHEMA = "t_drill_{}"


def run_drill(drill: Drill) -> Drill:
    """Prove the newest backup of a mall; the result is kept and told to control, whatever it is. Killed, it is run again.

    One process at a time for a mall: the command and the sweeper may both have seen the same drill. The second waits.
    """
    connection.set_schema_to_public()  # type: ignore[attr-defined]
    with session_lock(f"drill:{drill.mall}", wait=True):
        drill.refresh_from_db()
        return _run(drill) if drill.finished_at is None else drill


def _run(drill: Drill) -> Drill:
    row = selectors.newest_backup(drill.mall)
    if row is None:
        failed = {"failure": "there is no backup of this mall"}
        return services.finish_drill(drill=drill, passed=False, report=failed, now=clock.real_now())
    drill.backup = row.ulid
    schema, passed = _SCHEMA.format(drill.mall.lower()), False
    report: dict[str, Any] = {"taken_at": row.started_at.isoformat(), "size": row.size}
    started = time.monotonic()
    try:
        report |= _prove(row, schema)
        passed = True
    except Exception as error:
        report["failure"] = f"{type(error).__name__}: {error}"[:1000]
    finally:
        connection.set_schema_to_public()  # type: ignore[attr-defined]
        dumps.drop(template.owner_url(), schema)
    report["seconds"] = round(time.monotonic() - started, 1)
    return services.finish_drill(drill=drill, passed=passed, report=report, now=clock.real_now())


def _prove(row: Backup, schema: str) -> dict[str, Any]:
    with services.opened_backup(row.name) as (reader, path), tempfile.TemporaryDirectory() as folder:
        if bundles.file_digest(path) != row.sha256:
            raise bundles.ArchiveRefused("member_differs", Path(row.name).name)
        reader.check()
        dump = Path(folder) / rules.DUMP
        with dump.open("wb") as file:
            for block in reader.blocks(rules.DUMP):
                file.write(block)
        own = own_folder(row.mall)
        rows = restoring.restore_compared(
            dump, reader.manifest, schema=schema, folders=(own, own), url=template.owner_url()
        )
        crashpoint("drill.restored")
        return {
            "rows": rows,
            "tables": len(reader.manifest["tables"]),
            "media": len(reader.manifest["media"]),
            **_book(schema, reader.manifest),
            "behind": reader.manifest["mall"]["schema_version"] not in ("", template.migrations_hash()),
        }


def _book(schema: str, manifest: dict[str, Any]) -> dict[str, Any]:
    with schema_context(schema):
        trial = [
            {"family": one.family, "asset": one.asset, "posted": one.posted}
            for one in ledger.trial_balance()
            if one.posted
        ]
        faults = [*ledger.check_ledger(), *seals.verify_seals()]
        with connection.cursor() as cursor:  # what a storefront's first page needs
            cursor.execute("SELECT (SELECT count(*) FROM catalog_productcard), (SELECT count(*) FROM orders_order)")
            cards, orders = cursor.fetchone()
    wanted = [one for one in manifest["trial_balance"] if one["posted"]]
    if sorted(trial, key=str) != sorted(wanted, key=str):
        raise restoring.RestoreDiffers(f"the trial balance differs: {trial}")
    if faults:
        raise restoring.RestoreDiffers("; ".join(f"{one.what} {one.where}" for one in faults[:5]))
    return {"families": len(wanted), "goods": cards, "orders": orders, "cell": settings.CELL}
