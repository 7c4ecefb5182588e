"""Every mode, and every settings model that is versioned. Adding a mode = a folder and a line here."""

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import BaseModel

from tenant_apps.modes.advertising.mode import Advertising
from tenant_apps.modes.coins.mode import Coins
from tenant_apps.modes.contract import Mode
from tenant_apps.modes.differential.mode import Differential
from tenant_apps.modes.distribution.mode import Distribution
from tenant_apps.modes.gift_pack.mode import GiftPack
from tenant_apps.modes.link21.mode import Link21
from tenant_apps.modes.manager_award.mode import ManagerAward
from tenant_apps.modes.merchant_referral.mode import MerchantReferral
from tenant_apps.modes.order_terms.settings import OrderSettings
from tenant_apps.modes.partner_membership.mode import PartnerMembership
from tenant_apps.modes.period_contract import PeriodMode
from tenant_apps.modes.regional.mode import Regional
from tenant_apps.modes.settlement_terms.settings import SettlementSettings
from tenant_apps.modes.shop_growth.mode import ShopGrowth
from tenant_apps.modes.store_income.mode import StoreIncome
from tenant_apps.modes.subsidy import plans
from tenant_apps.modes.subsidy.mode import Subsidy
from tenant_apps.modes.subsidy.projection import KeyFigures
from tenant_apps.modes.subsidy.starts import SUBSIDY_STARTS

# In the order in which the pot of a line pays them (MODES 1, steps 3 to 7).
MODES: dict[str, Mode[Any]] = {
    "distribution": Distribution(),
    "link21": Link21(),
    "gift_pack": GiftPack(),
    "store_income": StoreIncome(),
    "differential": Differential(),
    "regional": Regional(),
    "manager_award": ManagerAward(),
    "shop_growth": ShopGrowth(),
    "merchant_referral": MerchantReferral(),
    "partner_membership": PartnerMembership(),
    "subsidy": Subsidy(),  # no awards: its part leaves the pot before all of them
    "advertising": Advertising(),
    "coins": Coins(),  # no awards: a part of the price, and what completed orders give
}

# Modes with one set of terms for the mall: a zone has none of its own.
WHOLE_MALL_ONLY: frozenset[str] = frozenset({"subsidy"})

# Modes that pay a shop's month out of what its orders set aside.
PERIODS: dict[str, PeriodMode[Any]] = {
    "manager_award": ManagerAward(),
    "shop_growth": ShopGrowth(),
    "merchant_referral": MerchantReferral(),
}

# Modes whose `quote` may change a price; the others' quotes only tell what sharing earns.
PRICING: tuple[str, ...] = ("partner_membership",)

# Modes whose awards depend on ranks: the others are computed once for every rank of the people above (a test checks it).
RANKED: frozenset[str] = frozenset({"differential", "gift_pack"})

# What can be published and pinned: the modes' own settings, and the terms that hold for all of them.
SETTINGS: dict[str, type[BaseModel]] = {
    "settlement": SettlementSettings,
    "orders": OrderSettings,
    **{key: mode.settings for key, mode in MODES.items()},
}

# What a mode's settings are published with: evidence made of them and of what was kept with their draft.
EVIDENCE: dict[str, Callable[[Any, Mapping[str, Any]], dict[str, Any]]] = {"subsidy": plans.justify_settings}

# Sets of values that a mode's form offers to start from: key → (title, what it means, values).
# What a set of one mode's values comes to under several courses of turnover: settings → (msgid, key figures).
COURSES: dict[str, Callable[[Any], list[tuple[str, KeyFigures]]]] = {"subsidy": plans.figures_by_course}
STARTS: dict[str, Mapping[str, tuple[str, str, Mapping[str, Any]]]] = {"subsidy": SUBSIDY_STARTS}
