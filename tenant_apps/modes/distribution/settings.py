"""Settings of distribution (MODES 4)."""

from enum import StrEnum
from functools import cached_property
from typing import Annotated

from pydantic import Field, model_validator

from tenant_apps.members.rules import BindWhen
from tenant_apps.modes.contract import HARD_MAX_LEVELS, BaseMode
from tenant_apps.modes.contract import noop as _
from tenant_apps.modes.overrides import Index, RateOverride, index
from tenant_apps.modes.settings_model import Fault, SettingsModel, setting

Rate = Annotated[int, Field(ge=0, le=500_000, strict=True)]
Fen = Annotated[int, Field(ge=0, le=100_000_000, strict=True)]


class WhoPromotes(StrEnum):
    """Which ancestors of a buyer may earn."""

    REGISTERED = "registered"
    APPROVED = "approved"
    DESIGNATED = "designated"
    PARTNERS = "partners"


class DistributionSettings(SettingsModel):
    """Who earns from whose purchases, and how much."""

    enabled: bool = setting(
        True,
        label=_("Distribution is on"),
        help=_("Off: new orders earn nobody a commission. Orders already placed keep the rules they were sold under."),
        unit="yes_no",
    )
    rate_ppm: tuple[Rate, ...] = setting(
        (50_000, 20_000),
        label=_("Commission by level"),
        help=_(
            "Level 1 is the buyer's promoter, level 2 that person's promoter. At most three levels, two where the mall sells through WeChat."
        ),
        unit="percent",
        at_least=0,
        at_most=500_000,
        lengths=(1, HARD_MAX_LEVELS),
    )
    fixed_fen: tuple[Fen, ...] = setting(
        (),
        label=_("Fixed commission for each piece, by level"),
        help=_("Instead of a percentage; empty means the percentages above hold. Never more than was paid."),
        unit="yuan",
        at_least=0,
        at_most=100_000_000,
        lengths=(0, HARD_MAX_LEVELS),
    )
    base: BaseMode = setting(
        BaseMode.PAID,
        label=_("Percentages are taken of"),
        help=_("Freight is in none of them."),
        unit="choice",
    )
    self_buy: bool = setting(
        False,
        label=_("Own purchases count"),
        help=_("A promoter who buys is level 1 of his own order, and his promoter level 2."),
        unit="yes_no",
    )
    who_promotes: WhoPromotes = setting(
        WhoPromotes.APPROVED,
        label=_("Who may earn"),
        help=_(
            "Becoming a promoter is free. Where only partners earn, it depends on buying: the law looks at that closely."
        ),
        unit="choice",
    )
    bind_when: BindWhen = setting(
        BindWhen.FIRST_CLICK,
        label=_("A member is bound to his promoter"),
        help=_(
            "By whose link he came. At the first click: when he signs up, or says yes to the link. Later: the link is remembered until his next order is placed or paid, and that order counts already where it is paid afterwards."
        ),
        unit="choice",
    )
    bind_days: int = setting(
        0,
        label=_("Days for which a bond is protected"),
        help=_("After them another promoter's link may replace it, in the same way. 0: a bond stays for ever."),
        unit="days",
        at_least=0,
        at_most=3_650,
    )
    overrides: tuple[RateOverride, ...] = setting(
        (),
        label=_("Other rates for single categories, sellers, products or SKUs"),
        help=_(
            "One a line: category, seller, product or sku, its key, then the percentages by level. SKU goes before product, seller and category."
        ),
        unit="overrides",
        lengths=(0, 500),
    )
    seller_least_ppm: int = setting(
        0,
        label=_("Sellers' own commission: at least"),
        help=_(
            "What every seller who pays a commission adds for the buyer's promoter. He pays it by a higher take; where nobody brought the buyer it stays with the mall."
        ),
        unit="percent",
        at_least=0,
        at_most=300_000,
    )
    seller_most_ppm: int = setting(
        0,
        label=_("Sellers' own commission: at most"),
        help=_("Up to here a seller may set it himself. 0: sellers add nothing."),
        unit="percent",
        at_least=0,
        at_most=300_000,
    )
    withdraw_min_fen: int = setting(
        10_000,
        label=_("Smallest withdrawal"),
        help=_("A member may ask for a withdrawal from this amount on."),
        unit="yuan",
        at_least=100,
        at_most=100_000_000,
    )
    withdraw_fee_ppm: int = setting(
        70_000,
        label=_("Fee of a withdrawal"),
        help=_("For the tax service; rounded up and shown before the member asks."),
        unit="percent",
        at_least=0,
        at_most=500_000,
    )

    @property
    def levels(self) -> int:
        """How many levels may earn."""
        return len(self.fixed_fen or self.rate_ppm)

    @cached_property
    def overrides_index(self) -> Index:
        """The overrides for looking up."""
        return index(self.overrides)

    @model_validator(mode="after")
    def _within_what_was_paid(self) -> "DistributionSettings":
        given = [("rate_ppm", self.rate_ppm), *(("overrides", one.rate_ppm) for one in self.overrides)]
        for field, rates in given:
            if sum(rates) > 1_000_000:
                raise Fault(_("the levels together may not exceed 100 %"), field=field)
        if self.seller_least_ppm > self.seller_most_ppm:
            raise Fault(_("the least may not exceed the most"), field="seller_least_ppm")
        return self
