"""A member's money: what is there, what is on its way, what was earned by which rule, the wallet's entries in words."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import Sum

from saas.ledger import selectors as book
from tenant_apps.settlement import sentences
from tenant_apps.settlement.models import Award
from tenant_apps.settlement.rules import AwardState, debt_of, wallet_of


@dataclass(frozen=True, kw_only=True)
class WalletSummary:
    """What a member has, what is on its way, what is being withdrawn, and what he owes. All >= 0, in fen."""

    available: int
    frozen: int
    in_withdrawal: int
    debt: int
    earned: int


@dataclass(frozen=True, kw_only=True)
class WalletEntry:
    """One entry of a wallet's statement."""

    at: dt.datetime
    amount: int
    balance_after: int
    text: str
    document: str


def wallet_summary(member_ulid: str) -> WalletSummary:
    """A member's money in two statements: from the book, and what was ever earned and kept."""
    wallet, debt = wallet_of(member_ulid), debt_of(member_ulid)
    balances = book.balances([wallet, debt])
    earned = Award.objects.filter(payee_ulid=member_ulid, state=AwardState.RELEASED).aggregate(
        total=Sum("amount", default=0) - Sum("clawed_amount", default=0)
    )["total"]
    return WalletSummary(
        available=balances[wallet].available,
        frozen=balances[wallet].held_in,
        in_withdrawal=balances[wallet].held_out,
        debt=-balances[debt].posted,
        earned=earned or 0,
    )


def wallet_entries(member_ulid: str, *, limit: int = 50) -> list[WalletEntry]:
    """The newest entries of a member's wallet, in words."""
    return [
        WalletEntry(
            at=line.occurred_at,
            amount=line.amount,
            balance_after=line.balance_after,
            text=sentences.of_entry(line),
            document=line.document,
        )
        for line in book.statement(wallet_of(member_ulid), limit=limit)
    ]
