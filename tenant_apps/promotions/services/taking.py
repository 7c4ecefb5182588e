"""A member takes a coupon: numbers are handed out under the coupon's row lock, by one conditional statement."""

import datetime as dt

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from saas.kernel.errors import DomainError
from saas.kernel.ids import new_ulid
from tenant_apps.members import services as members
from tenant_apps.members.models import Member
from tenant_apps.promotions import selectors
from tenant_apps.promotions.models import Coupon, MemberCoupon
from tenant_apps.promotions.rules import BY_ITSELF


class CouponsGone(DomainError):
    """Not on offer: all taken, not begun, over or ended."""

    code = "coupons_gone"
    message = _("“{title}” is not to be had any more.")  # type: ignore[assignment]


class CouponTaken(DomainError):
    """The member has as many as one person may take."""

    code = "coupon_taken"
    message = _("You have taken “{title}” already; the limit is {limit} a person.")  # type: ignore[assignment]


class CouponNotForYou(DomainError):
    """The coupon is for others."""

    code = "coupon_not_for_you"
    http_status = 403
    message = _("“{title}” is for partners, or for members after their first purchase.")  # type: ignore[assignment]


def take_coupon(*, coupon_ulid: str, member: Member, now: dt.datetime) -> MemberCoupon:
    """The next number of a coupon for a member. Raises NotFound, CouponsGone, CouponTaken, CouponNotForYou."""
    with transaction.atomic():
        row = selectors.coupon(coupon_ulid)
        if not selectors.may_take(row, member, now=now):
            raise CouponNotForYou(title=row.title)
        free = Coupon.objects.filter(pk=row.pk, ended_at=None, starts_at__lte=now, ends_at__gt=now)
        free = free.exclude(kind__in=BY_ITSELF)  # these are not taken: they apply
        if not free.filter(taken_qty__lt=F("total_qty")).update(taken_qty=F("taken_qty") + 1):
            raise CouponsGone(title=row.title)
        row.refresh_from_db()  # its row is ours until the transaction ends: the counts below are true
        has = MemberCoupon.objects.filter(coupon=row, member=member).count()
        if has >= row.person_limit:
            raise CouponTaken(title=row.title, limit=row.person_limit)
        until = now + dt.timedelta(days=row.valid_days) if row.valid_days else row.ends_at
        made = MemberCoupon(
            ulid=new_ulid(),
            coupon=row,
            member=member,
            seller_ulid=row.seller_ulid,
            number=row.taken_qty,
            person_number=has + 1,
            taken_at=now,
            expires_at=until,
        )
        made.save(force_insert=True)
        members.note_coupons(member=member)
    return made
