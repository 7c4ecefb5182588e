"""Levels of shops and what they have back of the take (MODES 12). Pure."""

from saas.kernel.money import pct
from tenant_apps.modes import accruing
from tenant_apps.modes.contract import Award, LineFacts
from tenant_apps.modes.period_contract import PeriodAward, PeriodPayee, ShopPeriod
from tenant_apps.modes.shop_growth.settings import ShopGrowthSettings


def level_of(settings: ShopGrowthSettings, shop: ShopPeriod) -> int:
    """The shop's level at the month's end: by turnover, never promoted on a low score or with an open violation."""
    reached = 1 + sum(1 for start in settings.level_from_fen if shop.rolling_turnover >= start)
    may_rise = shop.score_ppm >= settings.min_score_ppm and not shop.has_violation
    return reached if may_rise else min(reached, shop.level)


def rate_of(settings: ShopGrowthSettings, level: int) -> int:
    """The part of the take that a level has back; nothing at level 1."""
    if level <= 1:
        return 0
    return settings.return_ppm[min(level - 2, len(settings.return_ppm) - 1)]


def points_of(settings: ShopGrowthSettings, before: int, after: int) -> int:
    """Points noted for a promotion: those of each level that was reached."""
    return sum(settings.promotion_points[before - 1 : after - 1])


def accrual(settings: ShopGrowthSettings, line: LineFacts) -> tuple[Award, ...]:
    """What a sale sets aside for its shop's month: the highest part of the take, floored."""
    return accruing.accrual("shop_growth", line, base_amount=accruing.fee_of(line), rate_ppm=max(settings.return_ppm))


def month(settings: ShopGrowthSettings, shop: ShopPeriod) -> PeriodAward:
    """The month's return, credited to the shop, and its level from now on."""
    level, fee = level_of(settings, shop), max(0, shop.fee)
    rate = rate_of(settings, level)
    return PeriodAward(
        payee=shop.seller,
        payee_kind=PeriodPayee.CREDIT,
        base_amount=fee,
        rate_ppm=rate,
        amount=pct(fee, rate),
        level=level,
        data={"level": level, "points": points_of(settings, shop.level, level)},
    )
