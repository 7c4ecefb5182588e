"""Facts that settlement works on, and the decisions it takes from them. Pure; amounts in fen."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from tenant_apps.modes.contract import LineFacts, SaleFacts
from tenant_apps.modes.rules import Returned, Shares, claw_back


class SettlementState(StrEnum):
    """Where the money of an order stands: frozen in escrow, or handed out."""

    AWARDED = "awarded"
    RELEASED = "released"


class AwardState(StrEnum):
    """The life cycle of an award (MODES 0)."""

    FROZEN = "frozen"
    RELEASED = "released"
    VOID = "void"
    CLAWED_BACK = "clawed_back"


@dataclass(frozen=True, kw_only=True)
class PaidLine:
    """An order line: the facts of the waterfall, and what it is called."""

    facts: LineFacts
    title: str


@dataclass(frozen=True, kw_only=True)
class PaidOrder:
    """A paid order as settlement reads it. `pins` are the settings versions it was sold under, by mode."""

    ulid: str
    number: str
    facts: SaleFacts
    lines: Sequence[PaidLine]
    freight: int = 0
    pins: Mapping[str, str] = field(default_factory=dict)

    @property
    def document(self) -> str:
        """How the ledger calls the order."""
        return f"order:{self.ulid}"

    @property
    def escrow(self) -> str:
        """The account that holds its money until it completes."""
        return f"order.escrow.{self.ulid}"


@dataclass(frozen=True, kw_only=True)
class RefundPart:
    """What one refund returns of one line. `cost` is the supply cost of goods taken back into stock."""

    line: str
    goods_value: int
    cash: int
    voucher: int = 0
    coin: int = 0
    platform_discount: int = 0
    quantity: int = 0
    cost: int = 0


@dataclass(frozen=True, kw_only=True)
class ApprovedRefund:
    """A refund that has been approved; freight is returned apart from goods."""

    ulid: str
    parts: Sequence[RefundPart]
    freight: int = 0
    reason: str = ""

    @property
    def cash(self) -> int:
        """What goes back through the channel."""
        return self.freight + sum(part.cash for part in self.parts)


def add_part(returned: Returned, part: RefundPart) -> Returned:
    """What has been returned of a line after one more refund."""
    return Returned(
        goods_value=returned.goods_value + part.goods_value,
        cash=returned.cash + part.cash,
        voucher=returned.voucher + part.voucher,
        coin=returned.coin + part.coin,
        platform_discount=returned.platform_discount + part.platform_discount,
        quantity=returned.quantity + part.quantity,
        cost=returned.cost + part.cost,
    )


def take_back(line: LineFacts, returned: Returned, amount: int, taken: int) -> int:
    """What to take back now of an award, measured on cash; on vouchers where the line had no cash (MODES 1.2)."""
    if line.cash:
        return claw_back(amount, line.cash, returned.cash, taken)
    return claw_back(amount, line.voucher_amount, returned.voucher, taken)


@dataclass(frozen=True, kw_only=True)
class Difference:
    """How much less each holder has of a line after a refund; house signed."""

    payable: int
    cost: int
    pool: int
    house: int


def difference(before: Shares, after: Shares) -> Difference:
    """The refund's burden, by holder, awards aside."""
    return Difference(
        payable=before.payable - after.payable,
        cost=before.cost - after.cost,
        pool=before.pool - after.pool,
        house=before.house - after.house,
    )


def wallet_of(member: str) -> str:
    """A member's wallet account."""
    return f"member.wallet.{member}"


def debt_of(member: str) -> str:
    """What a member owes: an account at zero or below."""
    return f"debt.member.{member}"


def by_payee(amounts: Iterable[tuple[str, int]]) -> dict[str, int]:
    """Sum amounts by payee, in the order of first appearance; zeros left out."""
    sums: dict[str, int] = {}
    for payee, amount in amounts:
        sums[payee] = sums.get(payee, 0) + amount
    return {payee: amount for payee, amount in sums.items() if amount}
