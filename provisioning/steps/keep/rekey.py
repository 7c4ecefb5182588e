"""Secrets are bound to their mall: what the restored mall needs is sealed anew for it, credentials of channels are not taken.

Two malls must never collect money by one merchant account, and a copy must not be able to.
"""

from provisioning.archives import sealed
from provisioning.steps.context import Context
from provisioning.steps.keep.plan import RestorePlan
from saas.tenants.malls.activation import in_mall
from tenant_apps.payments.services import credentials
from tenant_apps.payouts import services as payouts


def ensure(context: Context) -> str:
    """Forget credentials; seal payees' names and accounts anew."""
    plan = RestorePlan.of(context)
    with in_mall(context.registered()):
        resealed = payouts.reseal_payees(owner=plan.source)
        forgotten = credentials.forget_all()
    blanked = sealed.blank(context.schema, but=sealed.RESEALED)
    also = f"; left behind: {', '.join(blanked)}" if blanked else ""
    return f"{resealed} payees sealed anew; credentials of {forgotten} merchant accounts left behind{also}"


def remove(context: Context) -> str:
    """It goes with the schema."""
    return "nothing to undo"
