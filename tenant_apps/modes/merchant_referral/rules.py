"""The reward for bringing in a seller (MODES 12): one level, never to himself, out of the mall's take alone. Pure."""

from saas.kernel.money import pct
from tenant_apps.modes import accruing
from tenant_apps.modes.contract import Award, LineFacts
from tenant_apps.modes.merchant_referral.settings import MerchantReferralSettings
from tenant_apps.modes.period_contract import PeriodAward, ShopPeriod


def accrual(settings: MerchantReferralSettings, line: LineFacts) -> tuple[Award, ...]:
    """What a sale sets aside for the month of the seller: the part of the take, floored."""
    return accruing.accrual("merchant_referral", line, base_amount=accruing.fee_of(line), rate_ppm=settings.rate_ppm)


def month(settings: MerchantReferralSettings, shop: ShopPeriod) -> PeriodAward | None:
    """What the referrer has for a month: the part of its take, or what is left of the fixed sum; None: nothing."""
    fee = max(0, shop.fee)
    if not shop.referrer or shop.referrer == shop.manager:
        return None
    if shop.turnover_before + shop.turnover < settings.min_turnover_fen:
        return None
    share = pct(fee, settings.rate_ppm)
    amount = min(share, max(0, settings.fixed_fen - shop.paid_before)) if settings.fixed_fen else share
    if not amount:
        return None
    return PeriodAward(payee=shop.referrer, base_amount=fee, rate_ppm=settings.rate_ppm, amount=amount)
