"""Reads of settlement: awards, wallets, who got what on an order, the house, debts."""

from tenant_apps.settlement.selectors.awards import PAGE_SIZE, AwardView, LineView, awards_of_member, awards_of_order
from tenant_apps.settlement.selectors.wallets import WalletEntry, WalletSummary, wallet_entries, wallet_summary

__all__ = [
    "PAGE_SIZE",
    "AwardView",
    "LineView",
    "WalletEntry",
    "WalletSummary",
    "awards_of_member",
    "awards_of_order",
    "wallet_entries",
    "wallet_summary",
]
