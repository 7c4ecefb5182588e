"""What the cell's registry knows of a deleted mall: hosts, rights, events, the orders that made it (they name its owner)."""

import psycopg

from provisioning.executor import schema as template
from provisioning.executor.models import Execution
from provisioning.steps.context import Context
from saas.messaging.bus import moving as events
from saas.tenants.malls import selectors as registry
from saas.tenants.malls import services as malls
from saas.tenants.vault import services as vault


def ensure(context: Context) -> str:
    """Forget it. The facts of this very run still leave."""
    mall = context.found()
    if mall is not None:
        malls.remove_domains(mall)
        malls.remove_entitlements(mall)
        registry.forget_mall(mall)
    with psycopg.connect(template.owner_url()) as plain:
        events.forget_events(plain, context.mall)
    orders = 0
    for row in Execution.objects.filter(mall=context.mall).exclude(run=context.run):
        if row.order.get("owner"):
            row.order = {**row.order, "owner": {}}
            row.save(update_fields=["order"])
            orders += 1
    vault.forget_keys()
    return f"hosts, rights and events forgotten; {orders} orders no longer name anybody"


def remove(context: Context) -> str:
    """What is forgotten stays forgotten."""
    return "nothing to undo"
