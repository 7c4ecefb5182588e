"""Pure rules of billing: plans, entitlements, periods, proration, states, dunning, fees, invoices."""

from billing.rules.plans import SEEDS, Period, PlanFeatures, PlanSeed

__all__ = ["SEEDS", "Period", "PlanFeatures", "PlanSeed"]
