"""Buyers' invoices (发票): titles, the checksum of a tax number, the table of states, what a refund asks back. Pure."""

import re
from enum import StrEnum

REQUEST_DAYS = 365  # after payment
MAX_FILE_BYTES = 5 * 1024 * 1024
_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_NUMBER = re.compile(r"[0-9]{8,20}")


class InvoiceState(StrEnum):
    """Where an invoice stands. `red_due`: a refund came after it was issued, a red letter (红字发票) is owed."""

    REQUESTED = "requested"
    ISSUED = "issued"
    RED_DUE = "red_due"
    REVERSED = "reversed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class TitleKind(StrEnum):
    """To whom it is made out."""

    PERSON = "person"
    COMPANY = "company"


TRANSITIONS: dict[InvoiceState, frozenset[InvoiceState]] = {
    InvoiceState.REQUESTED: frozenset({InvoiceState.ISSUED, InvoiceState.REFUSED, InvoiceState.WITHDRAWN}),
    InvoiceState.ISSUED: frozenset({InvoiceState.RED_DUE}),
    InvoiceState.RED_DUE: frozenset({InvoiceState.ISSUED, InvoiceState.REVERSED}),
    InvoiceState.REVERSED: frozenset(),
    InvoiceState.REFUSED: frozenset(),
    InvoiceState.WITHDRAWN: frozenset(),
}
LIVE = frozenset({InvoiceState.REQUESTED, InvoiceState.ISSUED, InvoiceState.RED_DUE})
TO_DO = frozenset({InvoiceState.REQUESTED, InvoiceState.RED_DUE})


def is_tax_number(text: str) -> bool:
    """Whether it is a unified social credit code: 18 characters, the last the check of GB 32100-2015 (weights 3^i mod 31)."""
    if len(text) != 18 or any(one not in _ALPHABET for one in text):
        return False
    total = sum(_ALPHABET.index(one) * pow(3, place, 31) for place, one in enumerate(text[:17]))
    return _ALPHABET[(31 - total % 31) % 31] == text[17]


def is_invoice_number(text: str) -> bool:
    """8 digits (paper) to 20 digits (fully digital)."""
    return bool(_NUMBER.fullmatch(text))


def red_owed(*, issued: int, red_done: int, total: int, refunded: int) -> int:
    """How much (fen) a red letter still has to take off an issued invoice, so that it says what was kept of the order."""
    return max(0, issued - red_done - (total - refunded))
