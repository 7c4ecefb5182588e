"""The one question a mall asks of its plan: may it have more of this? Answered from the cell's own copy (SCALE 4.11)."""

from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.db import connection
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from saas.kernel.errors import DomainError
from saas.tenants.entitled import (
    GRACE_OVER,
    MallRestricted,
    NotInPlan,
    PlanLimitReached,
    PlanUsedUp,
    judge,
    judge_grace,
)
from saas.tenants.malls import selectors
from saas.tenants.malls.activation import active_mall
from saas.tenants.malls.models import Mall

__all__ = [
    "MallRestricted",
    "NotInPlan",
    "PlanLimitReached",
    "PlanUsedUp",
    "VendorNotVerified",
    "check",
    "check_upload",
    "require_verified",
]


CHECKLIST = "launch_checklist"


class VendorNotVerified(DomainError):
    """Before the vendor's company is verified the mall stays in rehearsal."""

    code = "vendor_not_verified"
    http_status = 403
    message = _("Your company is not verified yet. Hand in its licence in your account; then the mall can open.")


@dataclass(frozen=True)
class OpenItem:
    """Something open on the mall's launch checklist in the vendor's account. `blocks`: it keeps the mall closed."""

    key: str
    title: str
    blocks: bool
    link: str


def open_items(mall: Mall) -> list[OpenItem]:
    """What control told of the mall's launch checklist, in the reader's language; never told: nothing."""
    value = selectors.entitlement(mall, CHECKLIST)
    tail = "_en" if (get_language() or "").startswith("en") else ""
    link = f"{settings.CONTROL_ORIGIN}/account/malls/{mall.ulid}"
    return [
        OpenItem(one["key"], one[f"title{tail}"], bool(one["blocks"]), f"{link}#item-{one['key']}")
        for one in (value if isinstance(value, list) else [])
    ]


def require_verified(mall: Mall) -> None:
    """Raise VendorNotVerified unless control counts the mall's vendor as verified. Never told: verified."""
    if selectors.entitlement(mall, "vendor_verified", True) is False:
        raise VendorNotVerified(url=f"{settings.CONTROL_ORIGIN}/account/verification")


def texts_a_month() -> int | None:
    """How many text messages the active mall's plan allows a calendar month; None: no limit, or control never said."""
    found = selectors.entitlement(active_mall(), "sms_month_max")
    return found if isinstance(found, int) and not isinstance(found, bool) else None


def check_text(*, used: int, kept_back: int) -> None:
    """Raise PlanLimitReached unless the plan allows one more text message this month, `kept_back` being left then.

    A restricted mall sells on, so its messages go out.
    """
    check("sms_month_max", 1 + kept_back, used=used, adds=False)


def check(
    feature: str,
    amount: int = 1,
    *,
    used: Callable[[], int] | int = 0,
    mall: Mall | None = None,
    adds: bool = True,
) -> None:
    """Raise unless the mall (the active one) may have `amount` more of `feature`, `used` being in use now.

    `adds` False: nothing is added to the mall, it uses up a quota, which a restricted mall may.

    Inside a transaction two who ask for the last one are taken in turn, so count `used` after the lock: pass a callable.
    Raises PlanLimitReached, NotInPlan, MallRestricted, PlanUsedUp. A feature that control never sent has no limit.
    """
    place = mall or active_mall()
    _one_after_the_other(place, feature)
    known = selectors.entitlements(place, (feature, "restricted", GRACE_OVER))
    judge(known, feature, amount, used=used, url=_plan_page(place), adds=adds)


def check_upload() -> None:
    """Raise PlanUsedUp if the active mall may keep no more files of its own. Shoppers' papers are never asked."""
    place = active_mall()
    judge_grace(selectors.entitlements(place, (GRACE_OVER,)), url=_plan_page(place))


def _plan_page(mall: Mall) -> str:
    return f"{settings.CONTROL_ORIGIN}/account/malls/{mall.ulid}/subscription"


def _one_after_the_other(mall: Mall, feature: str) -> None:
    if connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 2))", [f"limit:{mall.ulid}:{feature}"])
