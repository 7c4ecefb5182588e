"""Order states, amounts of a line (MODES 1), partial refunds (MODES 1.2) and address checks. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

MAX_CART_LINES = 50
MAX_QTY = 999
MAX_PARTS = 50  # orders of one purchase, one a seller: as many as the channel's combined payments take (CHANNELS 1.6)


class DeliveryKind(StrEnum):
    """How an order comes to the buyer: by a carrier, brought by a store, fetched at one, or paid and taken at a till."""

    EXPRESS = "express"
    STORE_DELIVERY = "store_delivery"
    PICKUP = "pickup"
    TILL = "till"


class OrderState(StrEnum):
    """Where an order stands."""

    PENDING_PAYMENT = "pending_payment"
    PAID = "paid"
    SHIPPED = "shipped"
    RECEIVED = "received"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    REFUNDED = "refunded"


TRANSITIONS: dict[OrderState, frozenset[OrderState]] = {
    OrderState.PENDING_PAYMENT: frozenset({OrderState.PAID, OrderState.CANCELLED}),
    # a fee has nothing to ship: paid is received
    OrderState.PAID: frozenset({OrderState.SHIPPED, OrderState.RECEIVED, OrderState.REFUNDED}),
    OrderState.SHIPPED: frozenset({OrderState.RECEIVED, OrderState.REFUNDED}),
    OrderState.RECEIVED: frozenset({OrderState.COMPLETED, OrderState.REFUNDED}),
    OrderState.COMPLETED: frozenset({OrderState.REFUNDED}),
    OrderState.CANCELLED: frozenset(),
    OrderState.REFUNDED: frozenset(),
}
PAYABLE = frozenset({OrderState.PENDING_PAYMENT})
REFUNDABLE = frozenset({OrderState.PAID, OrderState.SHIPPED, OrderState.RECEIVED, OrderState.COMPLETED})
WITH_GOODS_SENT = frozenset({OrderState.SHIPPED, OrderState.RECEIVED, OrderState.COMPLETED})
PAID_ONCE = REFUNDABLE | {OrderState.REFUNDED}
ADDRESS_OPEN = frozenset({OrderState.PENDING_PAYMENT, OrderState.PAID})  # goods that have not left
FINAL = frozenset({OrderState.CANCELLED, OrderState.REFUNDED})


class RefundState(StrEnum):
    """Where a refund case stands. Approved: the money is on its way back."""

    REQUESTED = "requested"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    REFUNDED = "refunded"
    EXCHANGED = "exchanged"  # goods for goods: no money moved


REFUND_TRANSITIONS: dict[RefundState, frozenset[RefundState]] = {
    RefundState.REQUESTED: frozenset(
        {RefundState.APPROVED, RefundState.REFUSED, RefundState.WITHDRAWN, RefundState.EXCHANGED}
    ),
    RefundState.APPROVED: frozenset({RefundState.REFUNDED}),
    RefundState.REFUSED: frozenset(),
    RefundState.WITHDRAWN: frozenset(),
    RefundState.REFUNDED: frozenset(),
    RefundState.EXCHANGED: frozenset(),
}
OPEN_REFUND = frozenset({RefundState.REQUESTED, RefundState.APPROVED})


class RefundKind(StrEnum):
    """Why money goes back: an after-sales case, or a payment that bought nothing."""

    CASE = "case"
    UNUSABLE_PAYMENT = "unusable_payment"


# --- amounts of a line (MODES 1) -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class LineAmounts:
    """The waterfall of one line, in fen: G, M, Ds, Dp, K, V and C of MODES 1, and the line's own cost."""

    gross_amount: int
    level_amount: int
    merchant_discount_amount: int
    platform_discount_amount: int
    coin_amount: int
    voucher_amount: int
    cash_amount: int
    supply_cost_amount: int

    def __post_init__(self) -> None:
        taken = self.merchant_discount_amount + self.platform_discount_amount + self.coin_amount + self.voucher_amount
        if self.level_amount != taken + self.cash_amount:
            raise ValueError("M = Ds + Dp + K + V + C does not hold")
        if min(vars(self).values()) < 0:
            raise ValueError("a line amount is negative")


def line_amounts(*, unit_list_amount: int, unit_amount: int, qty: int, unit_supply_amount: int) -> LineAmounts:
    """A line paid in cash alone: `unit_amount` is the price at the buyer's level, `unit_list_amount` the list price."""
    level = unit_amount * qty
    return LineAmounts(unit_list_amount * qty, level, 0, 0, 0, 0, level, unit_supply_amount * qty)


# --- refunds (MODES 1.2) ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class RefundableLine:
    """A line with what has gone back so far. `value` is goods value, a part of M − Ds."""

    qty: int
    value_amount: int
    coin_amount: int
    voucher_amount: int
    cash_amount: int
    supply_cost_amount: int
    refunded_qty: int = 0
    refunded_value_amount: int = 0
    refunded_coin_amount: int = 0
    refunded_voucher_amount: int = 0
    refunded_cash_amount: int = 0
    used_value_amount: int = 0
    coin_count: int = 0
    refunded_coin_count: int = 0

    @property
    def value_left_amount(self) -> int:
        return self.value_amount - self.refunded_value_amount - self.used_value_amount

    @property
    def qty_left(self) -> int:
        return self.qty - self.refunded_qty


@dataclass(frozen=True)
class RefundAmounts:
    """What one refund of a line gives back to the shopper, in fen."""

    value_amount: int
    cash_amount: int
    coin_amount: int
    voucher_amount: int
    coin_count: int = 0


def default_value(line: RefundableLine, qty: int) -> int:
    """The goods value of `qty` further pieces: the exact rest for the last one, else the floored share by pieces.

    What amount-only refunds have already given back is not given twice.
    """
    if qty >= line.qty_left:
        return line.value_left_amount
    return min(line.value_left_amount, line.value_amount * qty // line.qty)


def split_refund(line: RefundableLine, value_amount: int) -> RefundAmounts:
    """Coins, voucher and cash for a further goods value `value_amount` (> 0, at most what is left).

    Cumulative share ρ = Σ value / (M − Ds); coins (whole ones) and voucher are floored at ρ, cash is the rest of what
    the shopper paid at ρ, never more than C and never less than before; at ρ = 1 each is exact. Coins that the seller
    bore are no part of K: they come back by number alone.
    """
    if not 0 < value_amount <= line.value_left_amount:
        raise ValueError("refund value out of range")
    value = line.refunded_value_amount + value_amount
    count = line.coin_count * value // line.value_amount
    if line.coin_count:
        coins = line.coin_amount // line.coin_count * count
    else:
        coins = line.coin_amount * value // line.value_amount
    voucher = line.voucher_amount * value // line.value_amount
    paid = line.coin_amount + line.voucher_amount + line.cash_amount
    cash = min(line.cash_amount, paid * value // line.value_amount - coins - voucher)
    if value == line.value_amount:
        cash = line.cash_amount
    return RefundAmounts(
        value_amount=value_amount,
        cash_amount=max(0, cash - line.refunded_cash_amount),
        coin_amount=coins - line.refunded_coin_amount,
        voucher_amount=voucher - line.refunded_voucher_amount,
        coin_count=count - line.refunded_coin_count,
    )


def returned_cost(line: RefundableLine, restocked_before: int, restocked_qty: int) -> int:
    """The part of the line's cost that comes back with goods taken back into stock (cumulative, exact at the end)."""
    after = line.supply_cost_amount * (restocked_before + restocked_qty) // line.qty
    return after - line.supply_cost_amount * restocked_before // line.qty


# --- address ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Recipient:
    """Where an order goes. Codes are the six digits of 省, 市 and 区; a street has nine and may be left open."""

    name: str
    phone: str
    province_code: str
    city_code: str
    district_code: str
    province: str
    city: str
    district: str
    detail: str
    street_code: str = ""
    street: str = ""


NOWHERE = Recipient("", "", "", "", "", "", "", "", "")  # of a fee: nothing is sent


def recipient_fault(address: Recipient) -> str | None:
    """Which part of an address is missing (the field's name), or None. The codes are checked by members.divisions."""
    for name in ("name", "phone", "province_code", "city_code", "district_code", "province", "district", "detail"):
        if not getattr(address, name).strip():
            return name
    return None


@dataclass(frozen=True)
class WantedLine:
    """A SKU to buy; `expected_unit_amount` (fen) is the price the shopper saw, where the caller knows it.

    `sku_ulid` is a key of catalog.rules.offer_key: the SKU alone, or `SKU@zone` for a SKU of another zone. `agency_code`
    is the area that the buyer wants where a gift pack grants an agency: province 2, city 4, district 6 digits.
    `terms_ulid` names the written terms that the buyer of a store's card has accepted.
    `till_amount` (fen) is what is paid at a till instead of a product's price (services.tills).
    """

    sku_ulid: str
    qty: int
    expected_unit_amount: int | None = None
    agency_code: str = ""
    terms_ulid: str = ""
    till_amount: int | None = None


@dataclass(frozen=True)
class Prepaid:
    """A stored-value card that is to pay goods of its own store, with what is on it (fen)."""

    seller_ulid: str
    card_ulid: str
    most_amount: int


@dataclass(frozen=True)
class RefundWish:
    """Pieces and goods value (fen, part of M − Ds) of a line to give back; without a value, that of the pieces."""

    line_ulid: str
    qty: int
    value_amount: int | None = None


def merge_lines(*carts: Sequence[tuple[str, int]]) -> dict[str, int]:
    """Several lists of (SKU, qty) as one, quantities added and capped, first come first."""
    merged: dict[str, int] = {}
    for cart in carts:
        for sku_ulid, qty in cart:
            if qty > 0 and (sku_ulid in merged or len(merged) < MAX_CART_LINES):
                merged[sku_ulid] = min(MAX_QTY, merged.get(sku_ulid, 0) + qty)
    return merged
