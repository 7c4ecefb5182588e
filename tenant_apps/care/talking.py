"""Conversations and complaints: who speaks, whose turn it is until when, how sellers do. Pure."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

MAX_MESSAGE = 500
REMINDER = dt.timedelta(days=1)  # so long before a deadline whoever has to act is reminded


class TalkKind(StrEnum):
    """A chat goes on; a complaint ends with a decision."""

    CHAT = "chat"
    COMPLAINT = "complaint"


class Party(StrEnum):
    """Who speaks."""

    SHOPPER = "shopper"
    SELLER = "seller"
    MALL = "mall"
    CLOCK = "clock"


class Subject(StrEnum):
    """What a complaint is about."""

    GOODS = "goods"
    DELIVERY = "delivery"
    SERVICE = "service"
    REFUND = "refund"
    OTHER = "other"


class Reported(StrEnum):
    """What a report about a shop says is wrong."""

    FAKE = "fake"
    FALSE_CLAIM = "false_claim"
    NO_LICENCE = "no_licence"
    RIGHTS = "rights"
    OTHER = "other"


class Turn(StrEnum):
    """Whose turn it is in a complaint; a chat is always `open`."""

    OPEN = "open"
    SELLER = "seller"
    MALL = "mall"
    CLOSED = "closed"


TRANSITIONS: dict[Turn, frozenset[Turn]] = {
    Turn.OPEN: frozenset(),
    Turn.SELLER: frozenset({Turn.MALL, Turn.CLOSED}),
    Turn.MALL: frozenset({Turn.CLOSED}),
    Turn.CLOSED: frozenset(),
}


@dataclass(frozen=True)
class ComplaintRate:
    """How a seller does: complaints of a span of days against his paid orders of the same days."""

    seller_ulid: str
    orders: int
    complaints: int
    upheld: int

    @property
    def rate_ppm(self) -> int:
        """Complaints ÷ paid orders, rounded down; more complaints than orders is 100 %."""
        return min(self.complaints * 1_000_000 // self.orders, 1_000_000) if self.orders else 1_000_000


def due(turn: Turn, now: dt.datetime, *, seller_days: int, mall_days: int) -> dt.datetime | None:
    """Until when whoever's turn it is has time."""
    days = {Turn.SELLER: seller_days, Turn.MALL: mall_days}.get(turn)
    return None if days is None else now + dt.timedelta(days=days)


def blocked_word(text: str, words: Iterable[str]) -> str:
    """The first blocked word that a text holds, spaces and case aside; empty if it holds none."""
    plain = "".join(text.split()).casefold()
    return next((word for word in words if word and "".join(word.split()).casefold() in plain), "")
