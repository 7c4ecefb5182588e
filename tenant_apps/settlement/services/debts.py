"""Debts: what could not be taken back at once is netted against the account as soon as something is in it."""

import datetime as dt
from collections.abc import Iterable

from saas.kernel.transactions import retried_transaction
from saas.ledger import selectors as book
from saas.ledger import services as ledger
from saas.ledger.services import Move
from tenant_apps.settlement.rules import Purse, member_purse


@retried_transaction
def net_debt(*, member_ulid: str, key: str, document: str, now: dt.datetime) -> int:
    """Move what a member owes, as far as the wallet allows, from wallet to debt; returns the fen netted.

    `key` names the occasion: the same occasion nets once.
    """
    purse = member_purse(member_ulid)
    balances = book.balances([purse.account, purse.debt])
    return net_debts([purse], balances, key=key, document=document, now=now)


def net_debts(
    purses: Iterable[Purse], balances: dict[str, book.Balance], *, key: str, document: str, now: dt.datetime
) -> int:
    """As `net_debt` for several purses whose balances the caller has just read; returns the fen netted in all."""
    netted = 0
    for purse in purses:
        amount = min(-balances[purse.debt].posted, balances[purse.account].available) if purse.debt else 0
        if amount > 0:
            ledger.post_entry(
                key=f"debt:{key}:{purse.debt}",
                kind="debt_netted",
                moves=[Move(purse.account, purse.debt, amount)],
                document=document,
                occurred_at=now,
            )
            netted += amount
    return netted
