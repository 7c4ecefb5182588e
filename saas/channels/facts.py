"""What payment channels say and are asked, in words of ours that hold for every channel. Pure."""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Method(StrEnum):
    """How the payer meets the channel: a QR code on a screen, the page inside WeChat, a phone's browser."""

    NATIVE = "native"
    JSAPI = "jsapi"
    H5 = "h5"


class PaymentState(StrEnum):
    """`created`: the channel's answer is not known yet. `pending`: the channel waits for the payer."""

    CREATED = "created"
    PENDING = "pending"
    PAID = "paid"
    CLOSED = "closed"
    FAILED = "failed"


OPEN = frozenset({PaymentState.CREATED, PaymentState.PENDING})
# Closed and failed may still turn paid: money that has really come is never denied, its owner gets it back.
PAYMENT_TRANSITIONS: Mapping[StrEnum, frozenset[StrEnum]] = {
    PaymentState.CREATED: frozenset(
        {PaymentState.PENDING, PaymentState.PAID, PaymentState.CLOSED, PaymentState.FAILED}
    ),
    PaymentState.PENDING: frozenset({PaymentState.PAID, PaymentState.CLOSED}),
    PaymentState.CLOSED: frozenset({PaymentState.PAID}),
    PaymentState.FAILED: frozenset({PaymentState.PAID}),
    PaymentState.PAID: frozenset(),
}


class RefundState(StrEnum):
    """`attention`: the channel refused for good; a person decides (recharge the merchant account, pay by other means)."""

    CREATED = "created"
    PROCESSING = "processing"
    SUCCEEDED = "succeeded"
    ATTENTION = "attention"


class Purpose(StrEnum):
    """What a set of credentials is for: the rehearsal before a mall opens, or real money."""

    REHEARSAL = "rehearsal"
    LIVE = "live"


class ErrorClass(StrEnum):
    """Every channel's answers in one list (CHANNELS 0.5). What is not recognised is UNKNOWN, never failed."""

    PAID = "paid"
    NOT_FOUND = "not_found"
    PAYING = "paying"
    CLOSED = "closed"
    DUPLICATE = "duplicate"
    INSUFFICIENT = "insufficient"
    RATE_LIMIT = "rate_limit"
    SIGN = "sign"
    NO_PERMISSION = "no_permission"
    BAD_PARAM = "bad_param"
    UNKNOWN = "unknown"


# A request that got one of these was certainly not carried out and will not be, as it stands.
REFUSED = frozenset({ErrorClass.SIGN, ErrorClass.NO_PERMISSION, ErrorClass.BAD_PARAM, ErrorClass.DUPLICATE})


@dataclass(frozen=True)
class PaymentFacts:
    """What the channel says about a payment, in its notice or in the answer to a query."""

    merchant_id: str
    app_id: str
    number: str
    transaction_id: str
    paid: bool
    closed: bool
    amount: int  # fen
    currency: str
    paid_at: dt.datetime | None
    payer_openid: str


@dataclass(frozen=True)
class RefundFacts:
    """What the channel says about a refund."""

    merchant_id: str  # empty where the answer does not name it (query)
    number: str
    payment_number: str
    refund_id: str
    state: RefundState
    amount: int  # fen
    refunded_at: dt.datetime | None


@dataclass(frozen=True)
class Terms:
    """What we asked the channel for; facts must agree with all of it before any money is booked."""

    merchant_id: str
    app_id: str
    number: str
    amount: int
    currency: str


def disagreement(terms: Terms, facts: PaymentFacts) -> str:
    """The name of the first field in which the channel's facts differ from our terms; empty if none does."""
    for name in ("merchant_id", "app_id", "number", "amount", "currency"):
        if getattr(terms, name) != getattr(facts, name):
            return name
    return "" if facts.transaction_id else "transaction_id"


_NUMBER = re.compile(r"^[A-Za-z0-9_]{6,32}$")


def is_safe_number(number: str) -> bool:
    """Whether every channel takes this as a payment or refund number (CHANNELS 0.3)."""
    return bool(_NUMBER.match(number))


# Seconds from one check of an unsettled payment or refund to the next; the last repeats. A notice usually comes first.
_CHECK_PLAN = (120, 180, 300, 600, 600, 1800, 3600)
CHECKS_LIMIT = 60


def next_check(attempt: int, now: dt.datetime) -> dt.datetime:
    """When the check after `attempt` earlier ones is due."""
    return now + dt.timedelta(seconds=_CHECK_PLAN[min(attempt, len(_CHECK_PLAN) - 1)])


def trimmed(text: str, limit: int) -> str:
    """`text` cut to `limit` bytes of UTF-8 without breaking a character: channels count bytes."""
    return text.encode()[:limit].decode(errors="ignore")
