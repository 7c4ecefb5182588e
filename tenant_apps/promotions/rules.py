"""Coupons: which goods one covers, what it takes off, which of several are best together. Pure; amounts in fen.

Stacking: a purchase takes one coupon of the mall and one of each seller. Sellers' come first (Ds), then the mall's on
what is left (Dp); full reductions (`reductions`) before both. A threshold counts the covered goods at the member's
price, before any discount.
"""

import datetime as dt
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from saas.kernel.money import allocate

MAX_COMBINATIONS = 2_000
LOW_VALUE_AMOUNT = 2_000  # MODES 14, rule 2: what a first purchase brings is fixed and small
SELLER_MOST_PPM = 950_000  # a seller's coupon leaves something to pay, so that it can be given back
RETURNED_DAYS = 7  # a coupon that comes back can be used for at least so long
GIFT_PACK = "gift_pack"


class Funder(StrEnum):
    """Who bears a discount: the seller of the goods (Ds), or the mall (Dp)."""

    SELLER = "seller"
    MALL = "mall"


class CouponKind(StrEnum):
    """So many fen off, or a part of the price up to a cap. Steps: a full reduction, flash: a flash sale; nobody takes
    these two: they apply.
    """

    AMOUNT = "amount"
    PERCENT = "percent"
    STEPS = "steps"
    FLASH = "flash"


BY_ITSELF = (CouponKind.STEPS, CouponKind.FLASH)


class Scope(StrEnum):
    """Which goods a coupon covers."""

    ALL = "all"
    CATEGORIES = "categories"
    PRODUCTS = "products"
    SELLERS = "sellers"
    ZONES = "zones"


class Audience(StrEnum):
    """Who may take it: everybody, partners, or whoever has completed a first purchase.

    Those of an invitation are not taken but given, to who was invited or who invited him, when he has registered or when
    he has paid his first order.
    """

    ALL = "all"
    PARTNER = "partner"
    FIRST_PURCHASE = "first_purchase"
    INVITED_REGISTERED = "invited_reg"
    INVITED_PAID = "invited_paid"
    INVITER_REGISTERED = "inviter_reg"
    INVITER_PAID = "inviter_paid"


BY_INVITATION = (
    Audience.INVITED_REGISTERED, Audience.INVITED_PAID, Audience.INVITER_REGISTERED, Audience.INVITER_PAID
)  # fmt: skip
TO_INVITER = (Audience.INVITER_REGISTERED, Audience.INVITER_PAID)


class CouponState(StrEnum):
    """A member's coupon: to be used, kept for an unpaid purchase, used by a paid one; void: what it was given for is gone."""

    TAKEN = "taken"
    RESERVED = "reserved"
    USED = "used"
    VOID = "void"


class Fault(StrEnum):
    """Why a coupon takes nothing off a purchase."""

    EXPIRED = "expired"
    OTHER_GOODS = "other_goods"
    BELOW = "below"
    ONE_EACH = "one_each"
    NOTHING_LEFT = "nothing_left"


@dataclass(frozen=True, kw_only=True)
class CouponDraft:
    """What somebody wants a coupon to be. `seller_ulid` empty: of the mall, and the mall pays it."""

    title: str
    seller_ulid: str = ""
    kind: CouponKind = CouponKind.AMOUNT
    amount: int = 0
    off_ppm: int = 0
    cap_amount: int = 0
    threshold_amount: int = 0
    scope: Scope = Scope.ALL
    scope_values: tuple[str, ...] = ()
    audience: Audience = Audience.ALL
    starts_at: dt.datetime
    ends_at: dt.datetime
    valid_days: int = 0  # after taking; 0: until ends_at
    total_qty: int = 100
    person_limit: int = 1
    day_limit: int = 0  # by invitation: how many an inviter is given a day; 0: no limit
    steps: tuple[tuple[int, int], ...] = ()  # of a full reduction: (from goods of, off), both rising


@dataclass(frozen=True, kw_only=True)
class Held:
    """A coupon in a member's hands, or one he could take."""

    ulid: str
    title: str
    seller_ulid: str = ""
    kind: CouponKind = CouponKind.AMOUNT
    amount: int = 0
    off_ppm: int = 0
    cap_amount: int = 0
    threshold_amount: int = 0
    scope: Scope = Scope.ALL
    scope_values: frozenset[str] = frozenset()
    expires_at: dt.datetime

    @property
    def funder(self) -> Funder:
        return Funder.SELLER if self.seller_ulid else Funder.MALL


@dataclass(frozen=True, kw_only=True)
class Goods:
    """A line of a purchase as coupons see it. `cut_by_seller`: its seller bears a price cut of his own."""

    key: str
    product_ulid: str
    zone: str
    level_amount: int
    seller_ulid: str = ""
    categories: tuple[str, ...] = ()
    cut_by_seller: bool = True


class Covering(Protocol):
    """What covers some goods: a coupon, or a full reduction."""

    @property
    def seller_ulid(self) -> str: ...
    @property
    def scope(self) -> Scope: ...
    @property
    def scope_values(self) -> frozenset[str]: ...


@dataclass(frozen=True)
class Earlier:
    """What a full reduction has taken off some lines before coupons do."""

    funder: Funder
    amount: int
    keys: tuple[str, ...]


@dataclass(frozen=True)
class Given:
    """What one coupon takes off, and of which lines."""

    coupon: Held
    amount: int
    keys: tuple[str, ...]


def draft_fault(draft: CouponDraft, *, now: dt.datetime) -> str:
    """The field of a draft that is impossible; empty where all are well."""
    checks = {
        "title": 0 < len(draft.title.strip()) <= 40,
        "steps": draft.kind is not CouponKind.STEPS or not steps_fault(draft.steps, by_seller=bool(draft.seller_ulid)),
        "amount": draft.kind is not CouponKind.AMOUNT or 0 < draft.amount <= 10_000_000,
        "off_ppm": draft.kind is not CouponKind.PERCENT or 10_000 <= draft.off_ppm <= SELLER_MOST_PPM,
        "cap_amount": draft.kind is not CouponKind.PERCENT or 0 < draft.cap_amount <= 10_000_000,
        "threshold_amount": 0 <= draft.threshold_amount <= 100_000_000 and not _gives_all(draft),
        "scope": (draft.scope is Scope.ALL) == (not draft.scope_values)
        and len(draft.scope_values) <= 200
        and not (draft.seller_ulid and draft.scope is Scope.SELLERS),
        "audience": draft.audience not in (Audience.FIRST_PURCHASE, *BY_INVITATION)
        or (draft.kind is CouponKind.AMOUNT and draft.amount <= LOW_VALUE_AMOUNT),
        "inviter": draft.audience not in BY_INVITATION or not draft.seller_ulid,
        "ends_at": draft.starts_at < draft.ends_at <= draft.starts_at + dt.timedelta(days=366) and draft.ends_at > now,
        "valid_days": 0 <= draft.valid_days <= 366,
        "total_qty": 1 <= draft.total_qty <= 1_000_000,
        "person_limit": 1 <= draft.person_limit <= min(100, draft.total_qty),
        "day_limit": 0 <= draft.day_limit <= 1_000,
    }
    return next((field for field, holds in checks.items() if not holds), "")


MAX_STEPS = 5


def steps_fault(steps: Sequence[tuple[int, int]], *, by_seller: bool) -> bool:
    """Whether steps are impossible: none or too many, not rising, or more off than the goods are worth.

    A seller's leave something to pay, so that it can be given back.
    """
    if not 1 <= len(steps) <= MAX_STEPS:
        return True
    most = SELLER_MOST_PPM if by_seller else 1_000_000
    last = (0, 0)
    for least, off in steps:
        if least <= last[0] or off <= last[1] or least > 100_000_000 or off > least * most // 1_000_000:
            return True
        last = (least, off)
    return False


def _gives_all(draft: CouponDraft) -> bool:
    most = draft.threshold_amount * SELLER_MOST_PPM // 1_000_000
    return bool(draft.seller_ulid) and draft.kind is CouponKind.AMOUNT and draft.amount > most


def covers(coupon: Covering, line: Goods) -> bool:
    """Whether a line counts for a coupon or a full reduction. A seller's is for his own goods; gift packs only where their zone is named."""
    if coupon.seller_ulid and (line.seller_ulid != coupon.seller_ulid or not line.cut_by_seller):
        return False
    if line.zone == GIFT_PACK and coupon.scope is not Scope.ZONES:
        return False
    match coupon.scope:
        case Scope.ALL:
            return True
        case Scope.CATEGORIES:
            return not coupon.scope_values.isdisjoint(line.categories)
        case Scope.PRODUCTS:
            return line.product_ulid in coupon.scope_values
        case Scope.SELLERS:
            return line.seller_ulid in coupon.scope_values
        case Scope.ZONES:
            return line.zone in coupon.scope_values


def fault(coupon: Held, goods: Sequence[Goods], *, now: dt.datetime) -> Fault | None:
    """Why a coupon by itself does nothing for these goods."""
    if coupon.expires_at <= now:
        return Fault.EXPIRED
    worth = sum(line.level_amount for line in goods if covers(coupon, line))
    if not worth:
        return Fault.OTHER_GOODS
    return Fault.BELOW if worth < coupon.threshold_amount else None


def missing(coupon: Held, goods: Sequence[Goods]) -> int:
    """Fen of covered goods that lack to the threshold."""
    return max(0, coupon.threshold_amount - sum(line.level_amount for line in goods if covers(coupon, line)))


def taken_off(coupon: Held, rest: int) -> int:
    """Fen off covered goods of which `rest` is left to pay: never more than that."""
    if coupon.kind is CouponKind.PERCENT:
        return min(rest * coupon.off_ppm // 1_000_000, coupon.cap_amount, rest)
    return min(coupon.amount, rest)


def apply(
    coupons: Sequence[Held], goods: Sequence[Goods], *, now: dt.datetime, earlier: Sequence[Earlier] = ()
) -> tuple[list[Given], Mapping[str, Fault]]:
    """What each takes off used together: sellers' first, then the mall's; by ULID why one does not.

    Full reductions (`earlier`) of each funder have come off before. After a seller's own full reduction his
    coupon leaves 5 % to pay.
    """
    level = {line.key: line.level_amount for line in goods}
    left = dict(level)
    given: list[Given] = []
    faults: dict[str, Fault] = {}
    issuers: set[str] = set()
    for funder in (Funder.SELLER, Funder.MALL):
        for one in earlier:
            if one.funder is funder:
                _take(left, one.keys, one.amount)
        for coupon in (one for one in coupons if one.funder is funder):
            if found := fault(coupon, goods, now=now):
                faults[coupon.ulid] = found
                continue
            if coupon.seller_ulid in issuers:
                faults[coupon.ulid] = Fault.ONE_EACH
                continue
            keys = tuple(line.key for line in goods if covers(coupon, line))
            rest, worth = sum(left[key] for key in keys), sum(level[key] for key in keys)
            amount = taken_off(coupon, rest)
            if coupon.seller_ulid and rest < worth:
                amount = max(0, min(amount, worth * SELLER_MOST_PPM // 1_000_000 - (worth - rest)))
            if not amount:
                faults[coupon.ulid] = Fault.NOTHING_LEFT
                continue
            issuers.add(coupon.seller_ulid)
            _take(left, keys, amount)
            given.append(Given(coupon, amount, keys))
    return given, faults


def _take(left: dict[str, int], keys: Sequence[str], amount: int) -> None:
    weights = [left[key] for key in keys]
    for key, part in zip(keys, allocate(min(amount, sum(weights)), weights), strict=True):
        left[key] -= part


def best(
    coupons: Sequence[Held], goods: Sequence[Goods], *, now: dt.datetime, earlier: Sequence[Earlier] = ()
) -> tuple[Held, ...]:
    """The coupons that together take most off: at most one an issuer; of equal ones the fewest, then the soonest to end."""
    usable = [one for one in coupons if fault(one, goods, now=now) is None]
    by_issuer: dict[str, list[Held]] = {}
    for coupon in sorted(usable, key=lambda one: (-_alone(one, goods), one.expires_at, one.ulid)):
        by_issuer.setdefault(coupon.seller_ulid, []).append(coupon)
    choices = [[*held, None] for held in by_issuer.values()]
    found: tuple[Held, ...] = ()
    standing: tuple[int, int] = (0, 0)
    for chosen in itertools.islice(itertools.product(*choices), MAX_COMBINATIONS):
        some = tuple(one for one in chosen if one is not None)
        given, faults = apply(some, goods, now=now, earlier=earlier)
        rank = (sum(one.amount for one in given), -len(some))
        if not faults and rank > standing:
            found, standing = some, rank
    return found


def _alone(coupon: Held, goods: Sequence[Goods]) -> int:
    return taken_off(coupon, sum(line.level_amount for line in goods if covers(coupon, line)))
