"""The manager award behind the contract of modes."""

from collections.abc import Sequence
from typing import ClassVar

from tenant_apps.modes.accruing import Accruing
from tenant_apps.modes.contract import Award, LineFacts, SaleFacts, Sentence
from tenant_apps.modes.contract import noop as _
from tenant_apps.modes.manager_award import rules
from tenant_apps.modes.manager_award.settings import ManagerAwardSettings
from tenant_apps.modes.period_contract import PeriodAward, ShopPeriod


class ManagerAward(Accruing[ManagerAwardSettings]):
    """MODES 9c."""

    key: ClassVar[str] = "manager_award"
    label: ClassVar[str] = _("Manager award")
    settings = ManagerAwardSettings
    set_aside: ClassVar[str] = _(
        "Set aside from “{product}” (order {order}) for the shop manager's award of the month: {rate_ppm} of {base_amount} is {full_amount}."
    )

    def takes(self, settings: ManagerAwardSettings, line: LineFacts) -> bool:
        """Goods that a store (or any seller) sells himself."""
        if not settings.enabled or not line.is_plain or not line.seller.id:
            return False
        return bool(line.seller.store) or not settings.stores_only

    def award(self, settings: ManagerAwardSettings, line: LineFacts, sale: SaleFacts) -> Sequence[Award]:
        """The accrual of the shop's month."""
        return rules.accrual(settings, line)

    def period_award(self, settings: ManagerAwardSettings, shop: ShopPeriod) -> PeriodAward | None:
        """The tier rate of the month's turnover."""
        if not settings.enabled or (settings.stores_only and not shop.store):
            return None
        return rules.month(settings, shop)

    def explain_period(self, award: PeriodAward) -> Sentence:
        """The tier of the month."""
        return Sentence(
            _(
                "“{shop}” sold {base_amount} itself in {period}: the tier of this turnover is {rate_ppm}, which is {full_amount}; {paid_amount} was paid out of what the sales had set aside."
            )
        )
