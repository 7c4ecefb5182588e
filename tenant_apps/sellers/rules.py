"""Decisions about sellers: bounds of their terms, take tiers, statement periods and states. Pure. Fen and ppm."""

import datetime as dt
import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from saas.kernel.clock import CHINA

ROLLING_DAYS = 90  # turnover that take tiers and shop levels look at
REFERRAL_MONTHS = 12  # how long whoever brought a seller in may be rewarded (MODES 12)
FULL_SCORE_PPM = 1_000_000  # 5 of 5
MAX_TIERS = 10
MAX_SERVICE_FEE = 100_000_000  # fen a year
MAX_MIN_FEE = 10_000  # fen a line
MAX_CYCLE_DAYS = 30
CODE_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
_CODE = re.compile(r"^[a-z0-9]{4,12}$")
_LICENCE = re.compile(r"^[0-9A-Z]{15,18}$")
_AREA = re.compile(r"^\d{6}$")


class SellerKind(StrEnum):
    """A merchant sells goods; a store is a place as well, may hand goods over and has members bound to it."""

    MERCHANT = "merchant"
    STORE = "store"


class SettlementKind(StrEnum):
    """How a seller is paid (MODES 10)."""

    SUPPLIER = "supplier"
    COMMISSION = "commission"
    CONCESSION = "concession"


class SellerState(StrEnum):
    """Whether a seller's goods are sold. A closed one comes back only as a new seller."""

    PAUSED = "paused"
    ACTIVE = "active"
    CLOSING = "closing"  # leaves: orders under way are finished, the last statement is paid, the deposit goes back
    CLOSED = "closed"  # by the mall
    LEFT = "left"  # nothing is open between him and the mall any more


TRANSITIONS: dict[SellerState, frozenset[SellerState]] = {
    SellerState.PAUSED: frozenset({SellerState.ACTIVE, SellerState.CLOSING, SellerState.CLOSED}),
    SellerState.ACTIVE: frozenset({SellerState.PAUSED, SellerState.CLOSING, SellerState.CLOSED}),
    SellerState.CLOSING: frozenset({SellerState.CLOSED, SellerState.LEFT}),
    SellerState.CLOSED: frozenset({SellerState.CLOSING}),
    SellerState.LEFT: frozenset(),
}
ENDED = frozenset({SellerState.CLOSING, SellerState.CLOSED, SellerState.LEFT})  # nothing new begins with him


class Asked(StrEnum):
    """What the mall may ask a seller to pay by an ordinary order (MODES 1.3); the values are the catalog's kinds."""

    DEPOSIT = "deposit"
    JOIN_FEE = "join_fee"


MAX_ASKED = 100_000_000  # fen


class DeductionState(StrEnum):
    """A deduction from a deposit: the amount is held from the announcement on, and taken or let go once."""

    ANNOUNCED = "announced"
    DISPUTED = "disputed"
    TAKEN = "taken"
    DROPPED = "dropped"


DEDUCTION_TRANSITIONS: dict[DeductionState, frozenset[DeductionState]] = {
    DeductionState.ANNOUNCED: frozenset({DeductionState.DISPUTED, DeductionState.TAKEN, DeductionState.DROPPED}),
    DeductionState.DISPUTED: frozenset({DeductionState.TAKEN, DeductionState.DROPPED}),
    DeductionState.TAKEN: frozenset(),
    DeductionState.DROPPED: frozenset(),
}
DISPUTE_DAYS = 7  # how long a seller may object to a deduction before it is taken


class LineKind(StrEnum):
    """What a line of a statement is for."""

    SALE = "sale"
    REFUND = "refund"
    AWARD = "award"
    FEE = "fee"
    DEDUCTION = "deduction"
    CORRECTION = "correction"


class StatementState(StrEnum):
    """The life of a statement."""

    DRAFT = "draft"
    DISPUTED = "disputed"
    CONFIRMED = "confirmed"
    PAID = "paid"


STATEMENT_TRANSITIONS: dict[StatementState, frozenset[StatementState]] = {
    StatementState.DRAFT: frozenset({StatementState.CONFIRMED, StatementState.DISPUTED}),
    StatementState.DISPUTED: frozenset({StatementState.CONFIRMED}),
    StatementState.CONFIRMED: frozenset({StatementState.PAID, StatementState.DISPUTED}),
    StatementState.PAID: frozenset(),
}

RATE_BOUNDS: dict[SettlementKind, tuple[int, int]] = {
    SettlementKind.SUPPLIER: (0, 0),
    SettlementKind.COMMISSION: (0, 300_000),
    SettlementKind.CONCESSION: (30_000, 200_000),
}
DEFAULT_RATES: dict[SettlementKind, int] = {
    SettlementKind.SUPPLIER: 0,
    SettlementKind.COMMISSION: 50_000,
    SettlementKind.CONCESSION: 200_000,
}


@dataclass(frozen=True)
class TakeTier:
    """From this rolling turnover on (fen) the mall's take has this rate (MODES 10, graded by size)."""

    from_amount: int
    rate_ppm: int


@dataclass(frozen=True, kw_only=True)
class SellerDraft:
    """A seller as staff enter him. `owner` and `referrer` are members' ULIDs."""

    kind: SellerKind
    name: str
    settlement: SettlementKind
    rate_ppm: int
    tiers: tuple[TakeTier, ...] = ()
    service_fee_amount: int = 0
    min_fee_amount: int = 0
    bears_payment_fee: bool = False
    cycle_days: int = 1
    weekly: bool = False
    owner: str = ""
    referrer: str = ""
    code: str = ""
    area_code: str = ""
    licence_name: str = ""
    licence_number: str = ""
    licence_until: dt.date | None = None
    score_ppm: int = FULL_SCORE_PPM
    has_violation: bool = False


@dataclass(frozen=True, kw_only=True)
class SettledLine:
    """What happened to a seller's money with one order line, as settlement tells it. Amounts signed, in fen.

    `source` names the occasion and is used once. `turnover` is the paid money C that counts as the shop's own sale,
    `sold_on` the day on which the sale became final: a later refund lowers that day.
    """

    source: str
    kind: LineKind
    seller: str
    order_number: str
    title: str
    sold_on: dt.date
    at: dt.datetime
    turnover: int
    fee: int
    freight: int
    amount: int
    payment_fee: int = 0  # what the channel charged, where the seller bears it


def draft_fault(draft: SellerDraft) -> str | None:
    """Which field of a draft cannot be (its name), or None."""
    if not 1 <= len(draft.name.strip()) <= 60:
        return "name"
    low, high = RATE_BOUNDS[draft.settlement]
    if not low <= draft.rate_ppm <= high:
        return "rate_ppm"
    if tiers_fault(draft.tiers, draft.settlement):
        return "tiers"
    if not 0 <= draft.service_fee_amount <= MAX_SERVICE_FEE:
        return "service_fee_amount"
    if not 0 <= draft.min_fee_amount <= (MAX_MIN_FEE if draft.settlement is SettlementKind.COMMISSION else 0):
        return "min_fee_amount"
    if draft.bears_payment_fee and draft.settlement is SettlementKind.SUPPLIER:
        return "bears_payment_fee"
    if not 0 <= draft.cycle_days <= MAX_CYCLE_DAYS:
        return "cycle_days"
    if not 0 <= draft.score_ppm <= FULL_SCORE_PPM:
        return "score_ppm"
    if draft.code and not _CODE.match(draft.code):
        return "code"
    if draft.area_code and not _AREA.match(draft.area_code):
        return "area_code"
    if draft.kind is SellerKind.STORE and not draft.area_code:
        return "area_code"
    if draft.licence_number and not _LICENCE.match(draft.licence_number):
        return "licence_number"
    if draft.referrer and draft.referrer == draft.owner:
        return "referrer"
    return None


def is_licence_number(text: str) -> bool:
    """Whether this may be a unified social credit code."""
    return bool(_LICENCE.match(text))


def tiers_fault(tiers: Sequence[TakeTier], settlement: SettlementKind) -> str | None:
    """Why these tiers cannot be (a stable word), or None: turnover rises, the rate never does, both inside their bounds."""
    if not tiers:
        return None
    if settlement is SettlementKind.SUPPLIER:
        return "no_take"
    if len(tiers) > MAX_TIERS:
        return "too_many"
    low, high = RATE_BOUNDS[settlement]
    for tier in tiers:
        if tier.from_amount <= 0 or not low <= tier.rate_ppm <= high:
            return "bounds"
    for before, after in itertools.pairwise(tiers):
        if after.from_amount <= before.from_amount:
            return "turnover_order"
        if after.rate_ppm > before.rate_ppm:
            return "rate_order"
    return None


def take_rate(rate_ppm: int, tiers: Sequence[TakeTier], turnover: int) -> int:
    """The take rate at a rolling turnover: of the highest tier reached, else the plain rate."""
    reached = [tier.rate_ppm for tier in tiers if turnover >= tier.from_amount]
    return reached[-1] if reached else rate_ppm


def tiers_from_json(stored: Sequence[Mapping[str, int]]) -> tuple[TakeTier, ...]:
    """Tiers as the table keeps them."""
    return tuple(TakeTier(one["from_amount"], one["rate_ppm"]) for one in stored)


def is_rewarded(referrer_since: dt.datetime | None, now: dt.datetime) -> bool:
    """Whether bringing a seller in is still rewarded: for twelve months."""
    if referrer_since is None:
        return False
    return referrer_since <= now < months_later(referrer_since, REFERRAL_MONTHS)


def months_later(instant: dt.datetime, months: int) -> dt.datetime:
    """The same day and time `months` later in China; the last day of a shorter month."""
    local = instant.astimezone(CHINA)
    years, month = divmod(local.month - 1 + months, 12)
    year = local.year + years
    last = (dt.date(year + month // 11, (month + 1) % 12 + 1, 1) - dt.timedelta(days=1)).day
    return local.replace(year=year, month=month + 1, day=min(local.day, last)).astimezone(dt.UTC)


def years_served(since: dt.datetime, now: dt.datetime) -> int:
    """Which year of service runs, counted from 0."""
    count = 0
    while months_later(since, 12 * (count + 1)) <= now:
        count += 1
    return count


def start_of(day: dt.date) -> dt.datetime:
    """Midnight in China at which a day begins."""
    return dt.datetime(day.year, day.month, day.day, tzinfo=CHINA).astimezone(dt.UTC)


def period_key(day: dt.date, *, weekly: bool) -> str:
    """The period whose statement may be made on this day: the day itself, or its ISO week."""
    if weekly:
        year, week, _ = day.isocalendar()
        return f"{year}-W{week:02d}"
    return day.isoformat()


def cutoff(day: dt.date, *, cycle_days: int, weekly: bool) -> dt.datetime:
    """Lines settled before this instant belong to the statement made on `day`: T+N days, or weeks ending on Sunday."""
    last = day - dt.timedelta(days=day.weekday()) if weekly else day
    return start_of(last - dt.timedelta(days=cycle_days - 1))


def payable_of(seller: str) -> str:
    """What the mall owes a seller."""
    return f"seller.payable.{seller}"


def debt_of(seller: str) -> str:
    """What a seller owes the mall: an account at zero or below."""
    return f"debt.seller.{seller}"


def deposit_of(seller: str) -> str:
    """What a seller has left with the mall as security: a liability, never income."""
    return f"deposit.{seller}"


def prepaid_of(store: str) -> str:
    """What a store owes the holders of its stored-value cards: a liability, never income."""
    return f"prepaid.{store}"


def store_wallet_of(store: str) -> str:
    """A store's earned awards, moved into its payable when its statement is made."""
    return f"store.wallet.{store}"


def store_debt_of(store: str) -> str:
    """What a store owes of awards that were taken back: an account at zero or below."""
    return f"debt.store.{store}"


def credit_of(seller: str) -> str:
    """Fees given back to a seller: they pay his next service fees, never cash."""
    return f"seller.credit.{seller}"
