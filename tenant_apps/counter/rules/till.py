"""A till: what staff ask a shopper to pay, until when he may, and codes that say who he is. Pure; fen."""

import datetime as dt
import re
from enum import StrEnum

CODE_DIGITS = 12
CODE_SECONDS = 60  # a member's code is shown for half of it, and good for all of it
CHARGE_MINUTES = 10  # how long a shopper may take to answer
MAX_NOTE = 40
_CODE = re.compile(rf"(?:^|/)(\d{{{CODE_DIGITS}}})/?$")


class ChargeState(StrEnum):
    """Where a charge stands: the shopper is asked, has answered with an order, or it was taken back or declined."""

    ASKED = "asked"
    ORDERED = "ordered"
    WITHDRAWN = "withdrawn"
    DECLINED = "declined"


CHARGE_TRANSITIONS: dict[ChargeState, frozenset[ChargeState]] = {
    ChargeState.ASKED: frozenset({ChargeState.ORDERED, ChargeState.WITHDRAWN, ChargeState.DECLINED}),
    ChargeState.ORDERED: frozenset({ChargeState.WITHDRAWN}),  # with its order, as long as that is not paid
    ChargeState.WITHDRAWN: frozenset(),
    ChargeState.DECLINED: frozenset(),
}


def code_in(text: str) -> str:
    """The member's code in what was typed or scanned: its digits, or those at the end of the address in the QR code."""
    found = _CODE.search(re.sub(r"[\s-]", "", text))
    return found[1] if found else ""


def charge_ends(asked_at: dt.datetime) -> dt.datetime:
    """From when on a charge that nobody answered is over."""
    return asked_at + dt.timedelta(minutes=CHARGE_MINUTES)
