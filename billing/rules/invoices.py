"""The three states of an invoice, kinds of entries and numbers. Pure."""

from enum import StrEnum


class DocumentState(StrEnum):
    """The paper itself. A number comes with FINALIZED and never goes; VOID: credited whole."""

    DRAFT = "draft"
    FINALIZED = "finalized"
    VOID = "void"


class PaymentState(StrEnum):
    """The money."""

    UNPAID = "unpaid"
    PAID = "paid"
    FAILED = "failed"  # a try to collect did not succeed; the next may
    NOT_DUE = "not_due"  # nothing to pay: total zero or below, or void


class TaxState(StrEnum):
    """The tax invoice (发票)."""

    NONE = "none"
    REQUESTED = "requested"
    ISSUED = "issued"
    FAILED = "failed"


DOCUMENT_TRANSITIONS: dict[DocumentState, frozenset[DocumentState]] = {
    DocumentState.DRAFT: frozenset({DocumentState.FINALIZED, DocumentState.VOID}),
    DocumentState.FINALIZED: frozenset({DocumentState.VOID}),
    DocumentState.VOID: frozenset(),
}
PAYMENT_TRANSITIONS: dict[PaymentState, frozenset[PaymentState]] = {
    PaymentState.UNPAID: frozenset({PaymentState.PAID, PaymentState.FAILED, PaymentState.NOT_DUE}),
    PaymentState.FAILED: frozenset({PaymentState.PAID, PaymentState.FAILED, PaymentState.NOT_DUE}),
    PaymentState.PAID: frozenset(),
    PaymentState.NOT_DUE: frozenset(),
}
TAX_TRANSITIONS: dict[TaxState, frozenset[TaxState]] = {
    TaxState.NONE: frozenset({TaxState.REQUESTED}),
    TaxState.REQUESTED: frozenset({TaxState.ISSUED, TaxState.FAILED}),
    TaxState.FAILED: frozenset({TaxState.REQUESTED}),
    TaxState.ISSUED: frozenset(),
}
OPEN = frozenset({PaymentState.UNPAID, PaymentState.FAILED})


class EntryKind(StrEnum):
    """What a line of an invoice is for."""

    CYCLE = "cycle"
    UPGRADE_CREDIT = "upgrade_credit"
    UPGRADE_CHARGE = "upgrade_charge"
    USAGE_FEE = "usage_fee"
    EXTRA = "extra"


REVENUE: dict[EntryKind, str] = {
    EntryKind.CYCLE: "revenue.subscription",
    EntryKind.UPGRADE_CREDIT: "revenue.subscription",
    EntryKind.UPGRADE_CHARGE: "revenue.subscription",
    EntryKind.USAGE_FEE: "revenue.usage",
    EntryKind.EXTRA: "revenue.extra",
}
REVENUE_OF_REASON = {"usage": "revenue.usage", "extra": "revenue.extra"}  # of credit notes; else subscription


def document_number(series: str, year: int, serial: int) -> str:
    """`MW2026-000042`, `CN2026-000001`."""
    return f"{series}{year}-{serial:06d}"


def balance_account(vendor: str) -> str:
    """The ledger account of what a vendor has paid ahead."""
    return f"vendor.balance.{vendor}"


def due_account(vendor: str) -> str:
    """The ledger account of what a vendor owes: negative, or zero."""
    return f"vendor.balance.{vendor}.due"
