"""The one verdict on what a plan allows, with its refusals. A cell asks it of its copy (malls.limits), control of its own book."""

from collections.abc import Callable, Mapping

from django.utils.translation import gettext_lazy as _

from saas.kernel.errors import DomainError
from saas.tenants.malls.rules import fits

_WORDS = {"staff_max": _("staff accounts"), "products_max": _("products"), "sms_month_max": _("text messages a month")}


_SOFT = {
    "storage_mb": _("pictures and files"),
    "traffic_month_gb": _("this month’s traffic"),
    "orders_month_max": _("this month’s orders"),
}
GRACE_OVER = "grace_over"


class PlanLimitReached(DomainError):
    """The plan allows no more of it. `url`: where the vendor chooses a larger plan."""

    code = "plan_limit_reached"
    http_status = 403
    message = _("Your plan allows {limit} {what}, and {used} are in use. A larger plan allows more.")


class NotInPlan(DomainError):
    """The plan does not have the feature."""

    code = "not_in_plan"
    http_status = 403
    message = _("This is not part of your plan. A larger plan has it.")


class MallRestricted(DomainError):
    """An invoice is overdue: the mall sells on, but nothing is added to it."""

    code = "mall_restricted"
    http_status = 403
    message = _("An invoice of your mall is overdue. Until it is paid nothing can be added.")


class PlanUsedUp(DomainError):
    """More is used than the plan allows, and the days of grace are over: the mall sells on, but nothing is added to it."""

    code = "plan_used_up"
    http_status = 403
    message = _(
        "Your mall uses more than its plan allows ({what}), and the days of grace are over. It sells on, but nothing can be added until it fits again; a larger plan or an extra helps at once."
    )


def judge(
    values: Mapping[str, object],
    feature: str,
    amount: int = 1,
    *,
    used: Callable[[], int] | int = 0,
    url: str,
    adds: bool = True,
) -> None:
    """Raise unless `values` allow `amount` more of `feature`. What was never told has no limit.

    `adds`: something is added to the mall, which a restricted one may not; without it the mall uses what it has.

    Raises PlanLimitReached, NotInPlan, MallRestricted, PlanUsedUp.
    """
    if adds and values.get("restricted") is True:
        raise MallRestricted(url=url)
    if adds:
        judge_grace(values, url=url)
    limit = values.get(feature)
    in_use = used() if callable(used) else used
    if fits(limit, used=in_use, amount=amount):
        return
    if isinstance(limit, bool):
        raise NotInPlan(url=url)
    raise PlanLimitReached(limit=limit, used=in_use, what=_WORDS.get(feature, feature), url=url)


def judge_grace(values: Mapping[str, object], *, url: str) -> None:
    """Raise PlanUsedUp if the days of grace of anything are over."""
    over = values.get(GRACE_OVER)
    if isinstance(over, list) and over:
        raise PlanUsedUp(what=", ".join(str(_SOFT.get(one, one)) for one in over), url=url)
