"""What a plan promises softly: over it, days of grace begin; when they are over nothing is added to the mall. Pure."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

GRACE_DAYS = {"storage_mb": 14, "traffic_month_gb": 7, "orders_month_max": 7}
UNITS = {"storage_mb": 1 << 20, "traffic_month_gb": 1 << 30, "orders_month_max": 1}  # of what is counted


@dataclass(frozen=True)
class Over:
    """A feature of which more is used than the plan allows. `until`: the last day of grace."""

    feature: str
    until: dt.date
    ended: bool = False


def is_over(feature: str, used: int | None, limit: object) -> bool:
    """Whether more is used than allowed; `used` as it is counted (bytes, orders), `limit` as a plan says it."""
    return isinstance(limit, int) and not isinstance(limit, bool) and used is not None and used > limit * UNITS[feature]


def standing(
    known: Mapping[str, Over], used: Mapping[str, int], values: Mapping[str, object], today: dt.date
) -> dict[str, Over]:
    """What is over now: known ones keep their days, new ones begin with theirs, what fits again is forgotten."""
    found = {}
    for feature, days in GRACE_DAYS.items():
        if is_over(feature, used.get(feature), values.get(feature)):
            until = known[feature].until if feature in known else today + dt.timedelta(days=days)
            found[feature] = Over(feature, until, today > until)
    return found


def read(stored: Mapping[str, Mapping[str, Any]]) -> dict[str, Over]:
    """What a subscription has stored."""
    return {name: Over(name, dt.date.fromisoformat(one["until"]), bool(one["ended"])) for name, one in stored.items()}


def stored(found: Mapping[str, Over]) -> dict[str, dict[str, Any]]:
    """As a subscription stores it."""
    return {name: {"until": one.until.isoformat(), "ended": one.ended} for name, one in found.items()}


def shown(feature: str, amount: int) -> str:
    """An amount of a feature (as it is counted) for people: bytes as MB, GB or TB of 1 024."""
    if UNITS.get(feature, 1) == 1:
        return f"{amount:,}"
    for unit, name in ((1 << 40, "TB"), (1 << 30, "GB")):
        if amount >= unit:
            return f"{_tenths(amount, unit)} {name}"
    return f"{_tenths(amount, 1 << 20)} MB"


def _tenths(amount: int, unit: int) -> str:
    tenths = amount * 10 // unit
    return f"{tenths // 10:,}.{tenths % 10}" if tenths % 10 else f"{tenths // 10:,}"
