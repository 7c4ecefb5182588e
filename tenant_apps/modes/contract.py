"""The contract between a mall and its money rules: facts in, decisions out, five verbs. Pure: no Django, no clock.

Amounts in fen, rates in ppm. A mode posts nothing: settlement turns awards into ledger entries (DESIGN 5).
"""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar, Protocol, TypeVar

from pydantic import BaseModel

HARD_MAX_LEVELS = 3  # MODES 14 #1: the engine's own limit, whatever the settings say
WECHAT_MAX_LEVELS = 2


def noop(text: str) -> str:
    """Mark a text for translation where nothing may import Django; `sentences.render` translates it."""
    return text


class SellerKind(StrEnum):
    """Who sells a line, which decides what the sale leaves in the mall's hands (MODES 1)."""

    SELF = "self"
    SUPPLIER = "supplier"
    COMMISSION = "commission"
    CONCESSION = "concession"


class BaseMode(StrEnum):
    """What a percentage is taken of (MODES 1, commission base modes)."""

    PAID = "paid"
    GROSS = "gross"
    PROFIT = "profit"
    CONCESSION = "concession"


@dataclass(frozen=True, kw_only=True)
class SellerFacts:
    """The seller's terms as they were at payment. `member` is the person behind the seller: never paid on own lines."""

    kind: SellerKind = SellerKind.SELF
    rate_ppm: int = 0
    supply_price: int = 0
    id: str = ""
    member: str = ""


@dataclass(frozen=True, kw_only=True)
class LineFacts:
    """One order line with every amount of MODES 1. `cash` (C) is what is left to pay in money; freight is apart."""

    line: str
    level_amount: int  # M: level price x quantity
    list_amount: int = 0  # G
    merchant_discount: int = 0  # Ds
    platform_discount: int = 0  # Dp
    coin_amount: int = 0  # K, the mall-funded part
    voucher_amount: int = 0  # V
    supply_cost: int = 0  # own goods: quantity x the SKU's supply price
    freight: int = 0
    quantity: int = 1
    zone: str = "self_operated"
    sku: str = ""
    product: str = ""
    categories: tuple[str, ...] = ()  # the product's own category first, then its ancestors
    seller: SellerFacts = dataclasses.field(default_factory=SellerFacts)

    def __post_init__(self) -> None:
        amounts = (
            self.level_amount,
            self.list_amount,
            self.merchant_discount,
            self.platform_discount,
            self.coin_amount,
            self.voucher_amount,
            self.supply_cost,
            self.freight,
            self.cash,
        )
        if any(amount < 0 for amount in amounts) or self.quantity < 1:
            raise ValueError(f"line {self.line}: no amount may be negative, and there is at least one piece")

    @property
    def cash(self) -> int:
        """C = M - Ds - Dp - K - V."""
        parts = self.merchant_discount + self.platform_discount + self.coin_amount + self.voucher_amount
        return self.level_amount - parts

    @property
    def goods_value(self) -> int:
        """M - Ds: what a refund's share is measured on (MODES 1.2)."""
        return self.level_amount - self.merchant_discount


@dataclass(frozen=True)
class UplineFacts:
    """One ancestor of the buyer as the order's snapshot holds him, nearest first. A closed account earns nothing."""

    member: str
    promoter: bool = True
    open: bool = True


@dataclass(frozen=True, kw_only=True)
class BuyerFacts:
    """Who bought, and the chain above him at the time of payment."""

    member: str
    promoter: bool = False
    chain: tuple[UplineFacts, ...] = ()


@dataclass(frozen=True, kw_only=True)
class OfferFacts:
    """A SKU in a zone before it is bought: what `quote` needs."""

    sku: str
    list_price: int
    supply_cost: int = 0
    zone: str = "self_operated"
    product: str = ""
    categories: tuple[str, ...] = ()
    seller: SellerFacts = dataclasses.field(default_factory=SellerFacts)


@dataclass(frozen=True, kw_only=True)
class Quote:
    """Price and payment mix of an offer for a buyer; `share_earning` is what its promoter would earn at most."""

    unit_price: int
    coin_limit: int = 0
    voucher_limit: int = 0
    share_earning: int = 0


@dataclass(frozen=True, kw_only=True)
class Award:
    """Who earns what from a line. `full_amount` is what the rule gave before the pot of the line cut it."""

    mode: str
    kind: str
    payee: str
    base: BaseMode
    base_amount: int
    rate_ppm: int
    amount: int
    full_amount: int


@dataclass(frozen=True, kw_only=True)
class Problem:
    """Something that a draft of settings runs into: a text with its values, and the setting it belongs to."""

    code: str
    message: str
    field: str = ""
    data: Mapping[str, Any] = dataclasses.field(default_factory=dict)


class Refusal(Problem):
    """The draft may not be published."""


class Caution(Problem):
    """The draft may be published once somebody has read this."""


@dataclass(frozen=True, kw_only=True)
class Channel:
    """Where the mall sells, as far as the law of levels cares (MODES 14 #1)."""

    wechat: bool = True
    third_level_approved: bool = False


@dataclass(frozen=True)
class Sentence:
    """A text to be translated and filled. Values named `*_amount`, `*_ppm`, `*_at` are shown as such, `*_word` translated."""

    text: str
    data: Mapping[str, Any] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Told:
    """What `explain` may tell about an award besides the award itself. Names are already fit to be shown."""

    order: str
    product: str
    buyer: str
    is_own_purchase: bool = False


S = TypeVar("S", bound=BaseModel)


class Mode(Protocol[S]):
    """A money rule. Settings arrive as the mode's own frozen pydantic model, in the version the order was sold under."""

    key: ClassVar[str]
    label: ClassVar[str]
    settings: type[S]

    def quote(self, settings: S, offer: OfferFacts) -> Quote:
        """Price, payment mix and what sharing the offer would earn."""
        ...

    def award(self, settings: S, line: LineFacts, buyer: BuyerFacts) -> Sequence[Award]:
        """Awards of one line, in the order in which the pot pays them; zeros left out; nothing cut yet."""
        ...

    def claw_back(self, amount: int, paid: int, refunded: int, taken: int) -> int:
        """What to take back of an award of `amount` when `refunded` of `paid` has gone back so far."""
        ...

    def validate(self, settings: S, channel: Channel) -> Sequence[Problem]:
        """What stands against publishing these settings: refusals of the law, cautions to be read."""
        ...

    def explain(self, award: Award, told: Told) -> Sentence:
        """Why somebody earned an award, for the person himself, staff or an auditor."""
        ...
