"""What may be done to a restored mall before anybody sees it: by name, `function(now=…)`, called inside the mall."""

from django.db import transaction
from django.utils.module_loading import import_string

from provisioning.steps.context import Context
from provisioning.steps.keep.plan import RestorePlan
from saas.kernel.clock import real_now as now
from saas.tenants.malls.activation import in_mall

# Name in an order → dotted name of a function that works in one transaction and may be run twice; it returns a line.
MASKS: dict[str, str] = {"people": "provisioning.rehearsals.masking.mask_people"}


def ensure(context: Context) -> str:
    """Do it. Raises KeyError for a name that is not here."""
    plan = RestorePlan.of(context)
    if not plan.mask:
        return "people stay as they are"
    with in_mall(context.registered()), transaction.atomic():
        return str(import_string(MASKS[plan.mask])(now=now()))


def remove(context: Context) -> str:
    """It goes with the schema."""
    return "nothing to undo"
