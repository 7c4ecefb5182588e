"""States, fee and payee checks of withdrawals. Pure; amounts in fen."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from saas.kernel.money import pct_ceil

PER_DAY = 3


class WithdrawalState(StrEnum):
    """Where a withdrawal stands. The money is held from `requested` on, and leaves the books at `paid`."""

    REQUESTED = "requested"
    APPROVED = "approved"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    PAID = "paid"


TRANSITIONS: Mapping[StrEnum, frozenset[StrEnum]] = {
    WithdrawalState.REQUESTED: frozenset(
        {WithdrawalState.APPROVED, WithdrawalState.REJECTED, WithdrawalState.CANCELLED}
    ),
    WithdrawalState.APPROVED: frozenset({WithdrawalState.PAID, WithdrawalState.REJECTED}),
    WithdrawalState.REJECTED: frozenset(),
    WithdrawalState.CANCELLED: frozenset(),
    WithdrawalState.PAID: frozenset(),
}
OPEN = frozenset({WithdrawalState.REQUESTED, WithdrawalState.APPROVED})
GIVEN_BACK = frozenset({WithdrawalState.REJECTED, WithdrawalState.CANCELLED})


@dataclass(frozen=True)
class Terms:
    """What a withdrawal costs and from which amount on it may be asked for."""

    minimum: int
    fee_ppm: int

    def fee(self, amount: int) -> int:
        """Rounded up: shown before the member asks."""
        return pct_ceil(amount, self.fee_ppm)


@dataclass(frozen=True)
class Payee:
    """Who is to be paid, by real name, and where."""

    real_name: str
    bank_name: str
    account: str

    def cleaned(self) -> "Payee":
        """Without stray spaces; the account as digits alone."""
        return Payee(
            real_name=" ".join(self.real_name.split()),
            bank_name=" ".join(self.bank_name.split()),
            account=re.sub(r"[\s-]", "", self.account),
        )

    def fault(self) -> str:
        """The first field that cannot be right; empty if none."""
        if not 2 <= len(self.real_name) <= 40 or any(character.isdigit() for character in self.real_name):
            return "real_name"
        if not 2 <= len(self.bank_name) <= 60:
            return "bank_name"
        return "" if re.fullmatch(r"\d{8,30}", self.account) else "account"


def mask_account(account: str) -> str:
    """The last four digits."""
    return f"**** {account[-4:]}"
