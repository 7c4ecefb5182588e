"""Writes of settlement, one module an event of an order's money."""

from tenant_apps.settlement.services.accruals import PeriodAward, accrued, settle_period
from tenant_apps.settlement.services.ad_releases import book_ad_income, release_day
from tenant_apps.settlement.services.awarding import award_order
from tenant_apps.settlement.services.debts import net_debt
from tenant_apps.settlement.services.refunding import RefundBeyondPaid, apply_refund
from tenant_apps.settlement.services.releasing import EscrowNotEmpty, release_order
from tenant_apps.settlement.services.subsidy_actions import decide_action, prepare_action
from tenant_apps.settlement.services.subsidy_periods import PeriodNotDue, PeriodRunning, run_period
from tenant_apps.settlement.services.subsidy_vouchers import draw_vouchers, expire_voucher, look_at_vouchers

__all__ = [
    "EscrowNotEmpty",
    "PeriodAward",
    "PeriodNotDue",
    "PeriodRunning",
    "RefundBeyondPaid",
    "accrued",
    "apply_refund",
    "award_order",
    "book_ad_income",
    "decide_action",
    "draw_vouchers",
    "expire_voucher",
    "look_at_vouchers",
    "net_debt",
    "prepare_action",
    "release_day",
    "release_order",
    "run_period",
    "settle_period",
]
