"""Settings of gift packs (MODES 6). What a pack grants, contains and costs stands on the pack itself."""

from typing import Annotated

from pydantic import Field, model_validator

from tenant_apps.modes.contract import HARD_MAX_LEVELS
from tenant_apps.modes.contract import noop as _
from tenant_apps.modes.rate_tables import PackGradeRates, RankRates
from tenant_apps.modes.settings_model import Fault, SettingsModel, setting

Rate = Annotated[int, Field(ge=0, le=500_000, strict=True)]
PACK_LEVELS = 2


class GiftPackSettings(SettingsModel):
    """What one gift pack pays, whoever buys it."""

    enabled: bool = setting(
        True,
        label=_("Gift packs are on"),
        help=_("Off: new gift packs earn nobody anything. Orders already placed keep the rules they were sold under."),
        unit="yes_no",
    )
    level_ppm: tuple[Rate, ...] = setting(
        (100_000, 50_000),
        label=_("Pack commission by level"),
        help=_("Of the price paid: level 1 is the buyer's promoter, level 2 that person's promoter."),
        unit="percent",
        at_least=0,
        at_most=500_000,
        lengths=(1, PACK_LEVELS),
    )
    rank_rate_ppm: RankRates = setting(
        RankRates(),
        label=_("Pack rate by rank"),
        help=_("Ranks as they were before this purchase. The buyer's own rank never earns on his own pack."),
        unit="percent",
        at_least=0,
        at_most=500_000,
        table=True,
    )
    max_depth: int = setting(
        HARD_MAX_LEVELS,
        label=_("People above the buyer whose rank counts"),
        help=_("At most three; two where the mall sells through WeChat."),
        unit="pieces",
        at_least=1,
        at_most=HARD_MAX_LEVELS,
    )
    area_ppm: PackGradeRates = setting(
        PackGradeRates(),
        label=_("Pack rate by grade of area"),
        help=_("To the agents of the area that the order falls into."),
        unit="percent",
        at_least=0,
        at_most=100_000,
        table=True,
    )
    payout_cap_ppm: int = setting(
        500_000,
        label=_("All awards of a pack together"),
        help=_("At most this part of the price paid; levels first, then ranks, then areas, cut from the end."),
        unit="percent",
        at_least=0,
        at_most=700_000,
    )
    goods_value_min_ppm: int = setting(
        1_000_000,
        label=_("Value of the goods in a pack"),
        help=_(
            "Contents at list price, at least this part of the pack's price. Never below 80 %: a pack is goods, not a fee."
        ),
        unit="percent",
        at_least=800_000,
        at_most=5_000_000,
    )
    person_limit: int = setting(
        1,
        label=_("Packs a person"),
        help=_("How many of one pack a member may buy."),
        unit="pieces",
        at_least=1,
        at_most=100,
    )

    @model_validator(mode="after")
    def _within_what_was_paid(self) -> "GiftPackSettings":
        if sum(self.level_ppm) > 1_000_000:
            raise Fault(_("the levels together may not exceed 100 %"), field="level_ppm")
        return self
