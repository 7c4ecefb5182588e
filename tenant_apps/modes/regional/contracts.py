"""Areas by administrative code, agents' contracts and their states, licence numbers (MODES 8, 14 #16, #17). Pure."""

import calendar
import datetime as dt
from collections.abc import Iterable
from enum import StrEnum

from tenant_apps.modes.contract import Grade

MAX_OWNERS = 200  # MODES 14 #17: above it a revenue share would be a public offer
MANY_OWNERS = 10
DEFAULT_MONTHS = 12
MAX_MONTHS = 120
DIGITS: dict[Grade, int] = {Grade.PROVINCE: 2, Grade.CITY: 4, Grade.DISTRICT: 6, Grade.STREET: 9}
NAMED = frozenset({Grade.CUSTOM, Grade.REGION})  # areas that are a name and a list of codes
MUNICIPALITIES = frozenset({"11", "12", "31", "50"})  # Beijing, Tianjin, Shanghai, Chongqing have no city grade
CONTRACT_VERSION = "2026-11"


class ContractState(StrEnum):
    """Where a contract stands: asked for, terms set by the mall, signed and paying, over, or declined."""

    APPLIED = "applied"
    APPROVED = "approved"
    ACTIVE = "active"
    ENDED = "ended"
    REFUSED = "refused"


class Source(StrEnum):
    """How a contract came about."""

    APPLICATION = "application"
    STAFF = "staff"
    GIFT_PACK = "gift_pack"
    TRANSFER = "transfer"


TRANSITIONS: dict[ContractState, frozenset[ContractState]] = {
    ContractState.APPLIED: frozenset({ContractState.APPROVED, ContractState.REFUSED}),
    ContractState.APPROVED: frozenset({ContractState.ACTIVE, ContractState.REFUSED, ContractState.ENDED}),
    ContractState.ACTIVE: frozenset({ContractState.ENDED}),
    ContractState.ENDED: frozenset(),
    ContractState.REFUSED: frozenset(),
}
OPEN = frozenset({ContractState.APPLIED, ContractState.APPROVED, ContractState.ACTIVE})
HOLDING = frozenset({ContractState.APPROVED, ContractState.ACTIVE})  # take up a part of the area


def codes_of_address(district_code: str, street_code: str = "") -> dict[Grade, str]:
    """The codes that an address falls into, by grade. A municipality has no city; without a street code no street."""
    codes = {Grade.DISTRICT: district_code[:6], Grade.PROVINCE: district_code[:2]}
    if district_code[:2] not in MUNICIPALITIES:
        codes[Grade.CITY] = district_code[:4]
    if len(street_code) == DIGITS[Grade.STREET] and street_code.startswith(district_code[:6]):
        codes[Grade.STREET] = street_code
    return {grade: code for grade, code in codes.items() if len(code) == DIGITS[grade]}


def is_code(text: str) -> bool:
    """Whether a text has the form of an administrative code of some grade."""
    return text.isascii() and text.isdigit() and len(text) in DIGITS.values()


def overlap(some: Iterable[str], others: Iterable[str]) -> str:
    """The first code of `some` that lies in, or around, one of `others`; empty if the two have no place in common."""
    around = list(others)
    return next((one for one in some if any(one.startswith(code) or code.startswith(one) for code in around)), "")


def add_months(start: dt.datetime, months: int) -> dt.datetime:
    """The same instant so many calendar months later; the last day of the month where that day does not exist."""
    index = start.year * 12 + start.month - 1 + months
    year, month = divmod(index, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return start.replace(year=year, month=month + 1, day=min(start.day, last))


_SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)


def is_licence_number(text: str) -> bool:
    """Whether a text is a unified social credit code (GB 32100-2015): 18 signs, the last one checks the others."""
    if len(text) != 18 or any(sign not in _SIGNS for sign in text):
        return False
    total = sum(weight * _SIGNS.index(sign) for weight, sign in zip(_WEIGHTS, text, strict=False))
    return _SIGNS[(31 - total % 31) % 31] == text[17]
