"""Words of provisioning steps, for the pages that show a run."""

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from provisioning.orchestrator.models import RunStep
from provisioning.rules import StepName

register = template.Library()

_TITLES = {
    StepName.SCHEMA: gettext_noop("Data of its own"),
    StepName.STARTER_DATA: gettext_noop("Starter set-up"),
    StepName.MEDIA_STORAGE: gettext_noop("Picture storage"),
    StepName.DOMAIN: gettext_noop("Address"),
    StepName.SMOKE_TEST: gettext_noop("Final test"),
}
_HELP = {
    StepName.SCHEMA: gettext_noop("A separate place for your goods, members and orders"),
    StepName.STARTER_DATA: gettext_noop("Roles, brand, terms, and you as the owner"),
    StepName.MEDIA_STORAGE: gettext_noop("Room for pictures, written to and read back"),
    StepName.DOMAIN: gettext_noop("Your mall answers under its name"),
    StepName.SMOKE_TEST: gettext_noop("We open the mall’s home page as a shopper would"),
}


@register.filter
def step_title(name: str) -> str:
    """What a step is called."""
    return _(_TITLES[StepName(name)])


@register.filter
def step_help(name: str) -> str:
    """What a step is for."""
    return _(_HELP[StepName(name)])


@register.filter
def step_seconds(step: RunStep) -> str:
    """How long a finished step took."""
    if step.started_at is None or step.finished_at is None:
        return ""
    return _("%(seconds).1f s") % {"seconds": (step.finished_at - step.started_at).total_seconds()}
