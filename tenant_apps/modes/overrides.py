"""Other rates for single categories, sellers, products and SKUs: one shape for every mode that has them. Pure."""

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field

from tenant_apps.modes.contract import HARD_MAX_LEVELS, LineFacts
from tenant_apps.modes.settings_model import SettingsModel

Rate = Annotated[int, Field(ge=0, le=500_000, strict=True)]

_NARROWEST_FIRST = ("sku", "product", "seller", "category")


class RateOverride(SettingsModel):
    """Other rates for one category, seller, product or SKU; the narrowest scope wins. A single 0 switches off."""

    scope: Literal["category", "seller", "product", "sku"]
    key: str = Field(min_length=1, max_length=80)
    rate_ppm: tuple[Rate, ...] = Field(min_length=1, max_length=HARD_MAX_LEVELS)


def narrowest(overrides: Sequence[RateOverride], line: LineFacts) -> tuple[int, ...] | None:
    """The rates that hold for a line: of its SKU, else product, seller, category (nearest first); None: no override."""
    if not overrides:
        return None
    keys = {
        "sku": (line.sku,),
        "product": (line.product,),
        "seller": (line.seller.id,),
        "category": line.categories,
    }
    by_key: dict[tuple[str, str], tuple[int, ...]] = {(one.scope, one.key): one.rate_ppm for one in overrides}
    for scope in _NARROWEST_FIRST:
        for key in keys[scope]:
            found = by_key.get((scope, key))
            if key and found is not None:
                return found
    return None
