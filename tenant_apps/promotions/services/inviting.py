"""Coupons that an invitation brings: to who was invited, to who invited him; once each, taken back with the order."""

import datetime as dt
from collections.abc import Mapping

from django.db import transaction
from django.db.models import Case, Value, When

from saas.identity import audit
from saas.kernel.clock import CHINA
from saas.kernel.ids import new_ulid
from saas.messaging.notices import services as notices
from tenant_apps.members import selectors as members
from tenant_apps.members import services as member_services
from tenant_apps.members.models import Member
from tenant_apps.modes import selectors as modes
from tenant_apps.promotions import selectors
from tenant_apps.promotions.models import Coupon, MemberCoupon
from tenant_apps.promotions.rules import TO_INVITER, Audience, CouponState

REGISTERED = (Audience.INVITED_REGISTERED, Audience.INVITER_REGISTERED)
PAID = (Audience.INVITED_PAID, Audience.INVITER_PAID)


def give_for_registration(*, invited_ulid: str, now: dt.datetime) -> list[MemberCoupon]:
    """Somebody came by another's link and has registered: what that brings both; nothing where nobody invited him."""
    return _give(invited_ulid, REGISTERED, "", now)


def give_for_first_order(*, invited_ulid: str, order_ulid: str, now: dt.datetime) -> list[MemberCoupon]:
    """Somebody who was invited has paid his first order: what that brings both. Orders say which is the first."""
    return _give(invited_ulid, PAID, order_ulid, now)


def take_back_given(*, order_ulid: str, now: dt.datetime) -> int:
    """The order was refunded whole: what it brought is void unless it has been used; how many."""
    rows = MemberCoupon.objects.filter(cause_order=order_ulid, revoked_at=None).exclude(state=CouponState.USED)
    with transaction.atomic():
        found = list(rows.select_for_update().values_list("ulid", "coupon__title"))
        for ulid, title in found:
            audit.record("system", "coupon.revoked", target=f"coupon:{ulid}", title=title, order=order_ulid)
        state = Case(
            When(state=CouponState.TAKEN.value, then=Value(CouponState.VOID.value)),
            default=Value(CouponState.RESERVED.value),
        )
        MemberCoupon.objects.filter(ulid__in=[ulid for ulid, _title in found]).update(state=state, revoked_at=now)
    return len(found)


def _give(invited_ulid: str, audiences: tuple[Audience, ...], order_ulid: str, now: dt.datetime) -> list[MemberCoupon]:
    running = [row for row in selectors.by_invitation(now=now) if row.audience in audiences]
    if not running:
        return []
    invited = members.member_by_ulid(invited_ulid)
    inviter = invited.referrer or invited.candidate
    if inviter is None or inviter.pk == invited.pk:
        return []
    with transaction.atomic():
        made = [
            one
            for row in sorted(running, key=lambda row: row.pk)  # rows are locked in one order everywhere
            if (one := _give_one(row.pk, inviter if row.audience in TO_INVITER else invited, invited, order_ulid, now))
        ]
    return made


def _give_one(coupon_id: int, owner: Member, invited: Member, order_ulid: str, now: dt.datetime) -> MemberCoupon | None:
    """A number of the coupon for `owner`; None where he has had it for this invitation, or a limit is reached."""
    row = Coupon.objects.select_for_update().get(pk=coupon_id)
    given = MemberCoupon.objects.filter(coupon=row)
    if (
        row.ended_at is not None
        or row.taken_qty >= row.total_qty
        or owner.closed_at is not None
        or given.filter(invited_ulid=invited.ulid).exists()
    ):
        return None
    has = given.filter(member=owner)
    number = has.count()
    midnight = now.astimezone(CHINA).replace(hour=0, minute=0, second=0, microsecond=0)
    if number >= row.person_limit or (row.day_limit and has.filter(taken_at__gte=midnight).count() >= row.day_limit):
        return None
    row.taken_qty += 1
    row.save(update_fields=["taken_qty"])
    made = MemberCoupon(
        ulid=new_ulid(),
        coupon=row,
        member=owner,
        seller_ulid=row.seller_ulid,
        number=row.taken_qty,
        person_number=number + 1,
        taken_at=now,
        expires_at=now + dt.timedelta(days=row.valid_days) if row.valid_days else row.ends_at,
        invited_ulid=invited.ulid,
        cause_order=order_ulid,
    )
    made.save(force_insert=True)
    member_services.note_coupons(member=owner)
    audit.record("system", "coupon.given", target=f"coupon:{made.ulid}", title=row.title, member=owner.ulid)
    _tell(owner, {"coupon": row.title}, made.ulid, now)
    return made


def _tell(owner: Member, context: Mapping[str, str], key: str, now: dt.datetime) -> None:
    """A text message, where the mall has switched on those about orders; the coupon itself lies under Mine, Coupons."""
    pinned = modes.current_settings(mode="orders", now=now)
    if pinned is not None and pinned.values.order_texts and owner.user.phone:
        notices.send_notice(kind="coupon_given", to_phone=owner.user.phone, context=context, key=f"coupon_given:{key}")
