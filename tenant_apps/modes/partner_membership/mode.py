"""Partner membership behind the contract of modes."""

from collections.abc import Sequence
from typing import ClassVar

from tenant_apps.modes import rules as waterfall
from tenant_apps.modes.contract import (
    Award,
    BuyerFacts,
    Caution,
    Channel,
    LineFacts,
    LineKind,
    OfferFacts,
    Problem,
    Quote,
    SaleFacts,
    Sentence,
    Told,
)
from tenant_apps.modes.contract import noop as _
from tenant_apps.modes.partner_membership import rules
from tenant_apps.modes.partner_membership.settings import PartnerMembershipSettings


class PartnerMembership:
    """MODES 9a."""

    key: ClassVar[str] = "partner_membership"
    label: ClassVar[str] = _("Partner membership")
    settings = PartnerMembershipSettings
    replaces: ClassVar[frozenset[str]] = frozenset()

    def takes(self, settings: PartnerMembershipSettings, line: LineFacts) -> bool:
        """The fee alone; the goods of partners are the other modes' business."""
        return settings.enabled and line.kind is LineKind.MEMBERSHIP

    def quote(self, settings: PartnerMembershipSettings, offer: OfferFacts, buyer: BuyerFacts) -> Quote:
        """The member price for partners, the list price for everybody else, the fee for a membership."""
        return Quote(unit_price=rules.unit_price(settings, offer, buyer) if settings.enabled else offer.list_price)

    def award(self, settings: PartnerMembershipSettings, line: LineFacts, sale: SaleFacts) -> Sequence[Award]:
        """The part of the store that the partner is bound to."""
        return rules.awards(settings, line, sale.buyer)

    def claw_back(self, amount: int, paid: int, refunded: int, taken: int) -> int:
        """The common formula."""
        return waterfall.claw_back(amount, paid, refunded, taken)

    def validate(self, settings: PartnerMembershipSettings, channel: Channel) -> Sequence[Problem]:
        """MODES 14 #3: a part of a joining fee may go to a licensed store alone, and somebody must have read why."""
        if not settings.enabled or not (settings.store_share_ppm or settings.renewal_ppm):
            return []
        return [
            Caution(
                code="fee_share",
                field="store_share_ppm",
                message=_(
                    "A part of the fee for joining goes to the store that enrolled the partner. A reward to a person for it would be an entry fee (article 7 of the Regulations on Prohibition of Pyramid Selling), so persons get none; make sure that every store is licensed (rule 3 of the legal guard-rails)."
                ),
            )
        ]

    def explain(self, award: Award, told: Told) -> Sentence:
        """Whose membership, how much of which fee."""
        data = {
            "buyer": told.buyer,
            "order": told.order,
            "full_amount": award.full_amount,
            "base_amount": award.base_amount,
            "rate_ppm": award.rate_ppm,
        }
        if award.kind == "renewal":
            return Sentence(
                _(
                    "{buyer}, a partner of your store, renewed the membership (order {order}). {rate_ppm} of the fee of {base_amount} is {full_amount}."
                ),
                data,
            )
        return Sentence(
            _(
                "{buyer} became a partner of your store (order {order}). {rate_ppm} of the fee of {base_amount} is {full_amount}."
            ),
            data,
        )
