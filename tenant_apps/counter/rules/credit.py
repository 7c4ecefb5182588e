"""Goods of the mall lent to a store (FEATURES G14): how much may be lent, what a count says. Pure; fen and pieces."""

from dataclasses import dataclass
from enum import StrEnum

MAX_PIECES = 100_000
MAX_UNIT_AMOUNT = 100_000_000  # fen a piece
MAX_FACTOR_PPM = 5_000_000  # five times the deposit
FACTOR_PPM = 1_000_000  # once the deposit


class MoveKind(StrEnum):
    """What happened to pieces: lent to the store, sold there, brought back, missing or found at a count."""

    LENT = "lent"
    SOLD = "sold"
    RETURNED = "returned"
    MISSING = "missing"
    FOUND = "found"


@dataclass(frozen=True)
class Counted:
    """What a count changes: pieces missing (charged) or found (given back), one of the two at most."""

    missing: int = 0
    found: int = 0

    @property
    def changes(self) -> bool:
        return bool(self.missing or self.found)


def limit(deposit_amount: int, factor_ppm: int) -> int:
    """The worth of goods that a store may have on credit: its deposit times the factor, rounded down."""
    return max(0, deposit_amount) * factor_ppm // 1_000_000


def count(*, held: int, counted: int, charged: int) -> Counted:
    """What a count of `counted` pieces says where `held` are on the books and `charged` were sold or missing before.

    More than were ever lent and not brought back cannot be there: ValueError.
    """
    if counted < 0 or counted - held > charged:
        raise ValueError("more than was lent")
    return Counted(missing=max(0, held - counted), found=max(0, counted - held))
