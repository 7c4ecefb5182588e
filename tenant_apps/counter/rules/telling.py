"""When people are told of cards and bookings: what runs out, what ends, when somebody is reminded. Pure; visits or fen."""

import datetime as dt
from dataclasses import dataclass

ENDING_DAYS = (30, 7)  # before a card's end
REMIND_BEFORE = dt.timedelta(hours=24)
REMIND_LATE = dt.timedelta(hours=2)  # for who books within a day

# To the member, and to the store (the ones that begin with `shop_`); the keys of saas.messaging.notices.kinds.
MEMBER_KINDS = (
    "card_bought",
    "card_used",
    "card_low",
    "card_ending",
    "card_back",
    "card_returned",
    "booking_made",
    "booking_due",
    "booking_cancelled",
    "booking_missed",
)
STORE_KINDS = (
    "shop_card_sold",
    "shop_card_used",
    "shop_card_returned",
    "shop_booking_made",
    "shop_booking_cancelled",
    "shop_booking_missed",
)
NOT_TEXTED = frozenset({"shop_card_used", "shop_booking_missed"})  # its own people did it, or saw it


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What a notice says. `left`, `used`: visits or fen, as `unit` says; `amount`: fen paid back."""

    card: str
    shop: str
    unit: str
    left: int = 0
    used: int = 0
    amount: int = 0
    at: str = ""  # an instant, ISO
    day: str = ""
    reason: str = ""


def runs_low(*, whole: int, before: int, left: int) -> bool:
    """Whether a use has brought a card to its last tenth (of visits: the last one at least), and something is left."""
    edge = max(1, whole // 10)
    return 0 < left <= edge < before


def ending_stage(issued_at: dt.datetime, ends_at: dt.datetime, now: dt.datetime) -> int | None:
    """How many days before its end a card's holder is told now (the nearest stage); None: not yet, or it is over.

    A stage that lay before the card was issued is left out: who buys ten days knows that they end within thirty.
    """
    stages = (days for days in reversed(ENDING_DAYS) if now < ends_at <= now + dt.timedelta(days=days))
    return next((days for days in stages if issued_at <= ends_at - dt.timedelta(days=days)), None)


def remind_at(starts_at: dt.datetime, now: dt.datetime) -> dt.datetime | None:
    """When a member is reminded of his time: a day before, or two hours for who books later; None: it is too near."""
    return next((at for at in (starts_at - REMIND_BEFORE, starts_at - REMIND_LATE) if at > now), None)
