"""Member prices, the store's part of a fee, and what a membership that is given back is worth (MODES 9a). Pure."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from saas.kernel.money import ceil_div, pct
from tenant_apps.modes.contract import (
    GIFT_PACK_ZONE,
    Award,
    BaseMode,
    BuyerFacts,
    LineFacts,
    LineKind,
    OfferFacts,
    PayeeKind,
)
from tenant_apps.modes.partner_membership.settings import NO_MEMBER_PRICE, PartnerMembershipSettings

PARTNER = "partner"
_NARROWEST_FIRST = ("sku", "product", "seller", "category")


@dataclass(frozen=True)
class Term:
    """One paid stretch of membership. `fee` in fen; `bought_at` is when it was paid, `starts_at` when it begins to run."""

    fee: int
    days: int
    bought_at: dt.datetime
    starts_at: dt.datetime
    ends_at: dt.datetime
    cooling_off_days: int


def price_ppm(settings: PartnerMembershipSettings, offer: OfferFacts) -> int:
    """The part of the list price that a partner pays: of the SKU, else product, seller, category, else the mall's."""
    keys = {
        "sku": (offer.sku,),
        "product": (offer.product,),
        "seller": (offer.seller.id,),
        "category": offer.categories,
    }
    by_key = {(one.scope, one.key): one.rate_ppm[0] for one in settings.overrides}
    for scope in _NARROWEST_FIRST if by_key else ():
        for key in keys[scope]:
            found = by_key.get((scope, key)) if key else None  # type: ignore[arg-type]
            if found is not None:
                return found
    return settings.price_ppm


def unit_price(settings: PartnerMembershipSettings, offer: OfferFacts, buyer: BuyerFacts) -> int:
    """Fen a piece for this buyer: the fee for a membership, the member price of goods for partners, else the list price."""
    if offer.kind is LineKind.MEMBERSHIP:
        return settings.fee_fen
    if buyer.level != PARTNER or offer.kind is not LineKind.GOODS or offer.zone == GIFT_PACK_ZONE:
        return offer.list_price
    if entered := dict(offer.level_prices).get(PARTNER):  # what is entered for this very SKU beats every rate
        return min(entered, offer.list_price)
    part = price_ppm(settings, offer)
    return offer.list_price if part >= NO_MEMBER_PRICE else max(1, pct(offer.list_price, part))


def awards(settings: PartnerMembershipSettings, line: LineFacts, buyer: BuyerFacts) -> Sequence[Award]:
    """The store's part of the fee. A person never gets any of it (MODES 14 #3): the payee is a store or nobody."""
    renewal = buyer.level == PARTNER
    rate = settings.renewal_ppm if renewal else settings.store_share_ppm
    amount = pct(line.cash, rate)
    if not buyer.store or not amount:
        return ()
    return (
        Award(
            mode="partner_membership",
            kind="renewal" if renewal else "enrolment",
            payee=buyer.store,
            payee_kind=PayeeKind.STORE,
            base=BaseMode.PAID,
            base_amount=line.cash,
            rate_ppm=rate,
            amount=amount,
            full_amount=amount,
        ),
    )


def unused_days(term: Term, now: dt.datetime) -> int:
    """Whole days that have not begun; all of them where the term has not begun to run."""
    left = (term.ends_at - max(now, term.starts_at)) // dt.timedelta(days=1)
    return max(0, min(term.days, left))


def refundable(term: Term, *, used: bool, now: dt.datetime) -> int:
    """Fen to give back now: the whole fee in the cooling-off period without use, else the unused days, rounded up."""
    if not used and now < term.bought_at + dt.timedelta(days=term.cooling_off_days):
        return term.fee
    return ceil_div(term.fee * unused_days(term, now), term.days)
