"""Reads of coins: what a member may spend, when it ends, whose end is near."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import Sum

from tenant_apps.modes.coins.models import CoinLot
from tenant_apps.modes.coins.rules import NOTICE_DAYS


@dataclass(frozen=True)
class Ending:
    """Coins that end at the same instant."""

    expires_at: dt.datetime
    coins: int


def available(member_ulid: str, *, now: dt.datetime) -> int:
    """Coins that a member may spend now (one statement)."""
    rows = CoinLot.objects.filter(member_ulid=member_ulid, left__gt=0, expires_at__gt=now)
    return int(rows.aggregate(sum=Sum("left", default=0))["sum"])


def endings(member_ulid: str, *, now: dt.datetime) -> list[Ending]:
    """When a member's coins end, the soonest first (one statement)."""
    rows = CoinLot.objects.filter(member_ulid=member_ulid, left__gt=0, expires_at__gt=now)
    sums = rows.values("expires_at").annotate(coins=Sum("left")).order_by("expires_at")
    return [Ending(one["expires_at"], one["coins"]) for one in sums]


def expired_ones(*, now: dt.datetime, limit: int = 1000) -> list[int]:
    """Lots whose time is over and that have something left (pks), the oldest first."""
    rows = CoinLot.objects.filter(expires_at__lte=now, left__gt=0).order_by("expires_at", "pk")
    return list(rows.values_list("pk", flat=True)[:limit])


def ending_soon(*, now: dt.datetime, limit: int = 500) -> list[str]:
    """Members with coins that end within the days of notice and who were not told of them."""
    soon = now + dt.timedelta(days=NOTICE_DAYS)
    rows = CoinLot.objects.filter(expires_at__gt=now, expires_at__lte=soon, left__gt=0, noticed_at=None)
    return list(rows.order_by("member_ulid").values_list("member_ulid", flat=True).distinct()[:limit])
