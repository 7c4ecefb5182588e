"""The reward for bringing in a seller behind the contract of modes."""

from collections.abc import Sequence
from typing import ClassVar

from tenant_apps.modes.accruing import Accruing
from tenant_apps.modes.contract import Award, LineFacts, SaleFacts, Sentence
from tenant_apps.modes.contract import noop as _
from tenant_apps.modes.merchant_referral import rules
from tenant_apps.modes.merchant_referral.settings import MerchantReferralSettings
from tenant_apps.modes.period_contract import PeriodAward, ShopPeriod


class MerchantReferral(Accruing[MerchantReferralSettings]):
    """MODES 12, D12."""

    key: ClassVar[str] = "merchant_referral"
    label: ClassVar[str] = _("Reward for bringing in sellers")
    settings = MerchantReferralSettings
    set_aside: ClassVar[str] = _(
        "Set aside from “{product}” (order {order}) for whoever brought the seller in: {rate_ppm} of the take of {base_amount} is {full_amount}."
    )

    def takes(self, settings: MerchantReferralSettings, line: LineFacts) -> bool:
        """Goods of a seller whose referrer is still rewarded, and is not himself."""
        seller = line.seller
        return settings.enabled and line.is_plain and bool(seller.referrer) and seller.referrer != seller.member

    def award(self, settings: MerchantReferralSettings, line: LineFacts, sale: SaleFacts) -> Sequence[Award]:
        """The accrual of the seller's month."""
        return rules.accrual(settings, line)

    def period_award(self, settings: MerchantReferralSettings, shop: ShopPeriod) -> PeriodAward | None:
        """The part of the month's take."""
        return rules.month(settings, shop) if settings.enabled else None

    def explain_period(self, award: PeriodAward) -> Sentence:
        """Which seller, which month, how much."""
        return Sentence(
            _(
                "You brought “{shop}” in. The mall's take on its sales of {period} was {base_amount}; {rate_ppm} of it, at most what is promised, is {full_amount}; {paid_amount} was paid."
            )
        )
