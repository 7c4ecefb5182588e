"""What an order scenario may say: every key, its type and range. Unknown keys are refused."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from tenant_apps.modes.contract import BaseMode, SellerKind

Fen = Annotated[int, Field(strict=True, ge=0, le=2**53)]
Name = Annotated[str, Field(strict=True, min_length=1, max_length=80)]
Yes = Annotated[bool, Field(strict=True)]


class Part(BaseModel):
    """Base of every part of a file."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class MemberPart(Part):
    rank: Annotated[int, Field(strict=True, ge=0, le=3)] = 0
    promoter: Yes = True
    referrer: Name | None = None
    store: Name | None = None


class HolderPart(Part):
    agent: Name
    invested: Fen = 0


class DistributionPart(Part):
    rate_ppm: tuple[Annotated[int, Field(strict=True, ge=0, le=500_000)], ...] = Field((50_000, 20_000), min_length=1)
    base: BaseMode = BaseMode.PAID
    self_buy: Yes = False


class SubsidyPart(Part):
    pool_share_ppm: Annotated[int, Field(strict=True, ge=0, le=1_000_000)] = 600_000


class SettlementPart(Part):
    platform_min_ppm: Annotated[int, Field(strict=True, ge=0, le=500_000)] = 0


class SettingsPart(Part):
    """A mode that is not named is off. `subsidy` counts here only by what the pool takes of a line."""

    distribution: DistributionPart | None = None
    subsidy: SubsidyPart | None = None
    settlement: SettlementPart = SettlementPart()


class SellerPart(Part):
    kind: SellerKind = SellerKind.SELF
    rate_ppm: Annotated[int, Field(strict=True, ge=0, le=1_000_000)] = 0
    supply_price: Fen = 0
    qty: Annotated[int, Field(strict=True, ge=1, le=1_000_000)] = 1
    member: Name | None = None
    store: Name | None = None


class LinePart(Part):
    line: Name
    zone: Name = "self_operated"
    gross: Fen = 0
    merchant_discount: Fen = 0
    platform_discount: Fen = 0
    coins: Fen = 0
    voucher: Fen = 0
    supply_cost: Fen = 0
    freight: Fen = 0
    seller: SellerPart = SellerPart()


class AreaPart(Part):
    """Grades of the address; any may be missing."""

    custom: Name | None = None
    street: Name | None = None
    district: Name | None = None
    city: Name | None = None
    province: Name | None = None
    region: Name | None = None


class OrderPart(Part):
    buyer: Name
    area: AreaPart = AreaPart()
    pickup_store: Name | None = None
    lines: tuple[LinePart, ...] = Field(min_length=1)


class RefundPart(Part):
    line: Name
    amount: Annotated[int, Field(strict=True, ge=1, le=2**53)]


class OrderScenario(Part):
    """The whole file of kind `order`."""

    kind: Literal["order"]
    members: dict[Name, MemberPart]
    areas: dict[Name, tuple[HolderPart, ...]] = Field(default_factory=dict)
    settings: SettingsPart
    order: OrderPart
    refunds: tuple[RefundPart, ...] = ()


OTHER_KINDS = ("subsidy", "projection", "link21")
OTHER_MODES = ("differential", "regional", "store_income", "gift_pack")


def unsupported(content: Any) -> str:
    """Which key of a well-formed file this version's rules do not cover yet; empty if none."""
    if not isinstance(content, dict):
        return ""
    if content.get("kind") in OTHER_KINDS:
        return f"kind: {content['kind']} is not part of this version; order is"
    settings = content.get("settings")
    if isinstance(settings, dict):
        for name in OTHER_MODES:
            if name in settings:
                return f"settings.{name}: this mode is not part of this version; distribution is"
    return ""
