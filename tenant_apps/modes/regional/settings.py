"""Settings of regional agents (MODES 8)."""

from enum import StrEnum

from tenant_apps.modes.contract import noop as _
from tenant_apps.modes.rate_tables import GradeRates
from tenant_apps.modes.settings_model import SettingsModel, setting


class RegionalMode(StrEnum):
    """Whether grades add up, or a higher one earns what its rate exceeds those below."""

    INDEPENDENT = "independent"
    DIFFERENTIAL = "differential"


class RegionalBase(StrEnum):
    """What a percentage is taken of; by default it depends on who sells."""

    BY_SELLER = "by_seller"
    PAID = "paid"
    GROSS = "gross"
    PROFIT = "profit"
    CONCESSION = "concession"


class UnsoldShare(StrEnum):
    """Who has the share of the part of an area that nobody holds."""

    PLATFORM = "platform"
    OWNERS = "owners"


class RegionalSettings(SettingsModel):
    """What agents of an area earn from the orders that fall into it."""

    enabled: bool = setting(
        True,
        label=_("Regional agents are on"),
        help=_("Off: new orders earn no area anything. Orders already placed keep the rules they were sold under."),
        unit="yes_no",
    )
    rate_ppm: GradeRates = setting(
        GradeRates(),
        label=_("Rate by grade of area"),
        help=_("Of each order that falls into the area. 0: this grade is not used. A district usually has 1 % to 3 %."),
        unit="percent",
        at_least=0,
        at_most=100_000,
        table=True,
    )
    mode: RegionalMode = setting(
        RegionalMode.INDEPENDENT,
        label=_("Several grades in one order"),
        help=_("Each grade earns its whole rate, or only what its rate exceeds the highest one held below it."),
        unit="choice",
    )
    base: RegionalBase = setting(
        RegionalBase.BY_SELLER,
        label=_("Percentages are taken of"),
        help=_("Freight is in none of them."),
        unit="choice",
    )
    unsold_share: UnsoldShare = setting(
        UnsoldShare.PLATFORM,
        label=_("Share of the unsold part of an area"),
        help=_("Where the contracts of an area do not add up to the whole of it."),
        unit="choice",
    )
    holders_max: int = setting(
        10,
        label=_("Agents who may hold one area together"),
        help=_("Never more than 200: shares of an area are contracts with licensed businesses, not a public offer."),
        unit="pieces",
        at_least=1,
        at_most=200,
    )
    contract_months: int = setting(
        12,
        label=_("Term of a contract in months"),
        help=_("An agent earns from orders paid within the term."),
        unit="pieces",
        at_least=1,
        at_most=120,
    )
