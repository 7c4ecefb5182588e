"""Settings of the differential by rank (MODES 5)."""

from enum import StrEnum
from functools import cached_property

from pydantic import model_validator

from tenant_apps.modes.contract import HARD_MAX_LEVELS, TOP_RANK, BaseMode
from tenant_apps.modes.contract import noop as _
from tenant_apps.modes.overrides import Index, RateOverride, index
from tenant_apps.modes.rate_tables import RankAmounts, RankRates, require_rising
from tenant_apps.modes.settings_model import Fault, SettingsModel, setting


class Downgrade(StrEnum):
    """Whether a rank that was earned by turnover can be lost again."""

    NEVER = "never"
    MONTH_END = "month_end"


class DifferentialSettings(SettingsModel):
    """What ranks V1 to V3 earn, and by which turnover a member reaches one."""

    enabled: bool = setting(
        True,
        label=_("Differential is on"),
        help=_(
            "Off: new orders earn nobody an award by rank. Orders already placed keep the rules they were sold under."
        ),
        unit="yes_no",
    )
    rank_rate_ppm: RankRates = setting(
        RankRates(),
        label=_("Rate by rank"),
        help=_("A rank earns what its rate exceeds the highest one below it. A higher rank never has a lower rate."),
        unit="percent",
        at_least=0,
        at_most=500_000,
        table=True,
    )
    max_depth: int = setting(
        HARD_MAX_LEVELS,
        label=_("People above the buyer who are looked at"),
        help=_("At most three; two where the mall sells through WeChat."),
        unit="pieces",
        at_least=1,
        at_most=HARD_MAX_LEVELS,
    )
    peer_ppm: int = setting(
        0,
        label=_("Peer award"),
        help=_(
            "Part of the last earner's differential for the first person above him with exactly his rank; once a line. 0: none."
        ),
        unit="percent",
        at_least=0,
        at_most=500_000,
    )
    include_buyer_rank: bool = setting(
        False,
        label=_("The buyer's own rank counts"),
        help=_(
            "A buyer with a rank covers its rate himself: only higher ranks above him earn, and only the difference."
        ),
        unit="yes_no",
    )
    base: BaseMode = setting(
        BaseMode.PAID,
        label=_("Percentages are taken of"),
        help=_("Freight is in none of them."),
        unit="choice",
    )
    overrides: tuple[RateOverride, ...] = setting(
        (),
        label=_("Other rank rates for single categories, sellers, products or SKUs"),
        help=_(
            "One a line: category, seller, product or sku, its key, then the percentages of V1, V2 and V3, or off. SKU goes before product, seller and category."
        ),
        unit="overrides",
        lengths=(0, 500),
    )
    upgrade_own_fen: RankAmounts = setting(
        RankAmounts(v1=100_000),
        label=_("Rank by own purchases"),
        help=_("Completed purchases of the member's own that reach a rank; 0: not reached this way."),
        unit="yuan",
        at_least=0,
        at_most=10**12,
        table=True,
    )
    upgrade_team_fen: RankAmounts = setting(
        RankAmounts(v2=1_000_000, v3=5_000_000),
        label=_("Rank by own purchases and those of direct buyers"),
        help=_(
            "Completed purchases of the member and of people he introduced himself that reach a rank; 0: not reached this way. The number of people never counts."
        ),
        unit="yuan",
        at_least=0,
        at_most=10**12,
        table=True,
    )
    upgrade_window_days: int = setting(
        90,
        label=_("Turnover counts for"),
        help=_("Only purchases completed in this many days before today count."),
        unit="days",
        at_least=1,
        at_most=365,
    )
    downgrade: Downgrade = setting(
        Downgrade.NEVER,
        label=_("Losing a rank"),
        help=_("Whether a rank reached by turnover is lost when the turnover falls."),
        unit="choice",
    )
    downgrade_below_ppm: int = setting(
        500_000,
        label=_("Lost below this part of the threshold"),
        help=_("Only where ranks can be lost: below this part of what the rank asks for, at the end of the month."),
        unit="percent",
        at_least=0,
        at_most=1_000_000,
    )

    @cached_property
    def rates(self) -> tuple[int, ...]:
        """Rates of V1 to V3 where no override says otherwise."""
        return tuple(self.rank_rate_ppm.of(rank) for rank in range(1, TOP_RANK + 1))

    @cached_property
    def overrides_index(self) -> Index:
        """The overrides for looking up."""
        return index(self.overrides)

    @model_validator(mode="after")
    def _rank_by_rank(self) -> "DifferentialSettings":
        for one in self.overrides:
            if one.rate_ppm == (0,):
                continue
            if len(one.rate_ppm) != HARD_MAX_LEVELS:
                raise Fault(
                    _("{scope} {key}: a rate for each of V1, V2 and V3, or off"),
                    field="overrides",
                    scope=one.scope,
                    key=one.key,
                )
            require_rising(one.rate_ppm)
        require_rising_amounts(self.upgrade_own_fen, "upgrade_own_fen")
        require_rising_amounts(self.upgrade_team_fen, "upgrade_team_fen")
        return self


def require_rising_amounts(amounts: RankAmounts, field: str) -> None:
    """Raises ValueError where a higher rank asks for less turnover than a lower one."""
    asked = [amount for amount in (amounts.v1, amounts.v2, amounts.v3) if amount]
    if asked != sorted(asked):
        raise Fault(_("a higher rank may not ask for less turnover"), field=field)
