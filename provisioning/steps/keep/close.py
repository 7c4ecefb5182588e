"""The mall of a deletion is closed for good: from here on nothing in it can be written, and nothing calls it off."""

from provisioning.rules import NotRepeatable
from provisioning.steps.context import Context
from saas.kernel.clock import real_now as now
from saas.tenants.malls import services as malls
from saas.tenants.malls.rules import MallState


def ensure(context: Context) -> str:
    """State `gone`. Raises NotRepeatable while the mall is open to shoppers or moving."""
    mall = context.found()
    if mall is None or mall.state == MallState.GONE:
        return "was closed already"
    if mall.state not in (MallState.SUSPENDED, MallState.HELD, MallState.REHEARSAL):
        raise NotRepeatable(f"the mall is {mall.state}: only one that is suspended, held or in rehearsal is deleted")
    malls.change_state(context.mall, MallState.GONE, now=now())
    return "closed for good"


def remove(context: Context) -> str:
    """What is gone stays gone."""
    return "nothing to undo"
