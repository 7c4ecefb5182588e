"""Coupons on the checkout page: what the member may choose, what is chosen, why others are not."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.http import QueryDict

from tenant_apps.members.models import Member
from tenant_apps.orders import services
from tenant_apps.orders.services import CouponChoice
from tenant_apps.sellers import selectors as sellers


@dataclass(frozen=True)
class Group:
    """The usable coupons of one giver; one of them may be used. Without a name: the mall's."""

    name: str
    options: list[CouponChoice]


@dataclass(frozen=True)
class Offered:
    """What the page shows: groups to choose from, the ULIDs in use, and the rest with reasons."""

    groups: list[Group]
    used: Sequence[str]
    others: list[CouponChoice]


def chosen(posted: QueryDict) -> list[str]:
    """The coupons that the form names."""
    return list(dict.fromkeys(value[:26] for value in posted.getlist("coupon")[:30] if value))


def offered(
    posted: QueryDict, quote: services.CheckoutQuote, member: Member, now: dt.datetime, *, again: bool
) -> Offered:
    """The member's coupons for a quote made without any. Used are those chosen; before a choice, and where an order was
    just refused (`again`), those that together take most off.
    """
    if not member.has_coupons:  # most have none: no statement for them
        return Offered([], (), [])
    choices = services.coupon_choices(quote.lines, member_ulid=member.ulid, now=now)
    usable = [one for one in choices if not one.reason]
    names = sellers.names(one.coupon.seller_ulid for one in usable) if any(o.coupon.seller_ulid for o in usable) else {}
    givers = dict.fromkeys(one.coupon.seller_ulid for one in usable)
    groups = [Group(names.get(ulid, ""), [o for o in usable if o.coupon.seller_ulid == ulid]) for ulid in givers]
    known = {one.coupon.ulid: one.coupon.seller_ulid for one in usable}
    wanted = [ulid for ulid in chosen(posted) if ulid in known]
    if "coupons" in posted and not again and len({known[ulid] for ulid in wanted}) == len(wanted):
        used = wanted
    else:
        used = [one.coupon.ulid for one in usable if one.is_best]
    return Offered(groups, used, [one for one in choices if one.reason])
