"""Facts that settlement works on, and the decisions it takes from them. Pure; amounts in fen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from tenant_apps.modes.contract import (
    HARD_MAX_LEVELS,
    HolderFacts,
    LineFacts,
    LineKind,
    PayeeKind,
    SaleFacts,
    UplineFacts,
)
from tenant_apps.modes.rules import Returned, Shares, claw_back
from tenant_apps.sellers.rules import deposit_of, prepaid_of

NOBODY = "nobody"  # stands in a sale for somebody who is missing


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


class VoidReason(StrEnum):
    """Why an award came to nothing before it was released."""

    REFUNDED = "refunded"
    AREA_CHANGED = "area"  # the address was changed before shipping: made again for the new area
    NO_PAYEE = "no_payee"  # a reserve for which nobody was found at completion: the house has it


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
    area_revision: int = 0  # how often its address has moved to another area since payment
    province: str = ""  # where it was sent, six digits
    paid_under: str = ""  # the document of the payment that paid it with others; empty: its own
    total: int = 0  # fen to be paid in money, freight included
    by_card: int = 0  # of which a stored-value card has paid

    @property
    def document(self) -> str:
        """How the ledger calls the order."""
        return f"order:{self.ulid}"

    @property
    def vouchers(self) -> int:
        """Fen that vouchers paid of it."""
        return sum(line.facts.voucher_amount for line in self.lines)

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
    coins: int = 0  # how many come back, whoever bore them


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


def back_to_card(*, total: int, by_card: int, before: int, now: int) -> int:
    """The part of a refund of `now` fen that goes back to the card that paid `by_card` of `total`; `before` went back.

    The cumulative share is floored, so that each refund and all of them together are exact: the rest is the channel's.
    """
    if not by_card:
        return 0
    return by_card * (before + now) // total - by_card * before // total


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
    fee: int = 0  # of the mall's take; a part of the others
    payment_fee: int = 0  # of what the channel charged the seller; a part of the others


def difference(before: Shares, after: Shares, *, fee: int = 0, payment_fee: int = 0) -> Difference:
    """The refund's burden, by holder, awards aside."""
    return Difference(
        payable=before.payable - after.payable,
        cost=before.cost - after.cost,
        pool=before.pool - after.pool,
        house=before.house - after.house,
        fee=fee,
        payment_fee=payment_fee,
    )


def wallet_of(member: str) -> str:
    """A member's wallet account."""
    return f"member.wallet.{member}"


def debt_of(member: str) -> str:
    """What a member owes: an account at zero or below."""
    return f"debt.member.{member}"


@dataclass(frozen=True)
class Purse:
    """Where somebody's money lies, and where what he owes is written down. Without `debt` the house bears what lacks."""

    account: str
    debt: str = ""


def member_purse(member: str) -> Purse:
    """A person's wallet."""
    return Purse(wallet_of(member), debt_of(member))


def seller_purse(seller: str) -> Purse:
    """What the mall has to pay a seller for goods."""
    return Purse(f"seller.payable.{seller}", f"debt.seller.{seller}")


def line_purse(row_kind: str, seller: str) -> Purse:
    """Where a line's seller has his part: what the mall owes him, or what is kept for others, whose lack is nobody's debt."""
    if row_kind == LineKind.STORED_CARD:
        return Purse(prepaid_of(seller))
    return Purse(deposit_of(seller)) if row_kind == LineKind.DEPOSIT else seller_purse(seller)


def purse_of(kind: str, payee: str, mode: str) -> Purse:
    """Whose account an award goes to (MODES 1.3)."""
    match PayeeKind(kind):
        case PayeeKind.MEMBER:
            return member_purse(payee)
        case PayeeKind.STORE:
            return Purse(f"store.wallet.{payee}", f"debt.store.{payee}")
        case PayeeKind.ACCRUAL:
            return Purse(f"accrual.{mode}")


def is_held(kind: str, payee: str) -> bool:
    """Whether an award is frozen as a hold for its payee; a reserve and an accrual stay in the escrow until completion."""
    return bool(payee) and kind != PayeeKind.ACCRUAL


@dataclass(frozen=True)
class Unclaimed:
    """What a rule had for somebody who is not there: no promoter at a level, nobody who holds an area. Fen."""

    mode: str
    kind: str
    amount: int


def everybody_there(sale: SaleFacts) -> SaleFacts:
    """The same sale as if nobody were missing: promoters all the way up, every area held in full."""
    chain = [UplineFacts(one.member, True, True, one.rank, True) for one in sale.buyer.chain]
    chain += [UplineFacts(f"{NOBODY}{depth}", partner=True) for depth in range(len(chain), HARD_MAX_LEVELS)]
    areas = [
        replace(area, holders=(*area.holders, HolderFacts(NOBODY, area.unsold_weight)), unsold_weight=0)
        if area.unsold_weight
        else area
        for area in sale.areas
    ]
    return replace(sale, buyer=replace(sale.buyer, chain=tuple(chain)), areas=tuple(areas))


def unclaimed(
    given: Sequence[tuple[str, str, int]], filled: Sequence[tuple[str, str, int]], left: int
) -> list[Unclaimed]:
    """What stayed with the house because nobody could claim it: what would have been given had everybody been there.

    Both sequences are (mode, kind, amount) after the pot's cut, in the pot's order; `left` is what the pot has over.
    """
    sums: dict[tuple[str, str], int] = {}
    for mode, kind, amount in filled:
        sums[mode, kind] = sums.get((mode, kind), 0) + amount
    for mode, kind, amount in given:
        sums[mode, kind] = sums.get((mode, kind), 0) - amount
    found = []
    for (mode, kind), amount in sums.items():
        part = min(amount, left)
        if part > 0:
            left -= part
            found.append(Unclaimed(mode, kind, part))
    return found
