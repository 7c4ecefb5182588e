"""Other rates for single categories, sellers, products and SKUs: one shape for every mode that has them. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Literal

from pydantic import Field

from tenant_apps.modes.contract import HARD_MAX_LEVELS, LineFacts
from tenant_apps.modes.settings_model import SettingsModel

Rate = Annotated[int, Field(ge=0, le=500_000, strict=True)]


class RateOverride(SettingsModel):
    """Other rates for one category, seller, product or SKU; the narrowest scope wins. A single 0 switches off."""

    scope: Literal["category", "seller", "product", "sku"]
    key: str = Field(min_length=1, max_length=80)
    rate_ppm: tuple[Rate, ...] = Field(min_length=1, max_length=HARD_MAX_LEVELS)


Index = Mapping[tuple[str, str], tuple[int, ...]]  # (scope, key) → rates


def index(overrides: Iterable[RateOverride]) -> Index:
    """Overrides for looking up; a settings model keeps it, for it is asked for every line."""
    return {(one.scope, one.key): one.rate_ppm for one in overrides}


def narrowest(by_key: Index, line: LineFacts) -> tuple[int, ...] | None:
    """The rates that hold for a line: of its SKU, else product, seller, category (nearest first); None: no override."""
    if not by_key:
        return None
    return rates_of(by_key, sku=line.sku, product=line.product, seller=line.seller.id, categories=line.categories)


def rates_of(
    by_key: Index, *, sku: str, product: str, seller: str, categories: Sequence[str]
) -> tuple[int, ...] | None:
    """As `narrowest`, of something that is no line yet."""
    if not by_key:
        return None
    keys = [("sku", sku), ("product", product), ("seller", seller)]
    keys += [("category", category) for category in categories]
    for scope, key in keys:
        found = by_key.get((scope, key)) if key else None
        if found is not None:
            return found
    return None
