"""The launch checklist: what a mall needs before it may open, and whose turn it is. Pure."""

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
