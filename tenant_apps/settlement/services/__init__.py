"""Writes of settlement, one module an event of an order's money."""

from tenant_apps.settlement.services.accruals import PeriodAward, accrued, settle_period
from tenant_apps.settlement.services.ad_releases import book_ad_income, release_day
from tenant_apps.settlement.services.awarding import award_order
from tenant_apps.settlement.services.debts import net_debt
from tenant_apps.settlement.services.refunding import RefundBeyondPaid, apply_refund
from tenant_apps.settlement.services.releasing import EscrowNotEmpty, release_order

__all__ = [
    "EscrowNotEmpty",
    "PeriodAward",
    "RefundBeyondPaid",
    "accrued",
    "apply_refund",
    "award_order",
    "book_ad_income",
    "net_debt",
    "release_day",
    "release_order",
    "settle_period",
]
