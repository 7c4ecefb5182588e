"""Words for the codes that rules use: what an award is for, who stands behind a kind of payee. Pure."""

from tenant_apps.modes.contract import noop as _

KIND_WORDS = {
    "level1": _("level 1"),
    "added": _("added by the shop"),
    "level2": _("level 2"),
    "level3": _("level 3"),
    "V1": _("rank V1"),
    "V2": _("rank V2"),
    "V3": _("rank V3"),
    "peer1": _("same rank V1"),
    "peer2": _("same rank V2"),
    "peer3": _("same rank V3"),
    "custom": _("custom area"),
    "street": _("street"),
    "district": _("district"),
    "city": _("city"),
    "province": _("province"),
    "region": _("group of provinces"),
    "store": _("store of the buyer"),
    "pickup": _("hand-over at the store"),
    "direct": _("direct sale"),
    "see": _("sale in the line"),
    "peer": _("part for the boss above"),
    "accrual": _("set aside for the period"),
    "fee": _("half of the fee"),
}

PERSON_WORDS = {
    "buyer": _("Buyer"),
    "first": _("Promoter of the buyer"),
    "second": _("Promoter above him"),
    "third": _("Third person above"),
    "store": _("Store of the buyer"),
    "pickup": _("Store that hands over"),
    "seller": _("Seller"),
    "shop": _("Seller's shop"),
    "referrer": _("Who brought the seller in"),
    "custom": _("Agent of the custom area"),
    "street": _("Agent of the street"),
    "district": _("Agent of the district"),
    "city": _("Agent of the city"),
    "province": _("Agent of the province"),
    "region": _("Agent of the group of provinces"),
}


def kind_word(kind: str) -> str:
    """A kind of award in words, to be translated; the code itself where there is none."""
    return KIND_WORDS.get(kind, kind)
