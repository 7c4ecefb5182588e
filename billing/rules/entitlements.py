"""Features of a plan by type, and what a mall may use: plan, extras and the vendor's overrides together. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from billing.rules.plans import PlanFeatures

Value = bool | int | None | list[str]


class FeatureKind(StrEnum):
    """How a feature is measured. A count or quota of None has no limit."""

    BOOLEAN = "boolean"
    COUNT = "count"  # so many at a time: hard
    QUOTA = "quota"  # so many a calendar month
    STORAGE = "storage"  # megabytes: soft, with days of grace (rules.grace)
    TRAFFIC = "traffic"  # gigabytes a calendar month: soft, too
    LIST = "list"  # names


FEATURES: dict[str, FeatureKind] = {
    "staff_max": FeatureKind.COUNT,
    "products_max": FeatureKind.COUNT,
    "orders_month_max": FeatureKind.QUOTA,
    "sms_month_max": FeatureKind.QUOTA,
    "storage_mb": FeatureKind.STORAGE,
    "traffic_month_gb": FeatureKind.TRAFFIC,
    "own_domain": FeatureKind.BOOLEAN,
    "dedicated_server": FeatureKind.BOOLEAN,
    "modes": FeatureKind.LIST,
}
EMPTY: dict[FeatureKind, Value] = {
    FeatureKind.BOOLEAN: False,
    FeatureKind.COUNT: 0,
    FeatureKind.QUOTA: 0,
    FeatureKind.STORAGE: 0,
    FeatureKind.TRAFFIC: 0,
    FeatureKind.LIST: [],
}
_COUNTED = frozenset({FeatureKind.COUNT, FeatureKind.QUOTA, FeatureKind.STORAGE, FeatureKind.TRAFFIC})


@dataclass(frozen=True)
class Grant:
    """What a paid extra adds to a feature: an amount, a mode's name, or the feature itself (True)."""

    feature: str
    value: bool | int | str


class BadFeatureValue(ValueError):
    """The value does not fit the feature's type."""


def check_value(feature: str, value: object) -> Value:
    """A value for a feature as it is stored. Raises BadFeatureValue."""
    kind = FEATURES.get(feature)
    if kind is FeatureKind.BOOLEAN and isinstance(value, bool):
        return value
    if kind in _COUNTED and (value is None or (isinstance(value, int) and not isinstance(value, bool) and value >= 0)):
        return value
    if kind is FeatureKind.LIST and isinstance(value, list | tuple) and all(isinstance(name, str) for name in value):
        return list(value)
    raise BadFeatureValue(f"{feature}: {value!r}")


def resolve(
    plan: PlanFeatures, grants: Iterable[Grant] = (), overrides: Mapping[str, object] | None = None
) -> dict[str, Value]:
    """What the mall may use: the plan's values, extras added to them, and last the vendor's overrides in their place.

    Raises BadFeatureValue.
    """
    values: dict[str, Value] = {**plan.model_dump(mode="json")}
    for grant in grants:
        values[grant.feature] = with_grant(grant, values[grant.feature])
    for feature, value in (overrides or {}).items():
        values[feature] = check_value(feature, value)
    return values


def with_grant(grant: Grant, value: Value) -> Value:
    """`value` of the grant's feature with what the grant adds. Raises BadFeatureValue."""
    kind = FEATURES.get(grant.feature)
    if kind is FeatureKind.BOOLEAN and grant.value is True:
        return True
    if kind in _COUNTED and isinstance(grant.value, int) and not isinstance(grant.value, bool) and grant.value >= 0:
        return None if value is None else int(value) + grant.value  # type: ignore[arg-type]
    if kind is FeatureKind.LIST and isinstance(grant.value, str) and isinstance(value, list):
        return value if grant.value in value else [*value, grant.value]
    raise BadFeatureValue(f"{grant.feature}: {grant.value!r}")


def exceeded(values: Mapping[str, Value], used: Mapping[str, int]) -> dict[str, tuple[int, int]]:
    """What is in use above what `values` allow: feature → (used, limit). A switch that is off allows none."""
    found = {}
    for feature, amount in used.items():
        limit = values.get(feature)
        if FEATURES.get(feature) is FeatureKind.COUNT and isinstance(limit, int) and amount > limit:
            found[feature] = (amount, limit)
        elif FEATURES.get(feature) is FeatureKind.BOOLEAN and limit is False and amount:
            found[feature] = (amount, 0)
    return found
