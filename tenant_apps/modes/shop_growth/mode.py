"""Shop growth behind the contract of modes."""

from collections.abc import Sequence
from typing import ClassVar

from tenant_apps.modes.accruing import Accruing
from tenant_apps.modes.contract import Award, LineFacts, SaleFacts, Sentence
from tenant_apps.modes.contract import noop as _
from tenant_apps.modes.period_contract import PeriodAward, ShopPeriod
from tenant_apps.modes.shop_growth import rules
from tenant_apps.modes.shop_growth.settings import ShopGrowthSettings


class ShopGrowth(Accruing[ShopGrowthSettings]):
    """MODES 12."""

    key: ClassVar[str] = "shop_growth"
    label: ClassVar[str] = _("Shop growth")
    settings = ShopGrowthSettings
    set_aside: ClassVar[str] = _(
        "Set aside from “{product}” (order {order}) for the shop's fee return of the month: {rate_ppm} of the take of {base_amount} is {full_amount}."
    )

    def takes(self, settings: ShopGrowthSettings, line: LineFacts) -> bool:
        """Goods of sellers who pay a take."""
        return settings.enabled and line.is_plain and bool(line.seller.id) and line.seller.rate_ppm > 0

    def award(self, settings: ShopGrowthSettings, line: LineFacts, sale: SaleFacts) -> Sequence[Award]:
        """The accrual of the shop's month."""
        return rules.accrual(settings, line)

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
