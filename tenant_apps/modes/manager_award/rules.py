"""The tier of a month's turnover (MODES 9c): whole-turnover method, direct sales of the shop alone. Pure."""

from saas.kernel.money import pct
from tenant_apps.modes import accruing
from tenant_apps.modes.contract import Award, LineFacts
from tenant_apps.modes.manager_award.settings import ManagerAwardSettings
from tenant_apps.modes.period_contract import PeriodAward, ShopPeriod


def tier_rate(settings: ManagerAwardSettings, turnover: int) -> int:
    """The rate of the highest tier that the turnover reaches; 0 below the first."""
    tiers = zip(settings.tier_from_fen, settings.tier_rate_ppm, strict=True)
    return max((rate for start, rate in tiers if turnover >= start), default=0)


def accrual(settings: ManagerAwardSettings, line: LineFacts) -> tuple[Award, ...]:
    """What a sale sets aside for its shop's month: the highest rate of the paid money, floored."""
    return accruing.accrual("manager_award", line, base_amount=line.cash, rate_ppm=max(settings.tier_rate_ppm))


def month(settings: ManagerAwardSettings, shop: ShopPeriod) -> PeriodAward | None:
    """What the manager earns for a month; None without a manager, or below the first tier."""
    turnover = max(0, shop.turnover)
    rate = tier_rate(settings, turnover)
    amount = pct(turnover, rate)
    if not amount or not shop.manager:
        return None
    return PeriodAward(payee=shop.manager, base_amount=turnover, rate_ppm=rate, amount=amount)
