"""The one question about a plan, asked in control: from its own book, with the verdict that a cell gives from its copy."""

from django.conf import settings

from billing.selectors import accounts
from saas.tenants import entitled


def require(mall: str, feature: str, amount: int = 1, *, used: int = 0) -> None:
    """Raise unless the mall's plan allows `amount` more of `feature`. A mall without a subscription has no limit.

    Raises PlanLimitReached, NotInPlan, MallRestricted (saas.tenants.entitled).
    """
    subscription = accounts.subscription_or_none(mall)
    if subscription is not None:
        url = f"{settings.CONTROL_ORIGIN}/account/malls/{mall}/subscription"
        entitled.judge(subscription.entitlements, feature, amount, used=used, url=url)
