"""Coupons by the real services."""

import datetime as dt

from tenant_apps.members.models import Member
from tenant_apps.promotions import services
from tenant_apps.promotions.flash import FlashDraft
from tenant_apps.promotions.models import Coupon
from tenant_apps.promotions.rules import CouponDraft

CLERK = "user:clerk"


def coupon(*, now: dt.datetime, **changes: object) -> Coupon:
    """A coupon of the mall: 10.00 off from goods of 50.00, running for thirty days."""
    values: dict[str, object] = {
        "title": "满50减10",
        "amount": 1_000,
        "threshold_amount": 5_000,
        "starts_at": now - dt.timedelta(minutes=1),
        "ends_at": now + dt.timedelta(days=30),
    }
    return services.make_coupon(draft=CouponDraft(**{**values, **changes}), actor=CLERK, now=now)  # type: ignore[arg-type]


def taken(member: Member, *, now: dt.datetime, **changes: object) -> str:
    """The ULID of a coupon in a member's hands."""
    return services.take_coupon(coupon_ulid=coupon(now=now, **changes).ulid, member=member, now=now).ulid


def flash_sale(key: str, *, now: dt.datetime, price: int = 1_000, by_seller: bool = False, **changes: object) -> Coupon:
    """A running flash sale of an offer: five pieces, two a person, for two hours."""
    values: dict[str, object] = {
        "title": "限时抢购",
        "key": key,
        "price_amount": price,
        "by_seller": by_seller,
        "starts_at": now - dt.timedelta(minutes=1),
        "ends_at": now + dt.timedelta(hours=2),
        "total_qty": 5,
        "person_limit": 2,
    }
    return services.make_flash_sale(draft=FlashDraft(**{**values, **changes}), actor=CLERK, now=now)  # type: ignore[arg-type]
