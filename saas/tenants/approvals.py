"""What operators rule about a mall's modes: words shared by control, which rules, and the cells, which obey. Pure.

An approval opens something that MODES 14 flags, always with an expiry; a stop takes one mode out of one mall.
"""

from enum import StrEnum


class RulingKind(StrEnum):
    """What a ruling is about: something that needs leave, or a mode that is taken away."""

    APPROVAL = "approval"
    STOP = "stop"


class Subject(StrEnum):
    """What opens only after an operator's approval for that mall (MODES 14, FEATURES R6)."""

    LINK21 = "link21"
    THIRD_LEVEL = "third_level"
    SUBSIDY = "subsidy"
    GIFT_PACK_AGENCY = "gift_pack_agency"


# Every mode that the platform knows, for plans and stops. Cells check that their registry names no other.
MODE_KEYS = (
    "distribution",
    "link21",
    "store_income",
    "differential",
    "regional",
    "gift_pack",
    "partner_membership",
    "manager_award",
    "shop_growth",
    "merchant_referral",
    "advertising",
    "coins",
    "subsidy",
)
RULED = "mode.ruled"  # the fact that control sends to the mall's cell
MAX_APPROVAL_DAYS = 366


def subjects_of(kind: RulingKind) -> tuple[str, ...]:
    """What may be ruled on."""
    return tuple(Subject) if kind is RulingKind.APPROVAL else MODE_KEYS
