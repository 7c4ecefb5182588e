"""Shopping coins (MODES 11a, 11b): how many a line gives, takes and gives back, and until when they last. Pure.

Whole coins of `coin_fen` fen, on goods only, never on freight.
"""

import calendar
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from saas.kernel.money import allocate, ceil_div, pct

COIN = "COIN"  # the asset in the book: whole coins
RETURNED_DAYS = 7  # coins that come back can be spent for at least so long
NOTICE_DAYS = 30


class Bearer(StrEnum):
    """Who bears the price of coins: the mall, or the seller of the goods."""

    PLATFORM = "the_mall"
    MERCHANT = "the_seller"


class UseState(StrEnum):
    """Coins of an order: set aside until it is paid, spent, or free again because it never was."""

    RESERVED = "reserved"
    SPENT = "spent"
    RELEASED = "released"


@dataclass(frozen=True)
class CoinDeduction:
    """Coins used, and what they take off (fen)."""

    coins: int
    amount: int


def coin_deduction(base: int, balance: int, *, most_ppm: int = 300_000, coin_fen: int = 1) -> CoinDeduction:
    """What `balance` coins may pay of `base` fen (M − Ds − Dp): at most `most_ppm` of it, in whole coins."""
    coins = min(balance, pct(base, most_ppm) // coin_fen)
    return CoinDeduction(coins, coins * coin_fen)


def line_limits(bases: Sequence[int], rates_ppm: Sequence[int], *, coin_fen: int) -> list[int]:
    """Coins that each line may take; a cart's limit is their sum."""
    return [pct(base, rate) // coin_fen for base, rate in zip(bases, rates_ppm, strict=True)]


def spread(coins: int, limits: Sequence[int]) -> list[int]:
    """So many coins over lines by largest remainder, each within its limit. Raises ValueError above all limits."""
    if not 0 <= coins <= sum(limits):
        raise ValueError("more coins than the lines may take")
    return allocate(coins, list(limits))


def given(cash: int, rate_ppm: int) -> int:
    """Coins for `cash` fen of a line, rounded down: 10 000 ppm is one coin a yuan (11a)."""
    return pct(cash, rate_ppm)


def taken_back(coins: int, cash: int, refunded: int) -> int:
    """Of the coins that `cash` fen gave, what has to be back when `refunded` of them has: rounded up (1.2)."""
    return min(coins, ceil_div(coins * refunded, cash)) if cash else 0


def expiry(at: dt.datetime, *, months: int, to_year_end: bool) -> dt.datetime:
    """The instant from which coins given at `at` (in the mall's zone) count no more: the end of the day so many months
    later, or of the year in which that day falls.
    """
    count = at.year * 12 + at.month - 1 + months
    year, month = divmod(count, 12)
    if to_year_end:
        day = dt.date(year, 12, 31)
    else:
        day = dt.date(year, month + 1, min(at.day, calendar.monthrange(year, month + 1)[1]))
    return dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), tzinfo=at.tzinfo)
