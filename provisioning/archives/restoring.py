"""A dump restored under another name and compared with what the backup says of itself, in one transaction."""

from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from provisioning.archives import dumps, snapshot
from provisioning.rules import NotRepeatable
from saas.kernel.crashpoint import crashpoint


class RestoreDiffers(NotRepeatable):
    """What was restored is not what was saved; the message names the tables."""


def restore_compared(dump: Path, manifest: dict[str, Any], *, schema: str, folders: tuple[str, str], url: str) -> int:
    """Restore a dump under another name and compare every table with the manifest; rows. Raises RestoreDiffers."""
    old = str(manifest["mall"]["schema"])
    options = "-c timezone=UTC -c datestyle=ISO -c extra_float_digits=1 -c intervalstyle=postgres"
    with psycopg.connect(url, options=options) as connection:
        connection.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 3))", [schema])
        connection.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(sql.Identifier(schema)))
        rows = dumps.restore(connection, dump, old=old, new=schema, folders=folders)
        found = snapshot.digests(connection, schema, instead=folders)
        wanted = manifest["tables"]
        if found != wanted:
            names = found.keys() | wanted.keys()
            differing = sorted(name for name in names if found.get(name) != wanted.get(name))
            raise RestoreDiffers(f"{len(differing)} tables differ: {', '.join(differing[:20])}")
        crashpoint("provision.load.restored")
    return rows
