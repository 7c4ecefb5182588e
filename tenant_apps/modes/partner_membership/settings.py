"""Settings of the partner membership (MODES 9a)."""

from typing import Annotated, Literal

from pydantic import Field

from tenant_apps.modes.contract import noop as _
from tenant_apps.modes.settings_model import SettingsModel, setting

LOWEST_PRICE_PPM, HIGHEST_PRICE_PPM = 500_000, 950_000
NO_MEMBER_PRICE = 1_000_000

# 100 % says that there is no member price; anything else is inside the range of the law of this mode.
PricePpm = Annotated[int, Field(ge=LOWEST_PRICE_PPM, le=NO_MEMBER_PRICE, strict=True)]


class PriceOverride(SettingsModel):
    """Another member price for one category, seller, product or SKU; the narrowest scope wins."""

    scope: Literal["category", "seller", "product", "sku"]
    key: str = Field(min_length=1, max_length=80)
    rate_ppm: tuple[PricePpm] = Field(description="one percentage of the list price")


class PartnerMembershipSettings(SettingsModel):
    """What a membership costs, what it gives, and what the store that enrolled the partner gets."""

    enabled: bool = setting(
        True,
        label=_("Partner membership is on"),
        help=_("Off: nobody can buy a membership, and nobody pays member prices. Memberships already bought run on."),
        unit="yes_no",
    )
    fee_fen: int = setting(
        9_900,
        label=_("Fee"),
        help=_("What a membership costs. The price of the membership product follows it."),
        unit="yuan",
        at_least=100,
        at_most=1_000_000,
    )
    days: int = setting(
        365,
        label=_("Days of a membership"),
        help=_("A renewal adds as many to those that are left."),
        unit="days",
        at_least=30,
        at_most=1_095,
    )
    price_ppm: int = setting(
        HIGHEST_PRICE_PPM,
        label=_("Member price"),
        help=_(
            "What a partner pays of the list price of goods, rounded down to the fen a piece. Gift packs have none."
        ),
        unit="percent",
        at_least=LOWEST_PRICE_PPM,
        at_most=HIGHEST_PRICE_PPM,
    )
    overrides: tuple[PriceOverride, ...] = setting(
        (),
        label=_("Other member prices for single categories, sellers, products or SKUs"),
        help=_(
            "One a line: category, seller, product or sku, its key, then the percentage of the list price; 100 means no member price. SKU goes before product, seller and category."
        ),
        unit="overrides",
        lengths=(0, 500),
    )
    store_share_ppm: int = setting(
        500_000,
        label=_("The store's part of a first fee"),
        help=_(
            "To the licensed store the partner is bound to: one level, never to a person. Without a store it stays with the mall."
        ),
        unit="percent",
        at_least=0,
        at_most=500_000,
    )
    renewal_ppm: int = setting(
        500_000,
        label=_("The store's part of a renewal"),
        help=_("As above, when somebody who is a partner pays again."),
        unit="percent",
        at_least=0,
        at_most=500_000,
    )
    cooling_off_days: int = setting(
        7,
        label=_("Cooling-off days"),
        help=_(
            "The whole fee goes back within these days unless a member price was used. Then the membership completes."
        ),
        unit="days",
        at_least=7,
        at_most=90,
    )
