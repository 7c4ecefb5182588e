"""Reads of billing: the price list; subscriptions; invoices."""

from billing.selectors.prices import PlanOnSale, current_version, of_version, plan_by_code, price_list, versions_of

__all__ = ["PlanOnSale", "current_version", "of_version", "plan_by_code", "price_list", "versions_of"]
