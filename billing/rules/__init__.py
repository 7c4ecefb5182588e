"""Pure rules of billing: plans, entitlements, periods, proration, states, dunning, fees, invoices."""

from billing.rules.plans import EXTRAS, SEEDS, ExtraSeed, Period, PlanFeatures, PlanSeed

__all__ = ["EXTRAS", "SEEDS", "ExtraSeed", "Period", "PlanFeatures", "PlanSeed"]
