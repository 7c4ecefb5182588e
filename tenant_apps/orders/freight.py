"""What sending goods costs by template: by piece or by weight, by region, free from a threshold on. Pure; fen and grams.

A region is a code of six digits: a province's (`440000`) or a city's (`440100`). The city beats the province, the
province the rate without regions. What lies in `unreachable`, and what no rate names, cannot be sent to.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from saas.kernel.money import allocate, ceil_div

MAX_RATES = 40
MAX_REGIONS = 400
MAX_COUNT = 10_000_000
MAX_AMOUNT = 10_000_000  # fen


class Basis(StrEnum):
    """What a template counts: pieces, or grams."""

    PIECE = "piece"
    WEIGHT = "weight"


@dataclass(frozen=True)
class Rate:
    """`first_amount` fen for the first pieces (or grams), then `next_amount` for every begun `next` more.

    Nothing where the goods come to `free_from_amount` fen, or to `free_from_count` pieces (or grams).
    """

    first: int
    first_amount: int
    next: int = 0
    next_amount: int = 0
    regions: tuple[str, ...] = ()
    free_from_amount: int | None = None
    free_from_count: int | None = None


@dataclass(frozen=True)
class Template:
    """One way to price sending; `ulid` is empty for the mall's flat freight."""

    ulid: str
    name: str
    basis: Basis
    rates: tuple[Rate, ...]
    unreachable: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sent:
    """A line to be sent: its pieces, what one weighs, what its goods are worth and how much of that is paid in money."""

    qty: int
    unit_grams: int
    worth_amount: int
    cash_amount: int


def rate_for(template: Template, *, province_code: str, city_code: str) -> Rate | None:
    """The rate of a place; the one for everywhere else where the place is not known yet. None: nothing is sent there."""
    if {province_code, city_code} & set(template.unreachable):
        return None
    for code in (city_code, province_code):
        for rate in template.rates:
            if code and code in rate.regions:
                return rate
    return next((rate for rate in template.rates if not rate.regions), None)


def charge(rate: Rate, *, count: int, worth_amount: int) -> int:
    """Fen for `count` pieces or grams of goods worth `worth_amount`."""
    if rate.free_from_amount is not None and worth_amount >= rate.free_from_amount:
        return 0
    if rate.free_from_count is not None and count >= rate.free_from_count:
        return 0
    more = ceil_div(count - rate.first, rate.next) * rate.next_amount if rate.next and count > rate.first else 0
    return rate.first_amount + more


def quote(template: Template, lines: Sequence[Sent], *, province_code: str = "", city_code: str = "") -> int | None:
    """Fen for sending these lines together, or None where the template does not reach the place."""
    rate = rate_for(template, province_code=province_code, city_code=city_code)
    if rate is None:
        return None
    weighed = template.basis is Basis.WEIGHT
    count = sum(line.qty * (line.unit_grams if weighed else 1) for line in lines)
    return charge(rate, count=count, worth_amount=sum(line.worth_amount for line in lines))


def spread(freight_amount: int, lines: Sequence[Sent]) -> list[int]:
    """Freight by line: by largest remainder on the cash of each; where nothing was paid in money the first bears it."""
    weights = [line.cash_amount for line in lines]
    return allocate(freight_amount, weights if any(weights) else [1, *([0] * (len(lines) - 1))])


def fault(template: Template) -> str | None:
    """Which field of a template cannot be (`name`, `rates`, `regions`, `first`, `next`, `free_from`, `unreachable`), or None."""
    if not 1 <= len(template.name.strip()) <= 40:
        return "name"
    if not 1 <= len(template.rates) <= MAX_RATES:
        return "rates"
    named = [code for rate in template.rates for code in rate.regions]
    if len(named) != len(set(named)) or len(named) > MAX_REGIONS or not all(map(_is_region, named)):
        return "regions"
    if sum(not rate.regions for rate in template.rates) > 1:
        return "rates"
    if not all(map(_is_region, template.unreachable)) or set(named) & set(template.unreachable):
        return "unreachable"
    return next((found for rate in template.rates if (found := _rate_fault(rate))), None)


def _rate_fault(rate: Rate) -> str | None:
    if not (1 <= rate.first <= MAX_COUNT and 0 <= rate.first_amount <= MAX_AMOUNT):
        return "first"
    if not (0 <= rate.next <= MAX_COUNT and 0 <= rate.next_amount <= MAX_AMOUNT) or (
        rate.next_amount and not rate.next
    ):
        return "next"
    limits = (rate.free_from_amount, rate.free_from_count)
    return "free_from" if any(one is not None and not 1 <= one <= MAX_COUNT * 100 for one in limits) else None


def _is_region(code: str) -> bool:
    return len(code) == 6 and code.isdecimal() and code.isascii() and code.endswith("00")


def flat(amount: int, free_from_amount: int | None) -> Template:
    """The mall's flat freight as a template: the same for every order, whatever is in it and wherever it goes."""
    return Template("", "", Basis.PIECE, (Rate(MAX_COUNT, amount, free_from_amount=free_from_amount),))


def rates_to_json(rates: Sequence[Rate]) -> list[dict[str, Any]]:
    """Rates as a row keeps them."""
    return [{**asdict(rate), "regions": list(rate.regions)} for rate in rates]


def rates_from_json(stored: Sequence[Mapping[str, Any]]) -> tuple[Rate, ...]:
    """The rates that `rates_to_json` kept."""
    return tuple(Rate(**{**rate, "regions": tuple(rate["regions"])}) for rate in stored)
