"""The launch checklist, and the states of tickets, of access to malls and of verification. Pure."""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum


class ItemState(StrEnum):
    """Where an item stands."""

    OPEN = "open"
    IN_REVIEW = "in_review"
    DONE = "done"
    NOT_NEEDED = "not_needed"


class WaitsFor(StrEnum):
    """Whose turn it is."""

    VENDOR = "vendor"
    PLATFORM = "platform"
    AUTHORITY = "authority"
    NOBODY = "nobody"


ITEM_TRANSITIONS: dict[ItemState, frozenset[ItemState]] = {
    ItemState.OPEN: frozenset({ItemState.IN_REVIEW, ItemState.DONE, ItemState.NOT_NEEDED}),
    ItemState.IN_REVIEW: frozenset({ItemState.OPEN, ItemState.DONE, ItemState.NOT_NEEDED}),
    ItemState.DONE: frozenset({ItemState.OPEN, ItemState.IN_REVIEW, ItemState.NOT_NEEDED}),  # in review: renewed
    ItemState.NOT_NEEDED: frozenset({ItemState.OPEN}),
}
SETTLED = frozenset({ItemState.DONE, ItemState.NOT_NEEDED})


class Activity(StrEnum):
    """What a mall does that the law wants a licence or a filing for."""

    SELLERS = "sellers"
    PAID_CONTENT = "paid_content"
    FOOD = "food"
    MEDICAL = "medical"


@dataclass(frozen=True)
class ItemKind:
    """One line of the list (FEATURES P2). With an `activity` it is asked only of malls that do that."""

    key: str
    required: bool
    waits_for: WaitsFor = WaitsFor.VENDOR
    activity: Activity | None = None


CHECKLIST: tuple[ItemKind, ...] = (
    ItemKind("business_licence", required=True),
    ItemKind("icp_filing", required=True),
    ItemKind("payment_merchant", required=True),
    ItemKind("official_account", required=False),
    ItemKind("domain", required=False),
    ItemKind("legal_texts", required=True),
    ItemKind("first_products", required=True),
    ItemKind("edi_licence", required=True, activity=Activity.SELLERS),
    ItemKind("icp_licence", required=True, activity=Activity.PAID_CONTENT),
    ItemKind("food_licence", required=True, activity=Activity.FOOD),
    ItemKind("medical_licence", required=True, activity=Activity.MEDICAL),
    ItemKind("mini_program", required=False),
    ItemKind("public_security", required=False),
    ItemKind("server", required=True, waits_for=WaitsFor.PLATFORM),
)
ACTIVITY_OF: dict[str, Activity] = {kind.key: kind.activity for kind in CHECKLIST if kind.activity}

SEEN_BY_THE_MALL = frozenset(  # the mall's own readiness list knows these by itself, and the server is there
    {"business_licence", "payment_merchant", "legal_texts", "first_products", "server"}
)
SEEN_IN_THE_MALL = frozenset({"payment_merchant", "legal_texts", "first_products"})  # settled by what its cell saw


def keeps_closed(key: str, *, filing_required: bool) -> bool:
    """Whether an open item keeps a mall from opening: what the law asks of what it does, and where wanted the filing."""
    kind = next((one for one in CHECKLIST if one.key == key), None)
    if kind is None or not kind.required or key in SEEN_BY_THE_MALL:
        return False
    return kind.activity is not None or filing_required


FILE_MAX_BYTES = 5 * 1024 * 1024
FILES_MAX = 6  # an item
REMIND_DAYS = (30, 7)  # before a paper expires


def reminder_due(expires_on: dt.date, today: dt.date) -> int | None:
    """Which reminder of a paper's end is due: days before it, 0 once it is over, None while there is time."""
    left = (expires_on - today).days
    return 0 if left < 0 else next((days for days in sorted(REMIND_DAYS) if left <= days), None)


class TicketState(StrEnum):
    """Whose turn it is."""

    OPEN = "open"  # the platform's
    ANSWERED = "answered"  # the vendor's
    CLOSED = "closed"


class GrantState(StrEnum):
    """Where an operator's wish to enter a mall stands."""

    ASKED = "asked"
    GIVEN = "given"
    REFUSED = "refused"
    REVOKED = "revoked"


GRANT_TRANSITIONS: dict[GrantState, frozenset[GrantState]] = {
    GrantState.ASKED: frozenset({GrantState.GIVEN, GrantState.REFUSED, GrantState.REVOKED}),
    GrantState.GIVEN: frozenset({GrantState.REVOKED}),
    GrantState.REFUSED: frozenset(),
    GrantState.REVOKED: frozenset(),
}
HOURS = (1, 3, 8, 24, 72)


class Audience(StrEnum):
    """Who in a mall sees the banner of an announcement. On the vendor's account page it is always shown."""

    NOBODY = "nobody"
    OWNERS = "owners"
    STAFF = "staff"


class VerificationState(StrEnum):
    """Whether an operator has checked who a vendor is."""

    IN_REVIEW = "in_review"
    VERIFIED = "verified"
    REFUSED = "refused"


_LICENCE = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)


def licence_right(number: str) -> bool:
    """Whether a unified social credit code has its 18 characters and the right check character (GB 32100-2015)."""
    if len(number) != 18 or any(character not in _LICENCE for character in number):
        return False
    total = sum(_LICENCE.index(character) * weight for character, weight in zip(number, _WEIGHTS, strict=False))
    return _LICENCE[-total % 31] == number[-1]
