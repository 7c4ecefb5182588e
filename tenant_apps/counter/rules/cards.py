"""Cards of a store: their limits by law (MODES 14 #12), what a visit is worth, when a card may be used. Pure; fen."""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from saas.kernel.money import allocate

MAX_CARD = 500_000  # fen a registered card: 单用途商业预付卡管理办法
MAX_VISITS = 365
MAX_VALID_DAYS = 1_830
MIN_TERMS, MAX_TERMS = 20, 4_000  # characters of the written terms
MAX_STORES = 50
CODE_SECONDS = 120  # how long a code on the member's phone is good
CODE_DIGITS = 10


class CardKind(StrEnum):
    """What a card holds: visits, or money of its store alone. The values are the catalog's kinds."""

    VISIT = "visit_card"
    STORED = "stored_card"


class CardState(StrEnum):
    """Where a card stands."""

    ACTIVE = "active"
    USED_UP = "used_up"
    EXPIRED = "expired"
    RETURNED = "returned"  # what was left of it has been paid back


@dataclass(frozen=True, kw_only=True)
class CardDraft:
    """A card as staff offer it: its price is what it costs, and for a stored-value card what it holds."""

    kind: CardKind
    seller_ulid: str
    title: str
    price_amount: int
    text: str  # the written terms that the buyer accepts
    visits: int = 0
    valid_days: int = 0  # 0: for good
    stores: tuple[str, ...] = ()  # further stores of the same owner
    filing_number: str = ""
    stock: int = 1_000


def draft_fault(draft: CardDraft) -> str | None:
    """Which field of a card cannot be (its name), or None."""
    if not 2 <= len(draft.title.strip()) <= 60:
        return "title"
    if not 1 <= draft.price_amount <= MAX_CARD:
        return "price_amount"
    if draft.kind is CardKind.VISIT and not 1 <= draft.visits <= MAX_VISITS:
        return "visits"
    if draft.kind is CardKind.VISIT and draft.price_amount < draft.visits:
        return "price_amount"  # every visit is worth a fen at least
    if not 0 <= draft.valid_days <= MAX_VALID_DAYS or (draft.kind is CardKind.STORED and draft.valid_days):
        return "valid_days"  # a registered card with money on it has no end
    if len(draft.stores) > MAX_STORES or (draft.kind is CardKind.STORED and draft.stores):
        return "stores"
    if not MIN_TERMS <= len(draft.text.strip()) <= MAX_TERMS:
        return "text"
    if draft.kind is CardKind.STORED and not 4 <= len(draft.filing_number.strip()) <= 40:
        return "filing_number"
    if not 1 <= draft.stock <= 1_000_000:
        return "stock"
    return None


def visit_values(value_amount: int, visits: int) -> list[int]:
    """What each visit of a card is worth, in the order of use: largest remainder, the first ones carry the odd fen."""
    return allocate(value_amount, [1] * visits)


def used_value(value_amount: int, visits: int, used: int) -> int:
    """What the first `used` visits come to."""
    return sum(visit_values(value_amount, visits)[:used])


def state_of(
    *, left: int, expires_at: dt.datetime | None, closed_at: dt.datetime | None, now: dt.datetime
) -> CardState:
    """Where a card with `left` visits or fen stands. An expired one is used no more, but what is left is still owed."""
    if closed_at is not None:
        return CardState.RETURNED
    if left <= 0:
        return CardState.USED_UP
    if expires_at is not None and expires_at <= now:
        return CardState.EXPIRED
    return CardState.ACTIVE
