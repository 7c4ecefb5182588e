"""Words that the sentences of several modes share. Pure."""

from tenant_apps.modes.contract import Award, BaseMode, Grade, Told
from tenant_apps.modes.contract import noop as _

BASE_WORDS = {
    BaseMode.PAID: _("paid in money"),
    BaseMode.GROSS: _("of goods before discounts"),
    BaseMode.PROFIT: _("of profit"),
    BaseMode.CONCESSION: _("of concession"),
}

GRADE_WORDS = {
    Grade.CUSTOM: _("area of its own"),
    Grade.STREET: _("street"),
    Grade.DISTRICT: _("district"),
    Grade.CITY: _("city"),
    Grade.PROVINCE: _("province"),
    Grade.REGION: _("region of provinces"),
}


def told_data(award: Award, told: Told) -> dict[str, object]:
    """What every sentence about an award may name."""
    return {
        "buyer": told.buyer,
        "product": told.product,
        "order": told.order,
        "full_amount": award.full_amount,
        "base_amount": award.base_amount,
        "rate_ppm": award.rate_ppm,
        "base_word": BASE_WORDS[award.base],
    }
