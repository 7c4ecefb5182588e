"""What a finished ad task releases of a member's ad points (MODES 13a), and a day's budget over its tasks. Pure.

Ad points in centi-points, amounts in fen: released points burn one to one.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from saas.kernel.money import allocate, pct

AD_POINTS = "ADPOINT"  # the asset of the book; centi-points


@dataclass(frozen=True)
class AdTier:
    """From so many ad points (cp) on, a task releases this rate."""

    from_points: int
    rate_ppm: int


FLAT = (AdTier(0, 20_000),)  # 2 % of what is left, however much


def tier_of(points: int, tiers: Sequence[AdTier]) -> AdTier | None:
    """The highest tier that `points` reach; None below the lowest. Tiers in rising order."""
    reached = [tier for tier in tiers if points >= tier.from_points]
    return reached[-1] if reached else None


def ad_release(points: int, budget_left: int, *, tiers: Sequence[AdTier] = FLAT, on_threshold: bool = False) -> int:
    """Fen that one task releases: the rate of the points, never more than the points or the budget that is left.

    `on_threshold` takes the rate of the tier's threshold instead of the points themselves.
    """
    tier = tier_of(points, tiers)
    if tier is None:
        return 0
    base = tier.from_points if on_threshold else points
    return max(0, min(pct(base, tier.rate_ppm), points, budget_left))


def day_budget(net_income: int, payout_ppm: int = 700_000) -> int:
    """What a day may release: a part of the net ad income booked for the day before (fen)."""
    return pct(max(0, net_income), payout_ppm)


def share_budget(wanted: Sequence[int], budget: int) -> list[int]:
    """A day's releases: all of them where the budget holds them, else pro rata by largest remainder."""
    return list(wanted) if sum(wanted) <= budget else allocate(budget, wanted)


@dataclass(frozen=True)
class Release:
    """What one finished ad would release (fen) of the points (cp) that its member held then, at which rate."""

    points: int
    rate_ppm: int
    amount: int


def releases(
    members: Iterable[str], points: Mapping[str, int], *, tiers: Sequence[AdTier], on_threshold: bool
) -> list[Release]:
    """The releases of a day's finished ads in their order, before the budget: each ad finds what the one before left."""
    left = dict(points)
    found = []
    for member in members:
        held = max(0, left.get(member, 0))
        tier = tier_of(held, tiers)
        amount = ad_release(held, held, tiers=tiers, on_threshold=on_threshold)
        left[member] = held - amount
        found.append(Release(held, tier.rate_ppm if tier else 0, amount))
    return found


def income_of_day(booked: int, deficit: int) -> tuple[int, int]:
    """(net income of a day, what later days still have to make up): corrections of earlier income come off first.

    `booked` may be negative, `deficit` is zero or above. So releases never exceed their part of all income booked.
    """
    net = booked - deficit
    return max(0, net), max(0, -net)
