"""The life of a taken coupon: reserved at placing, consumed at payment, released on cancel, back after a full refund.

Called by orders inside their own transactions. Each is one conditional statement, so a repeat changes nothing.
"""

import datetime as dt
from collections.abc import Mapping

from django.db import transaction
from django.db.models import Case, Value, When
from django.db.models.functions import Greatest
from django.utils.translation import gettext_lazy as _

from saas.kernel.errors import DomainError
from tenant_apps.promotions.models import MemberCoupon
from tenant_apps.promotions.rules import RETURNED_DAYS, CouponState


class CouponInUse(DomainError):
    """The coupon is held or used by another purchase, expired, or not the member's."""

    code = "coupon_in_use"
    message = _("The coupon is used by another order, or has expired. Please choose again.")  # type: ignore[assignment]


# What a coupon is that comes back: free, or void where what it was given for is gone meanwhile.
_FREE = Case(When(revoked_at=None, then=Value(CouponState.TAKEN.value)), default=Value(CouponState.VOID.value))


def reserve(*, member_ulid: str, amounts: Mapping[str, int], document: str, now: dt.datetime) -> None:
    """Keep coupons (ULID → fen they take off) for the purchase paid under `document`; all or none. Raises CouponInUse."""
    with transaction.atomic():
        for ulid in sorted(amounts):  # rows are locked in one order everywhere
            free = MemberCoupon.objects.filter(
                ulid=ulid, member__ulid=member_ulid, state=CouponState.TAKEN, expires_at__gt=now
            )
            if not free.update(state=CouponState.RESERVED, document=document, amount=amounts[ulid]):
                raise CouponInUse


def consume(*, document: str, now: dt.datetime) -> int:
    """The purchase is paid: its coupons are used; how many."""
    rows = MemberCoupon.objects.filter(document=document, state=CouponState.RESERVED)
    return rows.update(state=CouponState.USED, used_at=now)


def release(*, document: str) -> int:
    """The purchase was given up unpaid: its coupons are free again, with their old end; how many."""
    rows = MemberCoupon.objects.filter(document=document, state=CouponState.RESERVED)
    return rows.update(state=_FREE, document="", amount=0)


def give_back(*, document: str, now: dt.datetime) -> int:
    """All of the purchase has been refunded: its coupons can be used again, for a week at least; how many."""
    rows = MemberCoupon.objects.filter(document=document, state=CouponState.USED)
    until = Greatest("expires_at", Value(now + dt.timedelta(days=RETURNED_DAYS)))
    return rows.update(state=_FREE, document="", amount=0, used_at=None, expires_at=until)
