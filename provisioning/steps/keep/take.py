"""The file that a mall is made from is here, whole, and of this installation (a backup) or of another (an export)."""

from provisioning.archives import selectors, services
from provisioning.archives.bundles import ArchiveRefused
from provisioning.rules import NotRepeatable
from provisioning.steps.context import Context
from provisioning.steps.keep import arrival
from provisioning.steps.keep.plan import RestorePlan
from saas.kernel.clock import real_now as now
from saas.kernel.errors import NotFound


def ensure(context: Context) -> str:
    """Take a backup for this run if the order names none; read the file through once. Raises NotRepeatable."""
    if "import" in context.order:
        return arrival.check(context)
    plan = RestorePlan.of(context)
    if plan.backup == context.run:
        services.take_backup(
            mall=plan.source, reason=f"to make {context.name}", actor="provisioning", now=now(), ulid=context.run
        )
    try:
        row = selectors.backup(plan.backup)
        with services.opened_backup(row.name) as (reader, _path):
            reader.check()
            if reader.manifest["mall"]["ulid"] != plan.source:
                raise NotRepeatable(f"the backup is of mall {reader.manifest['mall']['ulid']}, not of {plan.source}")
    except ArchiveRefused as refused:
        raise NotRepeatable(f"backup {plan.backup}: {refused.english}") from None
    except NotFound:
        raise NotRepeatable(f"there is no backup {plan.backup}, or its file is gone") from None
    return f"backup {row.ulid} is whole: {row.size / 1e6:.1f} MB, {row.tables} tables, {row.rows} rows"


def remove(context: Context) -> str:
    """A backup stays until its time."""
    return "nothing to undo"
