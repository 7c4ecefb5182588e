"""Settings of advertising (MODES 13a)."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field, model_validator

from tenant_apps.modes.advertising.rules import AdTier
from tenant_apps.modes.contract import noop as _
from tenant_apps.modes.settings_model import Fault, SettingsModel, setting

Points = Annotated[int, Field(ge=0, le=100_000_000, strict=True)]
Rate = Annotated[int, Field(ge=1, le=1_000_000, strict=True)]
TIERS = 5


class PayAs(StrEnum):
    """What a release is paid as."""

    VOUCHER = "voucher"
    CASH = "cash"


class AdvertisingSettings(SettingsModel):
    """How many ad points a purchase gives, and what a finished ad releases of them."""

    enabled: bool = setting(
        True,
        label=_("Advertising is on"),
        help=_(
            "Off: new orders give no ad points and ads cannot be watched. Points that members hold stay, and so does what refunds take of them."
        ),
        unit="yes_no",
    )
    ad_points_per_yuan: int = setting(
        1,
        label=_("Ad points for each yuan"),
        help=_("Of what is paid in money for goods, when the order is completed. One point releases one yuan at most."),
        unit="pieces",
        at_least=0,
        at_most=100,
    )
    tasks_per_day: int = setting(
        1,
        label=_("Ads a day"),
        help=_("How many finished ads of a member count on one day."),
        unit="pieces",
        at_least=1,
        at_most=20,
    )
    tier_from_points: tuple[Points, ...] = setting(
        (0,),
        label=_("Ad points from which a tier counts"),
        help=_("What a member holds when the day is settled. Below the first tier an ad releases nothing."),
        unit="pieces",
        at_least=0,
        at_most=100_000_000,
        lengths=(1, TIERS),
    )
    tier_rate_ppm: tuple[Rate, ...] = setting(
        (20_000,),
        label=_("Rate of each tier"),
        help=_("The part of a member's ad points that one finished ad releases."),
        unit="percent",
        at_least=1,
        at_most=1_000_000,
        lengths=(1, TIERS),
    )
    on_threshold: bool = setting(
        False,
        label=_("Rate of the threshold"),
        help=_("Yes: the rate is taken of the points at which the tier begins, not of what the member holds."),
        unit="yes_no",
    )
    ad_payout_ppm: int = setting(
        700_000,
        label=_("Part of the ad income that may be released"),
        help=_(
            "Of the net ad income booked on the day. Where the finished ads come to more, all are cut in proportion; the points that were not released stay."
        ),
        unit="percent",
        at_least=0,
        at_most=1_000_000,
    )
    pay_as: PayAs = setting(
        PayAs.VOUCHER,
        label=_("Paid as"),
        help=_("Vouchers are for spending in the mall. Money may be withdrawn, and the law looks at that closely."),
        unit="choice",
    )

    @property
    def tiers(self) -> tuple[AdTier, ...]:
        """The tiers with their thresholds in centi-points."""
        pairs = zip(self.tier_from_points, self.tier_rate_ppm, strict=True)
        return tuple(AdTier(start * 100, rate) for start, rate in pairs)

    @model_validator(mode="after")
    def _tiers_rise(self) -> "AdvertisingSettings":
        if len(self.tier_from_points) != len(self.tier_rate_ppm):
            raise Fault(_("each tier needs its points and a rate"), field="tier_from_points")
        if list(self.tier_from_points) != sorted(set(self.tier_from_points)):
            raise Fault(_("the points have to rise from tier to tier"), field="tier_from_points")
        if list(self.tier_rate_ppm) != sorted(self.tier_rate_ppm):
            raise Fault(_("a higher tier may not have a lower rate"), field="tier_rate_ppm")
        if self.on_threshold and self.tier_from_points == (0,):
            raise Fault(_("the rate of a threshold needs a tier that begins above 0 points"), field="tier_from_points")
        return self
