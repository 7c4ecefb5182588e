"""Shop growth behind the contract of modes."""

from collections.abc import Sequence
from typing import ClassVar

from tenant_apps.modes import rules as waterfall
from tenant_apps.modes.contract import (
    Award,
    BuyerFacts,
    Channel,
    LineFacts,
    OfferFacts,
    Problem,
    Quote,
    SaleFacts,
    Sentence,
    Told,
)
from tenant_apps.modes.contract import noop as _
from tenant_apps.modes.period_contract import PeriodAward, ShopPeriod
from tenant_apps.modes.shop_growth import rules
from tenant_apps.modes.shop_growth.settings import ShopGrowthSettings


class ShopGrowth:
    """MODES 12."""

    key: ClassVar[str] = "shop_growth"
    label: ClassVar[str] = _("Shop growth")
    settings = ShopGrowthSettings
    replaces: ClassVar[frozenset[str]] = frozenset()

    def takes(self, settings: ShopGrowthSettings, line: LineFacts) -> bool:
        """Goods of sellers who pay a take."""
        return settings.enabled and line.is_plain and bool(line.seller.id) and line.seller.rate_ppm > 0

    def quote(self, settings: ShopGrowthSettings, offer: OfferFacts, buyer: BuyerFacts) -> Quote:
        """The price stays as it is."""
        return Quote(unit_price=offer.list_price)

    def award(self, settings: ShopGrowthSettings, line: LineFacts, sale: SaleFacts) -> Sequence[Award]:
        """The accrual of the shop's month."""
        return rules.accrual(settings, line)

    def claw_back(self, amount: int, paid: int, refunded: int, taken: int) -> int:
        """The common formula."""
        return waterfall.claw_back(amount, paid, refunded, taken)

    def validate(self, settings: ShopGrowthSettings, channel: Channel) -> Sequence[Problem]:
        """Nothing to say: the mall gives back a part of its own take."""
        return ()

    def explain(self, award: Award, told: Told) -> Sentence:
        """What was set aside, and for what."""
        return Sentence(
            _(
                "Set aside from “{product}” (order {order}) for the shop's fee return of the month: {rate_ppm} of the take of {base_amount} is {full_amount}."
            ),
            {
                "product": told.product,
                "order": told.order,
                "rate_ppm": award.rate_ppm,
                "base_amount": award.base_amount,
                "full_amount": award.full_amount,
            },
        )

    def period_award(self, settings: ShopGrowthSettings, shop: ShopPeriod) -> PeriodAward | None:
        """The part of the month's take that the shop's level has back."""
        return rules.month(settings, shop) if settings.enabled else None

    def explain_period(self, award: PeriodAward) -> Sentence:
        """The level and what it gives back."""
        return Sentence(
            _(
                "“{shop}” ended {period} at level {level}, which has {rate_ppm} of its take back: {full_amount} of {base_amount}; {paid_amount} was credited for service fees. Points noted for a promotion: {points}."
            )
        )
