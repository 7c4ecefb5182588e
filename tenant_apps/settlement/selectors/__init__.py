"""Reads of settlement: awards, wallets, who got what on an order, the house, debts."""

from tenant_apps.settlement.selectors.awards import (
    PAGE_SIZE,
    AwardView,
    LineView,
    awards_of_member,
    awards_of_order,
    order_of_award,
    rule_word,
)
from tenant_apps.settlement.selectors.backtest import WINDOW_DAYS, Backtest, backtest
from tenant_apps.settlement.selectors.debts import Debt, DebtCause, debt_causes, debt_of_member, open_debts
from tenant_apps.settlement.selectors.house import HouseLine, HouseSummary, house_entries, house_lines, house_summary
from tenant_apps.settlement.selectors.listing import (
    AwardFilter,
    AwardTotals,
    award_views,
    every_award,
    found_awards,
    kinds,
    totals,
)
from tenant_apps.settlement.selectors.periods import MonthView, months
from tenant_apps.settlement.selectors.tracing import (
    OrderTrace,
    Reader,
    TracedAward,
    award_told,
    order_of_document,
    trace_of_owner,
    trace_order,
)
from tenant_apps.settlement.selectors.wallets import (
    Earnings,
    ModeEarnings,
    WalletEntry,
    WalletSummary,
    earnings,
    wallet_entries,
    wallet_summary,
)

__all__ = [
    "PAGE_SIZE",
    "WINDOW_DAYS",
    "AwardFilter",
    "AwardTotals",
    "AwardView",
    "Backtest",
    "Debt",
    "DebtCause",
    "Earnings",
    "HouseLine",
    "HouseSummary",
    "LineView",
    "ModeEarnings",
    "MonthView",
    "OrderTrace",
    "Reader",
    "TracedAward",
    "WalletEntry",
    "WalletSummary",
    "award_told",
    "award_views",
    "awards_of_member",
    "awards_of_order",
    "backtest",
    "debt_causes",
    "debt_of_member",
    "earnings",
    "every_award",
    "found_awards",
    "house_entries",
    "house_lines",
    "house_summary",
    "kinds",
    "months",
    "open_debts",
    "order_of_award",
    "order_of_document",
    "rule_word",
    "totals",
    "trace_of_owner",
    "trace_order",
    "wallet_entries",
    "wallet_summary",
]
