"""The waterfall of MODES 1 over the lines of a checkout: discounts, coins and vouchers taken off, each exact to the fen. Pure.

Whoever knows discounts (flash sales, full reductions, coupons, a seller's own price cuts) hands them in; this spreads them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from saas.kernel.money import allocate
from tenant_apps.modes.coins import rules as coin_rules
from tenant_apps.orders.rules import LineAmounts
from tenant_apps.promotions.rules import Funder as Funder

COINS = "coins"  # source of what a seller bears of coins


@dataclass(frozen=True)
class Discount:
    """So many fen off some lines: `keys` are their offers (catalog.rules.offer_key), empty means every line.

    `source` names for good what gave it (`coupon:<ulid>`), `title` is what people read. More than the lines are worth
    is cut to what they are worth.
    """

    source: str
    title: str
    funder: Funder
    amount: int
    keys: tuple[str, ...] = ()
    pieces: int = 0  # of a flash sale: how many of the line's have its price

    def __post_init__(self) -> None:
        if self.amount < 0:
            raise ValueError("a discount takes nothing back")

    @property
    def by_mall(self) -> bool:
        return self.funder is Funder.MALL


@dataclass(frozen=True)
class PricedLine:
    """A line before the waterfall: G and M, and the most that coins and vouchers may pay of what is left (ppm)."""

    key: str
    gross_amount: int
    level_amount: int
    coin_ppm: int = 0
    voucher_ppm: int = 0
    discountable: bool = True
    coins_by_seller: bool = False  # what coins take off is the seller's price cut (Ds), not the mall's (K)


@dataclass(frozen=True)
class Share:
    """The part of a discount that one line bears."""

    discount: Discount
    amount: int


@dataclass(frozen=True)
class Waterfall:
    """A line after it: M = Ds + Dp + K + V + C, and which discount gave how much."""

    amounts: LineAmounts
    shares: tuple[Share, ...] = ()
    coin_count: int = 0


def discounted(lines: Sequence[PricedLine], discounts: Sequence[Discount]) -> list[tuple[Share, ...]]:
    """What each line bears of each discount: sellers' first, then the mall's, each in the order given.

    A discount is spread by largest remainder on what is left of its lines, so no line falls below zero.
    """
    left = [line.level_amount if line.discountable else 0 for line in lines]
    shares: list[list[Share]] = [[] for _ in lines]
    for one in sorted(discounts, key=lambda discount: discount.by_mall):
        weights = [rest if not one.keys or line.key in one.keys else 0 for line, rest in zip(lines, left, strict=True)]
        parts = allocate(min(one.amount, sum(weights)), weights)
        for position, part in enumerate(parts):
            if part:
                left[position] -= part
                shares[position].append(Share(one, part))
    return [tuple(of_line) for of_line in shares]


def limits(amounts: Sequence[int], rates_ppm: Sequence[int]) -> list[int]:
    """Fen of each line that coins, or vouchers, may pay: floor of the rate of what is left of it."""
    return [amount * rate // 1_000_000 for amount, rate in zip(amounts, rates_ppm, strict=True)]


def waterfall(
    lines: Sequence[PricedLine],
    discounts: Sequence[Discount] = (),
    *,
    coins: int = 0,
    coin_fen: int = 1,
    voucher_amount: int = 0,
) -> list[Waterfall]:
    """Every line with Ds, Dp, K, V and C. Raises ValueError where coins or vouchers exceed what the lines may take."""
    shares = discounted(lines, discounts)
    left = [line.level_amount - _sum(of_line) for line, of_line in zip(lines, shares, strict=True)]
    most = coin_rules.line_limits(left, [line.coin_ppm for line in lines], coin_fen=coin_fen)
    counts = coin_rules.spread(coins, most)
    left = [rest - count * coin_fen for rest, count in zip(left, counts, strict=True)]
    vouchers = _spread(voucher_amount, limits(left, [line.voucher_ppm for line in lines]))
    return [
        _line(line, of_line, count, count * coin_fen, voucher, rest - voucher)
        for line, of_line, count, voucher, rest in zip(lines, shares, counts, vouchers, left, strict=True)
    ]


def _line(line: PricedLine, shares: tuple[Share, ...], count: int, worth: int, voucher: int, cash: int) -> Waterfall:
    if line.coins_by_seller and worth:
        shares = (*shares, Share(Discount(COINS, COINS, Funder.SELLER, worth, (line.key,)), worth))
    amounts = LineAmounts(
        gross_amount=line.gross_amount,
        level_amount=line.level_amount,
        merchant_discount_amount=_sum(shares, Funder.SELLER),
        platform_discount_amount=_sum(shares, Funder.MALL),
        coin_amount=0 if line.coins_by_seller else worth,
        voucher_amount=voucher,
        cash_amount=cash,
        supply_cost_amount=0,
    )
    return Waterfall(amounts, shares, count)


def to_json(shares: Sequence[Share]) -> list[dict[str, Any]]:
    """Where a line's discounts came from, as the order line keeps it."""
    return [
        {
            "source": share.discount.source,
            "title": share.discount.title,
            "funder": share.discount.funder.value,
            "amount": share.amount,
        }
        | ({"pieces": share.discount.pieces} if share.discount.pieces else {})
        for share in shares
    ]


def _sum(shares: Sequence[Share], funder: Funder | None = None) -> int:
    return sum(share.amount for share in shares if funder is None or share.discount.funder is funder)


def _spread(amount: int, most: Sequence[int]) -> list[int]:
    if amount < 0 or amount > sum(most):
        raise ValueError("more than the lines may take")
    return allocate(amount, list(most))
