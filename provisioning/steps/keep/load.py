"""A backup's schema under the new mall's name, proved to be the same table by table before anything of it is changed."""

import tempfile
from pathlib import Path

from provisioning.archives import restoring, rules, selectors, services
from provisioning.executor import schema as template
from provisioning.rules import NotRepeatable
from provisioning.steps.context import Context
from provisioning.steps.keep.plan import RestorePlan
from saas.kernel.clock import real_now as now
from saas.kernel.crashpoint import crashpoint
from saas.tenants.malls import services as malls
from saas.tenants.malls.rules import MallState


def ensure(context: Context) -> str:
    """Register the mall; restore and compare in one transaction. Made anew if it is taken again. Raises NotRepeatable."""
    plan = RestorePlan.of(context)
    mall = malls.ensure_mall(ulid=context.mall, schema_name=context.schema, name=context.name, now=now())
    if mall.state != MallState.CREATING:
        raise NotRepeatable(f"{context.schema} is a mall that works: nothing is restored into it")
    crashpoint("provision.load.registered")
    row = selectors.backup(plan.backup)
    with services.opened_backup(row.name) as (reader, _path), tempfile.TemporaryDirectory() as folder:
        dump = Path(folder) / rules.DUMP
        with dump.open("wb") as file:
            for block in reader.blocks(rules.DUMP):
                file.write(block)
        manifest = reader.manifest
        rows = restoring.restore_compared(
            dump, manifest, schema=context.schema, folders=plan.folders(context), url=template.owner_url()
        )
    malls.set_schema_version(context.mall, manifest["mall"]["schema_version"])
    return f"{len(manifest['tables'])} tables, {rows} rows restored and equal to the backup of {manifest['taken_at']}"


def remove(context: Context) -> str:
    """Drop it."""
    return f"schema {context.schema} {'dropped' if template.drop_schema(context.schema) else 'was not there'}"
