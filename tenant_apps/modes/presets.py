"""Business presets (P15): six named sets of settings as plain data, and what each pays on a 100-yuan order. Pure.

A set names every mode that it switches on; what it does not name is off. A zone's own settings stand under `mode@zone`.
"""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tenant_apps.modes.contract import Caution, Channel, Problem, SellerKind
from tenant_apps.modes.contract import noop as _
from tenant_apps.modes.registry import MODES, SETTINGS
from tenant_apps.modes.rulebook import Rulebook
from tenant_apps.modes.settlement_terms.settings import SettlementSettings

Values = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Example:
    """The 100-yuan order that the preset's page shows: who sells, at what cost or rate, with whom above the buyer."""

    cost_amount: int = 5_000
    seller_kind: SellerKind = SellerKind.SELF
    seller_rate_ppm: int = 0
    ranks: tuple[int, ...] = (0, 0)
    level: str = "ordinary"
    store: bool = False
    pickup: bool = False
    areas: bool = False


@dataclass(frozen=True)
class Preset:
    """A named set. `text` says for whom it is, `order` what the example order is."""

    key: str
    title: str
    text: str
    order: str
    settings: Values
    example: Example = dataclasses.field(default_factory=Example)


PRESETS: tuple[Preset, ...] = (
    Preset(
        "brand_promoters",
        _("Brand with promoters"),
        _("Your own goods, sold by customers who recommend them: two levels earn on real sales, never on sign-ups."),
        _("Own goods for 100 yuan that cost 50; the buyer was introduced by a promoter, and he by another one."),
        {"distribution": {"rate_ppm": [80_000, 30_000], "base": "paid"}},
    ),
    Preset(
        "community_stores",
        _("Community stores"),
        _("Partner stores win members, hand out what was ordered and earn on their members' purchases."),
        _("Own goods for 100 yuan that cost 50, bought by a store's member and picked up at another store."),
        {
            "store_income": {"rate_ppm": 80_000, "pickup_fen": 200},
            "partner_membership": {"fee_fen": 9_900, "price_ppm": 950_000},
            "distribution": {"rate_ppm": [30_000]},
        },
        Example(ranks=(0,), store=True, pickup=True),
    ),
    Preset(
        "group_leaders",
        _("Group-buy leaders"),
        _("A leader gathers the orders of the neighbourhood, hands the goods out and earns on every order."),
        _("Own goods for 100 yuan that cost 60; the buyer's leader gathers the order and another one hands it out."),
        {"store_income": {"rate_ppm": 100_000, "pickup_fen": 0, "pickup_ppm": 30_000}},
        Example(cost_amount=6_000, ranks=(), store=True, pickup=True),
    ),
    Preset(
        "merchant_alliance",
        _("Alliance of merchants"),
        _("Many sellers under one roof give a concession; promoters and area agents share the concession, not the price."),
        _("A merchant's goods for 100 yuan with a concession of 20 %, sent into an area whose grades all have an agent."),
        {
            "distribution": {"rate_ppm": [200_000, 100_000], "base": "concession"},
            "regional": {"base": "concession"},
        },
        Example(cost_amount=0, seller_kind=SellerKind.CONCESSION, seller_rate_ppm=200_000, areas=True),
    ),
    Preset(
        "points_mall",
        _("Points mall"),
        _("One level of thanks for a recommendation, small on purpose; goods in the members' zone earn nobody anything."),
        _("Own goods for 100 yuan that cost 70; the buyer was introduced by a promoter."),
        {"distribution": {"rate_ppm": [30_000]}, "distribution@member": {"enabled": False}},
        Example(cost_amount=7_000, ranks=(0,)),
    ),
    Preset(
        "wholesale",
        _("Wholesale"),
        _("Retailers, wholesalers and agents reach ranks V1 to V3 by turnover; each earns the difference to those below."),
        _("Own goods for 100 yuan that cost 70; a V1 and above him a V3 stand over the buyer."),
        {
            "differential": {
                "max_depth": 2,
                "rank_rate_ppm": {"v1": 30_000, "v2": 50_000, "v3": 80_000},
                "upgrade_own_fen": {"v1": 1_000_000, "v2": 0, "v3": 0},
                "upgrade_team_fen": {"v1": 0, "v2": 10_000_000, "v3": 50_000_000},
            }
        },
        Example(cost_amount=7_000, ranks=(1, 3)),
    ),
)  # fmt: skip

BY_KEY: dict[str, Preset] = {preset.key: preset for preset in PRESETS}


def split(key: str) -> tuple[str, str]:
    """`mode@zone` → (mode, zone); no zone: the whole mall."""
    mode, _at, zone = key.partition("@")
    return mode, zone


def parsed(settings: Values) -> dict[str, Any]:
    """A set's values as the modes' own models. Raises pydantic's ValidationError, KeyError for an unknown mode."""
    return {key: SETTINGS[split(key)[0]].model_validate(dict(values)) for key, values in settings.items()}


def rulebook_of(settings: Values) -> Rulebook:
    """A set as a rulebook, with the default settlement terms where it names none."""
    models = parsed(settings)
    terms = models.get("settlement", SettlementSettings())
    mall = {mode: models[mode] for mode in MODES if mode in models}
    zones: dict[str, dict[str, Any]] = {}
    for key, model in models.items():
        mode, zone = split(key)
        if zone:
            zones.setdefault(zone, dict(mall))[mode] = model
    return Rulebook(terms, mall, zones)


def legal_problems(settings: Values) -> list[Problem]:
    """What the guard-rails say of a set: cautions to be read, and refusals where it needs an approval first."""
    models = parsed(settings)
    found = [
        problem
        for key, model in models.items()
        if split(key)[0] in MODES
        for problem in MODES[split(key)[0]].validate(model, Channel())
    ]
    return sorted(found, key=lambda problem: isinstance(problem, Caution))
