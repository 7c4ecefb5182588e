"""The waterfall of an order line (MODES 1): what a sale leaves, the pot, the cut, what a refund returns. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from saas.kernel.money import ceil_div, pct, pct_ceil
from tenant_apps.modes.contract import Award, BaseMode, LineFacts, LineKind, SellerFacts, SellerKind

_PAID, _GROSS, _PROFIT = BaseMode.PAID, BaseMode.GROSS, BaseMode.PROFIT  # asked for with every award


@dataclass(frozen=True, kw_only=True)
class PotTerms:
    """What the mall decided about the pot of a line. `pool_share_ppm` counts only where the subsidy is on."""

    platform_min_ppm: int = 0
    subsidy: bool = False
    pool_share_ppm: int = 600_000
    pool_of_turnover: bool = False  # the share is of C, never more than L; otherwise of L
    voucher_concession_to_pool: bool = True
    payment_fee_ppm: int = 0  # what the payment channel charges; of sellers who bear it (MODES 10)


class Margin(NamedTuple):
    """What a line leaves in the mall's hands before awards. `margin` is signed, `funds` is max(0, margin)."""

    margin: int
    payable: int
    fee: int = 0
    cost: int = 0
    concession: int = 0
    pool_inflow: int = 0
    pool_from_funds: int = 0
    voucher_concession: int = 0  # Lv, where it goes to the pool
    payment_fee: int = (
        0  # of the channel, borne by the seller: the house has it and pays the channel; no part of the funds
    )

    @property
    def funds(self) -> int:
        """O: what awards and the pool may come out of."""
        return max(0, self.margin)


@dataclass(frozen=True, kw_only=True)
class Returned:
    """What has been returned of a line so far, all refunds together."""

    goods_value: int = 0  # of M - Ds
    cash: int = 0
    voucher: int = 0
    coin: int = 0
    platform_discount: int = 0
    quantity: int = 0
    cost: int = 0  # supply cost of goods taken back into stock


NOTHING_RETURNED = Returned()


@dataclass(frozen=True, kw_only=True)
class Shares:
    """Where the money of a line is: C + V = payable + cost + pool + awards + house, after refunds too."""

    cash: int
    voucher: int
    payable: int
    cost: int
    pool: int
    awards: int
    house: int


def base_amount(line: LineFacts, base: BaseMode) -> int:
    """The amount that a percentage of a mode is taken of."""
    if base == _PAID:
        return line.cash
    if base == _GROSS:
        return line.level_amount
    return max(0, line.cash - line.supply_cost) if base == _PROFIT else concession(line)


def concession(line: LineFacts) -> int:
    """L as a base of awards, on the cash part only; 0 for every other kind of seller, own goods with a notional one too."""
    return pct(line.cash, line.seller.rate_ppm) if line.seller.kind is SellerKind.CONCESSION else 0


def margin(line: LineFacts, terms: PotTerms, returned: Returned = NOTHING_RETURNED) -> Margin:
    """The table of MODES 1 on what refunds have left of the line."""
    cash = line.cash - returned.cash
    voucher = line.voucher_amount - returned.voucher
    discount = line.platform_discount - returned.platform_discount
    coins = line.coin_amount - returned.coin
    if line.kind in (LineKind.DEPOSIT, LineKind.STORED_CARD):  # its owner's money in keeping: a liability, never income
        return Margin(payable=cash + voucher, margin=0)
    if line.kind is not LineKind.GOODS and terms.subsidy:  # no mode works on a fee or a card, the subsidy neither
        terms = replace(terms, subsidy=False)
    receivable = cash + voucher + discount + coins  # B
    rate = line.seller.rate_ppm
    match line.seller.kind:
        case SellerKind.SELF:
            cost = line.supply_cost - returned.cost
            given, of_voucher = (pct(cash, rate), pct(voucher, rate)) if terms.subsidy else (0, 0)
            from_funds = pool_inflow(cash, given, terms) + (of_voucher if terms.voucher_concession_to_pool else 0)
            return Margin(
                payable=0,
                cost=cost,
                margin=cash + voucher - cost,
                concession=given,
                voucher_concession=of_voucher if terms.voucher_concession_to_pool else 0,
                pool_inflow=from_funds,
                pool_from_funds=from_funds,
            )
        case SellerKind.SUPPLIER:
            payable = (line.quantity - returned.quantity) * line.seller.supply_price
            return Margin(payable=payable, margin=cash + voucher - payable)
        case SellerKind.COMMISSION:
            fee = take(line.seller, receivable)
            channel = payment_fee(line, cash, receivable - fee, terms)
            return Margin(
                payable=receivable - fee - channel, fee=fee, margin=fee - discount - coins, payment_fee=channel
            )
        case SellerKind.CONCESSION:
            given, of_voucher = pct(cash, rate), pct(voucher, rate)
            if terms.subsidy and not terms.voucher_concession_to_pool:
                of_voucher = 0
            from_funds = pool_inflow(cash, given, terms)
            channel = payment_fee(line, cash, receivable - given - of_voucher, terms)
            return Margin(
                payable=receivable - given - of_voucher - channel,
                payment_fee=channel,
                fee=given + of_voucher,
                concession=given,
                voucher_concession=of_voucher,
                pool_inflow=from_funds + of_voucher if terms.subsidy else 0,
                pool_from_funds=from_funds,
                margin=given - discount - coins,
            )


def take(seller: SellerFacts, receivable: int) -> int:
    """The commission on `receivable` B: its percentage, at least the seller's smallest fee, never more than there is (MODES 10)."""
    return min(receivable, max(pct(receivable, seller.rate_ppm), seller.least_fee))


def payment_fee(line: LineFacts, cash: int, left: int, terms: PotTerms) -> int:
    """What the channel charged for the money `cash` of a line, where its seller bears it; at most the `left` that he has.

    Floored: the odd fen is the seller's. Freight passes through whole, and nothing but money went through the channel.
    """
    return min(left, pct(cash, terms.payment_fee_ppm)) if line.seller.bears_payment_fee else 0


def pool_inflow(cash: int, given: int, terms: PotTerms) -> int:
    """What the subsidy's pool receives out of a concession `given` on `cash` (fen), rounded up; 0 without a subsidy."""
    if not terms.subsidy:
        return 0
    if terms.pool_of_turnover:
        return min(given, pct_ceil(cash, terms.pool_share_ppm))
    return pct_ceil(given, terms.pool_share_ppm)


def pot(of: Margin, terms: PotTerms) -> int:
    """What awards of a line may come to in all: O less the pool's part and what stays with the house before awards."""
    return max(0, of.funds - of.pool_from_funds - pct(of.funds, terms.platform_min_ppm))


def cap_total(awards: Iterable[Award], limit: int) -> tuple[Award, ...]:
    """Cut awards, first come first served, so that they never pay out more than the line brought in. Zeros are left out."""
    kept: list[Award] = []
    left = max(0, limit)
    for award in awards:
        amount = min(award.amount, left)
        left -= amount
        if amount:
            kept.append(award if amount == award.amount else replace(award, amount=amount))
    return tuple(kept)


def shares(line: LineFacts, terms: PotTerms, awarded: int, returned: Returned = NOTHING_RETURNED) -> Shares:
    """Who holds what of a line when its awards have come down to `awarded`; the house is what is left, signed."""
    of = margin(line, terms, returned)
    cash, voucher = line.cash - returned.cash, line.voucher_amount - returned.voucher
    house = cash + voucher - of.payable - of.cost - of.pool_inflow - awarded
    return Shares(
        cash=cash, voucher=voucher, payable=of.payable, cost=of.cost, pool=of.pool_inflow, awards=awarded, house=house
    )


def claw_back(amount: int, paid: int, refunded: int, taken: int) -> int:
    """What to take back now of an award: the cumulative share rounded up, less what was taken (MODES 0, 4).

    `paid` is the line's C (V where C is 0), `refunded` how much of it has gone back so far, this refund included.
    """
    if not 0 <= refunded <= paid:
        raise ValueError("refunds above what was paid")
    return max(0, min(amount, ceil_div(amount * refunded, paid)) - taken) if paid else 0


def returned_parts(line: LineFacts, goods_value: int) -> tuple[int, int, int, int]:
    """What the shopper has back when `goods_value` of M - Ds has been refunded so far: cash, voucher, coin, discount.

    Vouchers, coins and the mall's discount are floored, cash is the rest; at the full value each is exact (MODES 1.2).
    """
    whole = line.goods_value
    if not 0 <= goods_value <= whole:
        raise ValueError("refunds above what was paid")
    if whole == 0:
        return 0, 0, 0, 0
    voucher = line.voucher_amount * goods_value // whole
    coin = line.coin_amount * goods_value // whole
    discount = line.platform_discount * goods_value // whole
    return min(line.cash, goods_value - voucher - coin - discount), voucher, coin, discount


def covered_below(award: Award) -> int:
    """Fen that ranks below an earner by differential had covered already."""
    return pct(award.base_amount, award.rate_ppm) - award.full_amount


def total(awards: Sequence[Award]) -> int:
    """Sum of the awards' amounts."""
    return sum([award.amount for award in awards])
