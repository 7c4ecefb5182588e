"""Ranks by turnover: reached with a completed order, lost at a month's end where the settings say so (MODES 5)."""

import datetime as dt
from collections.abc import Iterable

from django.db import IntegrityError, transaction
from django.utils import timezone

from saas.messaging.bus import services as bus
from saas.tenants.malls.activation import active_mall_ulid
from tenant_apps.members import selectors as members
from tenant_apps.members import services as ranks
from tenant_apps.members.rules import Ground
from tenant_apps.modes.differential import rules, selectors
from tenant_apps.modes.differential.settings import DifferentialSettings, Downgrade


def raise_ranks(*, member_ulids: Iterable[str], now: dt.datetime) -> list[str]:
    """Give these members the rank that their turnover of the window reaches, if it is higher; who rose.

    The number of people never counts, only what they bought (MODES 14 #2). With the mode off nothing happens.
    """
    settings = selectors.settings_in_force(now)
    if settings is None:
        return []
    return [ulid for ulid in member_ulids if _raise(ulid, settings, now)]


def _raise(member_ulid: str, settings: DifferentialSettings, now: dt.datetime) -> bool:
    member = members.member_by_ulid(member_ulid)
    if member.closed_at is not None:
        return False
    turnover = selectors.turnover_in_window(member, settings, now)
    reached = rules.reached_rank(settings, own_amount=turnover.own_amount, direct_amount=turnover.direct_amount)
    if reached <= members.live_rank(member.pk, ground=Ground.TURNOVER):
        return False
    ranks.grant_rank(member_ulid=member_ulid, rank=reached, ground=Ground.TURNOVER, actor="system", now=now)
    _look_again(now)
    return True


def lower_ranks(*, now: dt.datetime) -> int:
    """At a month's end: take back what turnover no longer supports, where the settings say so; how many fell.

    Ranks on other grounds stay. As long as somebody holds a rank by turnover, the next month's end looks again.
    """
    holders = members.ranked_members(ground=Ground.TURNOVER)
    if holders:
        _look_again(now)
    settings = selectors.settings_in_force(now)
    if settings is None or settings.downgrade is not Downgrade.MONTH_END:
        return 0
    return sum(_lower(ulid, settings, now) for ulid in holders)


def _lower(member_ulid: str, settings: DifferentialSettings, now: dt.datetime) -> bool:
    member = members.member_by_ulid(member_ulid)
    held = members.live_rank(member.pk, ground=Ground.TURNOVER)
    turnover = selectors.turnover_in_window(member, settings, now)
    kept = next(
        (
            rank
            for rank in range(held, 0, -1)
            if rules.keeps_rank(settings, rank, own_amount=turnover.own_amount, direct_amount=turnover.direct_amount)
        ),
        0,
    )
    if kept == held:
        return False
    with transaction.atomic():
        ranks.withdraw_ground(
            member_ulid=member_ulid,
            ground=Ground.TURNOVER,
            actor="system",
            reason="turnover_below_threshold",
            now=now,
            above=kept,
        )
        if kept:
            ranks.grant_rank(member_ulid=member_ulid, rank=kept, ground=Ground.TURNOVER, actor="system", now=now)
    return True


def _look_again(now: dt.datetime) -> None:
    """Let the next month's end look at this mall's ranks; once a month, whoever asks for it."""
    today = timezone.localtime(now)
    first = (today.replace(day=1) + dt.timedelta(days=32)).replace(day=1, hour=0, minute=10, second=0, microsecond=0)
    month = f"{first:%Y-%m}"
    try:
        with transaction.atomic():
            bus.publish("rank.month_end", {"month": month}, key=f"{active_mall_ulid()}:{month}", available_at=first)
    except IntegrityError:  # somebody rose before in this month
        return
