"""Reads of memberships: terms of a member, what giving one back is worth, how many partners there are."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import QuerySet, Sum

from tenant_apps.catalog.models import Sku
from tenant_apps.catalog.rules import ProductKind, ProductStatus
from tenant_apps.modes.partner_membership import rules
from tenant_apps.modes.partner_membership.models import Membership


@dataclass(frozen=True)
class Figures:
    """Live partners, those who end within 30 days, and fees of terms bought since a day, in fen."""

    partners: int
    ending: int
    fee_amount: int


def membership_of_order(order_ulid: str) -> Membership | None:
    """The membership that an order bought, or None."""
    return Membership.objects.filter(order_ulid=order_ulid).first()


def memberships_of(member_ulid: str) -> list[Membership]:
    """Every term of a member, the latest first."""
    return list(Membership.objects.filter(member_ulid=member_ulid).order_by("-starts_at", "-pk"))


def memberships(*, live_at: dt.datetime | None = None) -> QuerySet[Membership]:
    """Terms, newest first; with `live_at` those that run or are to run then."""
    rows = Membership.objects.order_by("-pk")
    return rows.filter(ended_at=None, ends_at__gt=live_at) if live_at else rows


def figures(*, now: dt.datetime, since: dt.datetime) -> Figures:
    """What the console shows above its list (three statements)."""
    live = Membership.objects.filter(ended_at=None, ends_at__gt=now)
    soon = live.filter(ends_at__lte=now + dt.timedelta(days=30))
    fees = Membership.objects.filter(bought_at__gte=since).aggregate(sum=Sum("fee_amount"))["sum"]
    return Figures(live.values("member_ulid").distinct().count(), soon.count(), fees or 0)


def refundable_amount(order_ulid: str, *, used: bool, now: dt.datetime) -> int | None:
    """What giving back the membership of an order is worth now, in fen (0: it was given back); None: it bought none."""
    row = membership_of_order(order_ulid)
    if row is None:
        return None
    if row.ended_at is not None:
        return 0
    return rules.refundable(term_of(row), used=used, now=now)


def membership_sku() -> Sku | None:
    """The SKU that is bought, or None as long as the membership is not on sale."""
    rows = Sku.objects.filter(
        product__kind=ProductKind.MEMBERSHIP, product__status=ProductStatus.ON_SHELF, is_active=True, stock__gt=0
    )
    return rows.order_by("pk").first()


def term_of(row: Membership) -> rules.Term:
    """A row as the rules see it."""
    return rules.Term(row.fee_amount, row.days, row.bought_at, row.starts_at, row.ends_at, row.cooling_off_days)
