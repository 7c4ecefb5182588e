"""The settings of an order scenario, and the modes' own settings made from them. A mode that is not named is off."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from saas.runtime.scenario.files import Fen, Part, Yes
from saas.runtime.scenario.refusals import ScenarioRefused, refused
from tenant_apps.modes.contract import HARD_MAX_LEVELS, BaseMode, Channel, Refusal
from tenant_apps.modes.rate_tables import GradeRates, PackGradeRates, Rate
from tenant_apps.modes.regional.settings import RegionalMode
from tenant_apps.modes.registry import MODES
from tenant_apps.modes.rules import PotTerms

ELSEWHERE = Channel(wechat=False, third_level_approved=True)


class RankPart(Part):
    """Rates by rank under the keys 1, 2 and 3; what is left out has the default of MODES."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_by_name=False, validate_by_alias=True)

    v1: Annotated[Rate, Field(alias="1")] = 50_000
    v2: Annotated[Rate, Field(alias="2")] = 80_000
    v3: Annotated[Rate, Field(alias="3")] = 100_000


class DistributionPart(Part):
    rate_ppm: Annotated[tuple[Rate, ...], Field(min_length=1, max_length=HARD_MAX_LEVELS)] = (50_000, 20_000)
    base: BaseMode = BaseMode.PAID
    self_buy: Yes = False


class DifferentialPart(Part):
    rank_rate_ppm: RankPart = RankPart()
    max_depth: Annotated[int, Field(strict=True, ge=1, le=HARD_MAX_LEVELS)] = HARD_MAX_LEVELS
    peer_ppm: Rate = 0
    base: BaseMode = BaseMode.PAID


class RegionalPart(Part):
    """`base` left out: what was paid, or a concession seller's concession."""

    rate_ppm: GradeRates = GradeRates()
    mode: RegionalMode = RegionalMode.INDEPENDENT
    base: BaseMode = BaseMode.PAID


class StoreIncomePart(Part):
    rate_ppm: Rate = 50_000
    pickup_fen: Fen = 200


class GiftPackPart(Part):
    level_ppm: Annotated[tuple[Rate, ...], Field(min_length=1, max_length=2)] = (100_000, 50_000)
    rank_rate_ppm: RankPart = RankPart()
    area_ppm: PackGradeRates = PackGradeRates()
    payout_cap_ppm: Annotated[int, Field(strict=True, ge=0, le=700_000)] = 500_000


class SubsidyPart(Part):
    """Counts here only by what the pool takes of a line."""

    pool_share_ppm: Annotated[int, Field(strict=True, ge=0, le=1_000_000)] = 600_000


class SettlementPart(Part):
    platform_min_ppm: Annotated[int, Field(strict=True, ge=0, le=500_000)] = 0
    payment_fee_ppm: Annotated[int, Field(strict=True, ge=0, le=20_000)] = 6_000


class SettingsPart(Part):
    distribution: DistributionPart = DistributionPart()
    differential: DifferentialPart = DifferentialPart()
    regional: RegionalPart = RegionalPart()
    store_income: StoreIncomePart = StoreIncomePart()
    gift_pack: GiftPackPart = GiftPackPart()
    subsidy: SubsidyPart = SubsidyPart()
    settlement: SettlementPart = SettlementPart()


def modes_of(part: SettingsPart) -> dict[str, Any]:
    """Settings by mode for the modes that the file names, as production holds them. Raises ScenarioRefused."""
    return {key: _settings(key, getattr(part, key)) for key in MODES if key in part.model_fields_set}


def pot_terms(part: SettingsPart) -> PotTerms:
    """What the file says about the pot of a line."""
    subsidy = "subsidy" in part.model_fields_set
    return PotTerms(
        platform_min_ppm=part.settlement.platform_min_ppm,
        payment_fee_ppm=part.settlement.payment_fee_ppm,
        subsidy=subsidy,
        pool_share_ppm=part.subsidy.pool_share_ppm if subsidy else 0,
    )


def _settings(key: str, part: Part) -> BaseModel:
    where = f"settings.{key}"
    given = {name: getattr(part, name) for name in part.model_fields_set}
    try:
        settings: BaseModel = MODES[key].settings.model_validate(
            {name: one.model_dump() if isinstance(one, BaseModel) else one for name, one in given.items()}
        )
    except ValidationError as error:
        raise refused(error, under=where) from None
    if key == "subsidy":  # of an order it is the pool's share alone; whether a pool funds itself is asked of a pool
        return settings
    for problem in MODES[key].validate(settings, ELSEWHERE):
        if isinstance(problem, Refusal):
            raise ScenarioRefused(f"{where}.{problem.field}: {problem.message.format(**problem.data)}")
    return settings
