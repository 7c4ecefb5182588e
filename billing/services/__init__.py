"""Writes of billing, by use case."""

from billing.services.plans import ensure_plans, publish_version
from billing.services.subscriptions import start_subscription

__all__ = ["ensure_plans", "publish_version", "start_subscription"]
