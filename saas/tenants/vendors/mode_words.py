"""Modes and flagged subjects in words, for the price list and the console: control does not install the malls' apps."""

from django.utils.translation import gettext_lazy as _

from saas.tenants.approvals import RulingKind, Subject

MODE_WORDS = {
    "distribution": _("Distribution"),
    "link21": _("Link 2+1"),
    "store_income": _("Store income"),
    "differential": _("Differential"),
    "regional": _("Regional agents"),
    "gift_pack": _("Gift packs"),
    "partner_membership": _("Partner membership"),
    "manager_award": _("Store-manager award"),
    "shop_growth": _("Shop growth"),
    "merchant_referral": _("Merchant referral"),
    "advertising": _("Advertising"),
    "coins": _("Shopping coins"),
    "subsidy": _("Universal subsidy"),
}
SUBJECT_WORDS = {
    Subject.LINK21: _("Link 2+1"),
    Subject.THIRD_LEVEL: _("Third distribution level"),
    Subject.SUBSIDY: _("Universal subsidy"),
    Subject.GIFT_PACK_AGENCY: _("Gift packs that grant an agency"),
}
SUBJECT_RULES = {
    Subject.LINK21: _(
        "Buying as the condition for recruiting, and pay from the people below: rules 1, 4 and 5. Never in a mini-program."
    ),
    Subject.THIRD_LEVEL: _("No number of levels is a safe harbour; never in a mini-program: rules 1 and 5."),
    Subject.SUBSIDY: _("Measured against the six ministries' warning of 2018: rules 9, 10 and 11."),
    Subject.GIFT_PACK_AGENCY: _("A purchase that grants an agency is close to a joining fee: rules 3, 4 and 20."),
}


def subject_word(kind: str, subject: str) -> str:
    """What a ruling is about, in the reader's language."""
    words = SUBJECT_WORDS if kind == RulingKind.APPROVAL else MODE_WORDS
    return str(words.get(subject, subject))  # type: ignore[call-overload]
