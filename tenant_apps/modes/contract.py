"""The contract between a mall and its money rules: facts in, decisions out, five verbs. Pure: no Django, no clock.

Amounts in fen, rates in ppm. A mode posts nothing: settlement turns awards into ledger entries (DESIGN 5).
"""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any, ClassVar, Protocol, TypeVar

from pydantic import BaseModel

from saas.kernel.quick import quick

HARD_MAX_LEVELS = 3  # MODES 14 #1: the engine's own limit, whatever the settings say
WECHAT_MAX_LEVELS = 2
TOP_RANK = 3  # ranks are 0 (none), V1, V2, V3
GIFT_PACK_ZONE = "gift_pack"
PARTNER_LEVEL = "partner"  # of those who hold a paid membership


def noop(text: str) -> str:
    """Mark a text for translation where nothing may import Django; `sentences.render` translates it."""
    return text


class SellerKind(StrEnum):
    """Who sells a line, which decides what the sale leaves in the mall's hands (MODES 1)."""

    SELF = "self"
    SUPPLIER = "supplier"
    COMMISSION = "commission"
    CONCESSION = "concession"


class LineKind(StrEnum):
    """What is sold. Only goods pass through the earning modes; a fee is sold without freight, coupon, coin, voucher."""

    GOODS = "goods"
    MEMBERSHIP = "membership"
    DEPOSIT = "deposit"
    JOIN_FEE = "join_fee"
    VISIT_CARD = "visit_card"
    STORED_CARD = "stored_card"


class PayeeKind(StrEnum):
    """Whose account an award goes to (MODES 1.3): a person's wallet, a store's, or the accrual of a shop's period award."""

    MEMBER = "member"
    STORE = "store"
    ACCRUAL = "accrual"


class Grade(StrEnum):
    """Grades of an area, in the order in which they are awarded (MODES 8)."""

    CUSTOM = "custom"
    STREET = "street"
    DISTRICT = "district"
    CITY = "city"
    PROVINCE = "province"
    REGION = "region"


class BaseMode(StrEnum):
    """What a percentage is taken of (MODES 1, commission base modes)."""

    PAID = "paid"
    GROSS = "gross"
    PROFIT = "profit"
    CONCESSION = "concession"


@dataclass(frozen=True, kw_only=True)
class SellerFacts:
    """The seller's terms as they were at payment. Neither the person behind him nor his store is paid on own lines.

    `id` names the seller, `member` the person, `store` his store where he is one (then it equals `id`); `referrer` is
    the member who brought the seller in, as long as that is rewarded.
    """

    kind: SellerKind = SellerKind.SELF
    rate_ppm: int = 0
    supply_price: int = 0
    id: str = ""
    member: str = ""
    store: str = ""
    referrer: str = ""
    vouchers: bool = False  # takes the subsidy's vouchers in payment
    # What he adds of his own (own_terms.agreed): wished for, and, on a line that is sold, paid by him within `rate_ppm`.
    wants_ppm: int = 0  # commission for whoever brought the buyer
    wants_coins: int = 0  # coins a yuan
    added_ppm: int = 0
    added_coins: int = 0
    least_fee: int = 0  # fen: the smallest take of a line, where he pays a commission (MODES 10, min_fee_fen)
    bears_payment_fee: bool = False  # he bears what the payment channel charges, else the mall does (MODES 10)


@quick
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
    kind: LineKind = LineKind.GOODS
    zone: str = "self_operated"
    sku: str = ""
    product: str = ""
    categories: tuple[str, ...] = ()  # the product's own category first, then its ancestors
    seller: SellerFacts = dataclasses.field(default_factory=SellerFacts)
    earns: bool = True  # False: its zone awards nothing (wholesale)

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
        if min(amounts) < 0 or self.quantity < 1:
            raise ValueError(f"line {self.line}: no amount may be negative, and there is at least one piece")

    @cached_property
    def cash(self) -> int:
        """C = M - Ds - Dp - K - V."""
        parts = self.merchant_discount + self.platform_discount + self.coin_amount + self.voucher_amount
        return self.level_amount - parts

    @cached_property
    def is_plain(self) -> bool:
        """Goods that are no gift pack, in a zone that earns: what distribution, differential, regional and the others work on."""
        return self.kind is LineKind.GOODS and self.zone != GIFT_PACK_ZONE and self.earns

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
    rank: int = 0
    partner: bool = False  # holds a paid membership


@dataclass(frozen=True, kw_only=True)
class BuyerFacts:
    """Who bought, and the chain above him at the time of payment. `store` is the store he is bound to."""

    member: str
    promoter: bool = False
    rank: int = 0
    level: str = "ordinary"
    store: str = ""
    chain: tuple[UplineFacts, ...] = ()


@dataclass(frozen=True)
class HolderFacts:
    """One agent of an area, a member's ULID, and the weight of his contract (invested fen)."""

    agent: str
    weight: int


@dataclass(frozen=True, kw_only=True)
class AreaFacts:
    """An area that the order falls into, with its holders at the time of payment, earliest first.

    `unsold_weight` is the part of the area that nobody holds: its share stays with the mall.
    """

    grade: Grade
    code: str
    holders: tuple[HolderFacts, ...] = ()
    unsold_weight: int = 0

    @cached_property
    def word(self) -> str:
        """The grade's name: awards are called so, and tables of rates have it."""
        return self.grade.value

    @cached_property
    def place(self) -> int:
        """Where the grade stands in the order of awarding."""
        return list(Grade).index(self.grade)


@dataclass(frozen=True, kw_only=True)
class SaleFacts:
    """What holds for a whole order, as it was at payment; a mode gets it beside each line.

    `pickup_store` hands the goods over; its award stands on `pickup_line`, the order's first line, alone.
    """

    buyer: BuyerFacts
    areas: tuple[AreaFacts, ...] = ()
    pickup_store: str = ""
    pickup_line: str = ""


@quick
@dataclass(frozen=True, kw_only=True)
class OfferFacts:
    """A SKU in a zone before it is bought: what `quote` needs. `level_prices`: fen a piece entered for a buyer's level."""

    sku: str
    list_price: int
    level_prices: tuple[tuple[str, int], ...] = ()
    supply_cost: int = 0
    kind: LineKind = LineKind.GOODS
    zone: str = "self_operated"
    product: str = ""
    categories: tuple[str, ...] = ()
    seller: SellerFacts = dataclasses.field(default_factory=SellerFacts)
    earns: bool = True


@quick
@dataclass(frozen=True, kw_only=True)
class Quote:
    """Price and payment mix of an offer for a buyer; `share_earning` is what its promoter would earn at most.

    Quotes of several modes combine: the lowest unit price, the sum of the earnings.
    """

    unit_price: int
    coin_limit: int = 0
    voucher_limit: int = 0
    share_earning: int = 0


@quick
@dataclass(frozen=True, kw_only=True)
class Award:
    """Who earns what from a line. `full_amount` is what the rule gave before a cap or the pot of the line cut it.

    An empty `payee` is a reserve whose payee is found at completion (link 2+1); what finds none goes to the house.
    """

    mode: str
    kind: str
    payee: str
    payee_kind: PayeeKind = PayeeKind.MEMBER
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


@dataclass(frozen=True, kw_only=True)
class Caution(Problem):
    """The draft may be published once somebody has read this; in a live mall by `two_persons` where the law asks for it."""

    two_persons: bool = False


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
    replaces: ClassVar[frozenset[str]]  # modes that give way on the lines that this one takes

    def takes(self, settings: S, line: LineFacts) -> bool:
        """Whether this mode works on a line: switched on, and the line is of its kind, zone or product."""
        ...

    def quote(self, settings: S, offer: OfferFacts, buyer: BuyerFacts) -> Quote:
        """Price and payment mix for this buyer, and what sharing the offer would earn. `list_price` is the zone's."""
        ...

    def award(self, settings: S, line: LineFacts, sale: SaleFacts) -> Sequence[Award]:
        """Awards of a line that it takes, in the order in which the pot pays them; zeros left out; the pot cuts later."""
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
