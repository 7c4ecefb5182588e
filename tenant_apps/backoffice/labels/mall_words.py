"""Words for the mall's modes, people and decisions."""

from django.utils.translation import gettext_lazy as _

from tenant_apps.modes import sentences
from tenant_apps.modes.contract import Sentence
from tenant_apps.modes.registry import MODES

STANDING_STATES = {
    "on": (_("On"), "good"),
    "off": (_("Off"), ""),
    "stopped": (_("Stopped by the platform"), "bad"),
    "needs_approval": (_("Needs approval"), "warn"),
    "not_in_plan": (_("Not in the plan"), ""),
}

PREPARED_STATES = {
    "open": (_("Waits for a second person"), "warn"),
    "approved": (_("Approved and carried out"), "good"),
    "refused": (_("Refused by the second person"), "bad"),
    "withdrawn": (_("Withdrawn"), ""),
    "expired": (_("Not decided in time"), ""),
}

ENFORCEMENT_STATES = {
    "block": (_("Blocked"), "bad"),
    "warning": (_("Caution"), "warn"),
    "alarm": (_("Alarm"), "warn"),
    "disclosure": (_("Disclosed"), "info"),
}

PROMOTER_STATES = {
    "none": (_("Not a promoter"), ""),
    "applied": (_("Asks to promote"), "warn"),
    "approved": (_("Promoter"), "good"),
    "rejected": (_("Rejected"), "bad"),
}

LEVEL_WORDS = {"ordinary": _("Ordinary"), "partner": _("Partner")}

RANK_WORDS = {"0": _("No rank"), "1": "V1", "2": "V2", "3": "V3"}

GROUND_WORDS = {"turnover": _("turnover"), "gift_pack": _("gift pack"), "staff": _("by hand")}

MODE_STANDINGS = {
    "on": (_("On"), "good"),
    "off": (_("Off"), ""),
    "stopped": (_("Stopped by the platform"), "bad"),
    "needs_approval": (_("Needs approval"), "warn"),
    "not_in_plan": (_("Not in your plan"), "info"),
}

TERMS_TITLES = {
    "settlement": _("Settlement terms"),
    "orders": _("Freight and checkout"),
}


def mode_title(mode: str) -> str:
    """What a mode, or the terms beside the modes, is called."""
    return sentences.render(Sentence(MODES[mode].label)) if mode in MODES else str(TERMS_TITLES.get(mode, mode))
