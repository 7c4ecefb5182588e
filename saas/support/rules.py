"""The launch checklist, and the states of tickets, of access to malls and of verification. Pure."""

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
    ItemState.DONE: frozenset({ItemState.OPEN}),
    ItemState.NOT_NEEDED: frozenset({ItemState.OPEN}),
}
SETTLED = frozenset({ItemState.DONE, ItemState.NOT_NEEDED})


@dataclass(frozen=True)
class ItemKind:
    """One line of the list as every mall starts with it (FEATURES P2)."""

    key: str
    required: bool
    waits_for: WaitsFor = WaitsFor.VENDOR


CHECKLIST: tuple[ItemKind, ...] = (
    ItemKind("business_licence", required=True),
    ItemKind("icp_filing", required=True),
    ItemKind("payment_merchant", required=True),
    ItemKind("official_account", required=False),
    ItemKind("domain", required=False),
    ItemKind("legal_texts", required=True),
    ItemKind("first_products", required=True),
    ItemKind("edi_licence", required=False),
)


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
