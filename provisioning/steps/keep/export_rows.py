"""Every row of one moment, staged beside the wanted file. The mall trades meanwhile, or is suspended: an export is still its right."""

from provisioning.archives import exports, shelves
from provisioning.rules import NotRepeatable
from provisioning.steps.context import Context
from saas.kernel.clock import real_now as now
from saas.tenants.malls.rules import Capability, may


def ensure(context: Context) -> str:
    """Read and stage. Raises NotRepeatable where the mall's state allows no export (being made, moving, gone)."""
    mall = context.registered()
    if not may(mall.state, Capability.EXPORT):
        raise NotRepeatable(f"the mall is {mall.state}: it cannot be exported now")
    facts = exports.stage_rows(mall.ulid, mall.schema_name, context.run, taken_at=now().isoformat())
    rows = sum(int(one["rows"]) for one in facts["tables"].values())
    return f"{len(facts['tables'])} tables, {rows} rows of {facts['taken_at']}; {facts['events']} events wait"


def remove(context: Context) -> str:
    """Drop what was staged."""
    shelves.delete(exports.staged_name(context.mall, context.run))
    return "staged rows deleted"
