"""What a scenario file may say: every key, its type and range. Unknown keys are refused."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from tenant_apps.modes.contract import HARD_MAX_LEVELS, TOP_RANK, SellerKind

MOST = 2**53
Fen = Annotated[int, Field(strict=True, ge=0, le=MOST)]
Name = Annotated[str, Field(strict=True, min_length=1, max_length=80)]
Yes = Annotated[bool, Field(strict=True)]


class Part(BaseModel):
    """Base of every part of a file."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class MemberPart(Part):
    rank: Annotated[int, Field(strict=True, ge=0, le=TOP_RANK)] = 0
    promoter: Yes = True
    referrer: Name | None = None
    store: Name | None = None


class HolderPart(Part):
    agent: Name
    invested: Fen


class SellerPart(Part):
    kind: SellerKind = SellerKind.SELF
    rate_ppm: Annotated[int, Field(strict=True, ge=0, le=1_000_000)] = 0
    supply_price: Fen = 0
    min_fee_fen: Fen = 0
    payment_fee_bearer: Literal["platform", "seller"] = "platform"
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
    """Grades of the address; any may be missing (a municipality has no city)."""

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
    amount: Fen


class JoinPart(Part):
    member: Name
    sponsor: Name | None = None


class Link21Part(Part):
    """Terms of a line; what is left out has the default of MODES 7."""

    direct_fen: Fen = 10_000
    see_fen: Fen = 20_000
    need_directs: Annotated[int, Field(strict=True)] = 2
    max_depth: Annotated[int, Field(strict=True, ge=1, le=HARD_MAX_LEVELS)] = HARD_MAX_LEVELS


class Link21Scenario(Part):
    """The whole file of kind `link21`."""

    kind: Literal["link21"]
    settings: Link21Part = Link21Part()
    joins: tuple[JoinPart, ...]
