"""Words of runs, steps, places and launch items, for the pages that show them (website, account, console)."""

from django import template
from django.utils.translation import gettext as _

from provisioning.orchestrator import words
from provisioning.orchestrator.models import RunStep
from saas.support import selectors as support

register = template.Library()

for _name in ("run_kind", "run_state", "step_state", "place_state", "item_state", "waits_for"):
    register.filter(_name, words.word)


@register.filter
def item_title(key: str) -> str:
    """What an item of the launch checklist is called."""
    return support.item_title(key)


@register.filter
def step_title(name: str) -> str:
    """What a step is called."""
    return words.step_title(name)


@register.filter
def step_help(name: str) -> str:
    """What a step is for."""
    return words.step_help(name)


@register.filter
def step_seconds(step: RunStep) -> str:
    """How long a finished step took."""
    if step.started_at is None or step.finished_at is None:
        return ""
    return _("%(seconds).1f s") % {"seconds": (step.finished_at - step.started_at).total_seconds()}
