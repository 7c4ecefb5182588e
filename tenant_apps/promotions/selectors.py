"""Reads of coupons: what is offered, what a member holds, how each one does."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.core.cache import cache
from django.db import transaction
from django.db.models import Count, Q, QuerySet, Sum

from saas.kernel.errors import NotFound
from tenant_apps.members import selectors as members
from tenant_apps.members.models import Member
from tenant_apps.modes import quoting
from tenant_apps.promotions.flash import FlashSale
from tenant_apps.promotions.models import Coupon, MemberCoupon
from tenant_apps.promotions.reductions import Reduction
from tenant_apps.promotions.rules import BY_INVITATION, BY_ITSELF, Audience, CouponKind, CouponState, Held, Scope

LIMIT = 200
CACHE_KEY = "promotions.reductions"  # False: the mall has none; the cache adds the mall
INVITATIONS = "promotions.invitations"  # as CACHE_KEY, of coupons that invitations bring
_CACHE_SECONDS = 600


@dataclass(frozen=True)
class Figures:
    """How a coupon does: numbers reserved and used, and what used ones took off (fen)."""

    reserved: int = 0
    used: int = 0
    used_amount: int = 0


def coupon(ulid: str, *, seller_ulid: str | None = None) -> Coupon:
    """One coupon, with `seller_ulid` only of that seller. Raises NotFound."""
    rows = Coupon.objects.filter(ulid=ulid)
    if seller_ulid is not None:
        rows = rows.filter(seller_ulid=seller_ulid)
    row = rows.first()
    if row is None:
        raise NotFound
    return row


def coupons(*, seller_ulid: str | None = None) -> QuerySet[Coupon]:
    """Every coupon and full reduction ever made, newest first; with `seller_ulid` his. Flash sales are a list of their own."""
    rows = Coupon.objects.exclude(kind=CouponKind.FLASH).order_by("-id")
    return rows if seller_ulid is None else rows.filter(seller_ulid=seller_ulid)


def figures(rows: Iterable[Coupon]) -> dict[int, Figures]:
    """By primary key, how coupons do."""
    used = Q(state=CouponState.USED)
    counted = (
        MemberCoupon.objects.filter(coupon__in=[row.pk for row in rows])
        .values("coupon_id")
        .annotate(
            reserved=Count("pk", filter=Q(state=CouponState.RESERVED)),
            used=Count("pk", filter=used),
            total=Sum("amount", filter=used, default=0),
        )
    )
    return {one["coupon_id"]: Figures(one["reserved"], one["used"], one["total"]) for one in counted}


def on_offer(*, now: dt.datetime) -> list[Coupon]:
    """What the coupon centre shows: running and not all taken, the soonest to end first."""
    rows = Coupon.objects.filter(ended_at=None, starts_at__lte=now, ends_at__gt=now)
    rows = rows.exclude(kind__in=BY_ITSELF).exclude(audience__in=BY_INVITATION).order_by("ends_at", "-id")
    return [row for row in rows[:LIMIT] if row.taken_qty < row.total_qty]


def by_itself(*, now: dt.datetime, coming: bool = False) -> list[Coupon]:
    """Full reductions and flash sales that apply now, the soonest to end first (one statement; none where the mall has
    none); `coming`: those of later as well.
    """
    if cache.get(CACHE_KEY) is False:
        return []
    rows = Coupon.objects.filter(kind__in=BY_ITSELF, ended_at=None, ends_at__gt=now).order_by("ends_at", "-id")
    found = list(rows[:LIMIT])
    if not found:
        cache.set(CACHE_KEY, False, _CACHE_SECONDS)
    return found if coming else [row for row in found if row.starts_at <= now]


def count_by_itself(*, now: dt.datetime) -> int:
    """How many full reductions and flash sales run or are to come: more than LIMIT would not all be seen."""
    return Coupon.objects.filter(kind__in=BY_ITSELF, ended_at=None, ends_at__gt=now).count()


def running_reductions(*, now: dt.datetime) -> list[Coupon]:
    """Full reductions that apply now, the soonest to end first (one statement; none where the mall has none)."""
    return [row for row in by_itself(now=now) if row.kind == CouponKind.STEPS]


def reductions(*, now: dt.datetime) -> list[Reduction]:
    """The same as the rules read them."""
    return [as_reduction(row) for row in running_reductions(now=now)]


def as_flash(row: Coupon) -> FlashSale:
    """A flash sale's terms as the rules read them."""
    key, product = row.scope_values
    return FlashSale(
        ulid=row.ulid,
        title=row.title,
        key=key,
        product_ulid=product,
        price_amount=row.amount,
        usual_amount=row.threshold_amount,
        seller_ulid=row.seller_ulid,
        left=row.total_qty - row.taken_qty,
        total_qty=row.total_qty,
        person_limit=row.person_limit,
        ends_at=row.ends_at,
    )


def flash_sales(rows: Iterable[Coupon]) -> dict[str, FlashSale]:
    """By the offer's key, the flash sales among what applies by itself; of two of one offer the lower price."""
    found: dict[str, FlashSale] = {}
    for one in sorted(as_flash_of(rows), key=lambda one: (-one.price_amount, one.ulid)):
        found[one.key] = one
    return found


def as_flash_of(rows: Iterable[Coupon]) -> list[FlashSale]:
    """The flash sales among these rows."""
    return [as_flash(row) for row in rows if row.kind == CouponKind.FLASH]


def flash_rows() -> QuerySet[Coupon]:
    """Every flash sale ever made, newest first."""
    return Coupon.objects.filter(kind=CouponKind.FLASH).order_by("-id")


def flash_of_seller(seller_ulid: str) -> QuerySet[Coupon]:
    """Every flash sale that a seller pays for, newest first."""
    return flash_rows().filter(seller_ulid=seller_ulid)


def flash_over(keys: Iterable[str], *, since: dt.datetime) -> Coupon | None:
    """A flash sale of one of these offers that is sold out, or over or ended since then; for a message."""
    wanted = set(keys)
    rows = Coupon.objects.filter(kind=CouponKind.FLASH, ends_at__gt=since).order_by("-id")
    return next((row for row in rows[:LIMIT] if row.scope_values[0] in wanted), None)


def as_reduction(row: Coupon) -> Reduction:
    """A full reduction's terms as the rules read them."""
    return Reduction(
        ulid=row.ulid,
        title=row.title,
        steps=tuple((least, off) for least, off in row.steps),
        seller_ulid=row.seller_ulid,
        scope=Scope(row.scope),
        scope_values=frozenset(row.scope_values),
    )


def forget_reductions() -> None:
    """One was made: a mall without any has one now."""
    cache.delete(CACHE_KEY)
    transaction.on_commit(lambda: cache.delete(CACHE_KEY), robust=True)


def by_invitation(*, now: dt.datetime) -> list[Coupon]:
    """Coupons that invitations bring now, the soonest to end first (one statement; none where the mall has none)."""
    if cache.get(INVITATIONS) is False:
        return []
    rows = Coupon.objects.filter(audience__in=BY_INVITATION, ended_at=None, ends_at__gt=now).order_by("ends_at", "-id")
    found = list(rows[:LIMIT])
    if not found:
        cache.set(INVITATIONS, False, _CACHE_SECONDS)
    return [row for row in found if row.starts_at <= now]


def forget_invitations() -> None:
    """One was made: a mall without any has one now."""
    cache.delete(INVITATIONS)
    transaction.on_commit(lambda: cache.delete(INVITATIONS), robust=True)


def taken_by(member: Member, rows: Iterable[Coupon]) -> dict[int, int]:
    """By primary key, how many of each a member has taken."""
    counted = MemberCoupon.objects.filter(member=member, coupon__in=[row.pk for row in rows])
    return dict(counted.values_list("coupon_id").annotate(Count("pk")))


def may_take(row: Coupon, member: Member, *, now: dt.datetime) -> bool:
    """Whether the coupon is meant for this member."""
    match Audience(row.audience):
        case Audience.ALL:
            return True
        case Audience.PARTNER:
            return quoting.level_of(member.level, member.level_until, now) == "partner"
        case Audience.FIRST_PURCHASE:
            return members.turnover(member.pk, since=dt.date(2000, 1, 1)).own_amount > 0
        case _:
            return False  # given for an invitation, never taken


def coupons_of(member: Member) -> list[MemberCoupon]:
    """A member's coupons, newest first."""
    return list(MemberCoupon.objects.filter(member=member).select_related("coupon").order_by("-id")[:LIMIT])


def held(member_ulid: str, *, ulids: Iterable[str] | None = None) -> list[Held]:
    """Coupons that a member could use now or could have used, as the rules read them; with `ulids` these alone."""
    rows = MemberCoupon.objects.filter(member__ulid=member_ulid, state=CouponState.TAKEN).select_related("coupon")
    rows = rows.order_by("-expires_at", "-id") if ulids is None else rows.filter(ulid__in=list(ulids)).order_by("pk")
    return [as_held(row.coupon, row.ulid, row.expires_at) for row in rows[:LIMIT]]


def as_held(row: Coupon, ulid: str, expires_at: dt.datetime) -> Held:
    """A coupon's terms as the rules read them."""
    return Held(
        ulid=ulid,
        title=row.title,
        seller_ulid=row.seller_ulid,
        kind=CouponKind(row.kind),
        amount=row.amount,
        off_ppm=row.off_ppm,
        cap_amount=row.cap_amount,
        threshold_amount=row.threshold_amount,
        scope=Scope(row.scope),
        scope_values=frozenset(row.scope_values),
        expires_at=expires_at,
    )
