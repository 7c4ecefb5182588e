"""Settings of the universal subsidy (MODES 2.2): what its lots are granted under, and how its pool runs."""

from enum import StrEnum
from functools import cached_property

from pydantic import model_validator

from tenant_apps.modes.contract import noop as _
from tenant_apps.modes.overrides import Index, RateOverride, index
from tenant_apps.modes.settings_model import Fault, SettingsModel, setting
from tenant_apps.modes.subsidy.rules import Terms, Trigger

PPM = 1_000_000
LEAST_CONCESSION_PPM, DEAREST_CONCESSION_PPM = 30_000, 200_000  # MODES 2.2: a seller gives up 3 % to 20 %


class PoolBase(StrEnum):
    """What the pool's share is taken of."""

    CONCESSION = "concession"
    TURNOVER = "turnover"


class GrowthBasis(StrEnum):
    """What growth compares: this period with the one before, or all turnover with all turnover at the last period."""

    BY_TRIGGER = "by_trigger"
    PERIOD = "period"
    CUMULATIVE = "cumulative"


class PoolScope(StrEnum):
    """How many pools there are: one, one a province, or one a campaign."""

    GLOBAL = "global"
    REGION = "region"
    ACTIVITY = "activity"


class PayoutRule(StrEnum):
    """How a period's payout is found: a ladder a lot (MODES 2.4), or a total of the activity (MODES 2.7)."""

    LADDER = "ladder"
    BUDGET = "budget"


class ZeroGrowth(StrEnum):
    """What becomes of a period without growth and without newcomers."""

    FLAT = "flat"
    HOLD = "hold"


class SubsidySettings(SettingsModel):
    """A part of sellers' concessions comes back as vouchers, out of a pool that is never overdrawn. Off until approved."""

    enabled: bool = setting(
        False,
        label=_("The universal subsidy is on"),
        help=_("Off: new orders grant no points. Points already granted go on under the terms they were granted with."),
        unit="yes_no",
    )
    pool_share_ppm: int = setting(
        600_000,
        label=_("Share that enters the pool"),
        help=_("Of the seller's concession, or of the turnover. 60 % funds every lot one and a half times over."),
        unit="percent",
        at_least=0,
        at_most=PPM,
    )
    pool_base: PoolBase = setting(
        PoolBase.CONCESSION,
        label=_("The pool's share is taken of"),
        help=_("With the turnover the share must not exceed the concession of any seller who takes part."),
        unit="choice",
    )
    voucher_concession_to_pool: bool = setting(
        True,
        label=_("Concession on voucher payments goes to the pool"),
        help=_("Off: where a shopper pays by voucher, that part of the concession stays with the seller."),
        unit="yes_no",
    )
    own_concession_ppm: int = setting(
        0,
        label=_("Notional concession of own goods"),
        help=_(
            "3 to 20 %: the mall's own goods feed the pool and grant buyers' points out of their margin, never more than it. 0: they take no part."
        ),
        unit="percent",
        at_least=0,
        at_most=DEAREST_CONCESSION_PPM,
    )
    overrides: tuple[RateOverride, ...] = setting(
        (),
        label=_("Other concessions for single categories, sellers, products or SKUs"),
        help=_(
            "One a line: category, seller, product or sku, its key, then 3 to 20 percent, or off. SKU goes before product, seller and category. Off: own goods take no part, others keep their seller's concession."
        ),
        unit="overrides",
        lengths=(0, 500),
    )
    voucher_earns_points_ppm: int = setting(
        0,
        label=_("Points for what vouchers pay"),
        help=_("Of the points that money would earn. Only where the concession on voucher payments goes to the pool."),
        unit="percent",
        at_least=0,
        at_most=PPM,
    )
    buyer_point_ppm: int = setting(
        PPM,
        label=_("Points for the buyer"),
        help=_("Of the concession: 100 % is one point for each yuan of it."),
        unit="percent",
        at_least=0,
        at_most=PPM,
    )
    merchant_point_ppm: int = setting(
        PPM,
        label=_("Points for the seller"),
        help=_("Of the concession: 100 % is one point for each yuan of it."),
        unit="percent",
        at_least=0,
        at_most=PPM,
    )
    points_pool_ppm: int = setting(
        PPM,
        label=_("Part of the points that enters the pool"),
        help=_("The rest are ordinary points, which earn no vouchers."),
        unit="percent",
        at_least=0,
        at_most=PPM,
    )
    periods_max: int = setting(
        40,
        label=_("Periods a lot takes part in"),
        help=_("After so many periods a lot leaves; points that are left then lapse."),
        unit="pieces",
        at_least=1,
        at_most=40,
    )
    first_ppm: int = setting(
        5_000,
        label=_("First period's share"),
        help=_("Of a lot's points: what its first period pays."),
        unit="percent",
        at_least=1,
        at_most=PPM,
    )
    growth_cap_ppm: int = setting(
        150_000,
        label=_("Growth at most"),
        help=_("A period's payout a point rises by the growth of turnover, by no more than this."),
        unit="percent",
        at_least=0,
        at_most=PPM,
    )
    growth_floor_ppm: int = setting(
        0,
        label=_("Growth at least"),
        help=_(
            "Aimed at even where turnover grows less; the reserve may still allow less. Not above the growth at most."
        ),
        unit="percent",
        at_least=0,
        at_most=PPM,
    )
    buyer_multiple_ppm: int = setting(
        5 * PPM,
        label=_("Buyers' multiple at most"),
        help=_("A buyer's lot leaves at so many times its points, 5 times at most. 0: buyers get no lots."),
        unit="percent",
        at_least=0,
        at_most=5 * PPM,
    )
    merchant_multiple_ppm: int = setting(
        PPM,
        label=_("Sellers' multiple at most"),
        help=_("A seller's lot leaves at so many times its points. 0: sellers get no lots."),
        unit="percent",
        at_least=0,
        at_most=5 * PPM,
    )
    reserve_periods: int = setting(
        40,
        label=_("Periods the reserve covers"),
        help=_(
            "A raise must leave so many further periods covered. As many as a lot takes part in: a period never waits."
        ),
        unit="pieces",
        at_least=0,
        at_most=40,
    )
    raise_budget_ppm: int = setting(
        PPM,
        label=_("Part of the fund a raised period may use"),
        help=_("A period that pays more than the one before uses at most this part of the fund."),
        unit="percent",
        at_least=1,
        at_most=PPM,
    )
    hold_max: int = setting(
        3,
        label=_("Postponed periods before liquidation"),
        help=_("Only after so many periods in a row that the fund did not cover may the pool be liquidated."),
        unit="pieces",
        at_least=1,
        at_most=52,
    )
    tick_trigger: Trigger = setting(
        Trigger.CALENDAR,
        label=_("A period starts"),
        help=_("By the calendar, or when turnover has grown enough."),
        unit="choice",
    )
    tick_days: int = setting(
        7,
        label=_("Days between periods"),
        help=_("With the calendar. With growth: days before a postponed period is tried again."),
        unit="days",
        at_least=1,
        at_most=90,
    )
    tick_growth_ppm: int = setting(
        150_000,
        label=_("Growth that starts a period"),
        help=_("Of all turnover so far, since the last period. Counts with growth as the trigger."),
        unit="percent",
        at_least=1,
        at_most=PPM,
    )
    tick_deadline_days: int = setting(
        30,
        label=_("Days after which a period starts anyway"),
        help=_("With growth or deadline, and where periods without growth are postponed."),
        unit="days",
        at_least=1,
        at_most=365,
    )
    growth_basis: GrowthBasis = setting(
        GrowthBasis.BY_TRIGGER,
        label=_("Growth compares"),
        help=_(
            "By trigger: periods with the calendar, all turnover with growth. All turnover stalls even a steady mall."
        ),
        unit="choice",
    )
    on_zero_growth: ZeroGrowth = setting(
        ZeroGrowth.FLAT,
        label=_("A period without growth and newcomers"),
        help=_("Is paid as the one before, or postponed until the deadline."),
        unit="choice",
    )
    payout_rule: PayoutRule = setting(
        PayoutRule.LADDER,
        label=_("Payout rule"),
        help=_(
            "Ladder: each lot's payout never falls. Budget: the total of one campaign never falls, for short campaigns."
        ),
        unit="choice",
    )
    pool_scope: PoolScope = setting(
        PoolScope.GLOBAL,
        label=_("Scope of the pool"),
        help=_("One for the mall, one for each province that orders come from, or one for each campaign."),
        unit="choice",
    )
    activity_number: int = setting(
        1,
        label=_("Number of the campaign"),
        help=_("With a pool for each campaign: another number opens another pool."),
        unit="pieces",
        at_least=1,
        at_most=9_999,
    )
    voucher_valid_days: int = setting(
        0,
        label=_("Days a voucher is valid"),
        help=_("0: for ever; otherwise at least 180. What expires returns to the pool."),
        unit="days",
        at_least=0,
        at_most=3_650,
    )
    voucher_max_order_ppm: int = setting(
        PPM,
        label=_("Part of an order that vouchers may pay"),
        help=_("Of each product after discounts and coins; freight is paid in money."),
        unit="percent",
        at_least=0,
        at_most=PPM,
    )
    gold_per_yuan: int = setting(
        1,
        label=_("Gold coins for each yuan"),
        help=_("Paid in money for goods that take part; to be spent in the points mall only."),
        unit="pieces",
        at_least=0,
        at_most=100,
    )

    def terms(self) -> Terms:
        """What the engine works on."""
        return Terms(
            periods_max=self.periods_max,
            first_ppm=self.first_ppm,
            growth_cap_ppm=self.growth_cap_ppm,
            growth_floor_ppm=self.growth_floor_ppm,
            buyer_multiple_ppm=self.buyer_multiple_ppm,
            merchant_multiple_ppm=self.merchant_multiple_ppm,
            buyer_point_ppm=self.buyer_point_ppm,
            merchant_point_ppm=self.merchant_point_ppm,
            points_pool_ppm=self.points_pool_ppm,
            pool_share_ppm=self.share_of_concession_ppm,
            reserve_periods=self.reserve_periods,
            raise_budget_ppm=self.raise_budget_ppm,
            voucher_points_ppm=self.voucher_earns_points_ppm,
        )

    @cached_property
    def overrides_index(self) -> Index:
        """The overrides for looking up."""
        return index(self.overrides)

    @property
    def least_concession_ppm(self) -> int:
        """The smallest concession that these settings name, the largest there can be where they name none."""
        named = [one.rate_ppm[0] for one in self.overrides] + [self.own_concession_ppm]
        return min((rate for rate in named if rate), default=DEAREST_CONCESSION_PPM)

    @model_validator(mode="after")
    def _three_to_twenty_percent(self) -> "SubsidySettings":
        for one in self.overrides:
            if len(one.rate_ppm) != 1:
                raise Fault(_("{scope} {key}: one percentage, or off"), field="overrides", scope=one.scope, key=one.key)
            if one.rate_ppm[0] and not LEAST_CONCESSION_PPM <= one.rate_ppm[0] <= DEAREST_CONCESSION_PPM:
                raise Fault(
                    _("{scope} {key}: a concession is 3 to 20 percent"),
                    field="overrides",
                    scope=one.scope,
                    key=one.key,
                )
        if 0 < self.own_concession_ppm < LEAST_CONCESSION_PPM:
            raise Fault(_("a concession is 3 to 20 percent, or 0"), field="own_concession_ppm")
        return self

    @property
    def share_of_concession_ppm(self) -> int:
        """The pool's share of a concession; where it is taken of the turnover, of the largest concession there can be."""
        if self.pool_base is PoolBase.CONCESSION:
            return self.pool_share_ppm
        return min(PPM, self.pool_share_ppm * PPM // DEAREST_CONCESSION_PPM)

    @property
    def is_cumulative(self) -> bool:
        """Whether growth is measured on all turnover so far."""
        if self.growth_basis is GrowthBasis.BY_TRIGGER:
            return self.tick_trigger is not Trigger.CALENDAR
        return self.growth_basis is GrowthBasis.CUMULATIVE

    def pool_key(self, province: str) -> str:
        """Which pool an order from `province` (two or six digits) belongs to; empty: the mall's one pool."""
        match self.pool_scope:
            case PoolScope.GLOBAL:
                return ""
            case PoolScope.REGION:
                return f"p{province[:2]}" if province else ""
            case PoolScope.ACTIVITY:
                return f"a{self.activity_number}"


FULLY_RESERVED: dict[str, object] = {"enabled": True}
PUBLIC_TABLE: dict[str, object] = {"enabled": True, "pool_share_ppm": 400_000, "reserve_periods": 0}
