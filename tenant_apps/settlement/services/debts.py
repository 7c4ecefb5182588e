"""Debts: what could not be taken back at once is netted against the wallet as soon as something is in it."""

import datetime as dt

from saas.kernel.transactions import retried_transaction
from saas.ledger import selectors as book
from saas.ledger import services as ledger
from saas.ledger.services import Move
from tenant_apps.settlement.rules import debt_of, wallet_of


@retried_transaction
def net_debt(*, member_ulid: str, key: str, document: str, now: dt.datetime) -> int:
    """Move what a member owes, as far as the wallet allows, from wallet to debt; returns the fen netted.

    `key` names the occasion: the same occasion nets once.
    """
    wallet, debt = wallet_of(member_ulid), debt_of(member_ulid)
    balances = book.balances([wallet, debt])
    amount = min(-balances[debt].posted, balances[wallet].available)
    if amount <= 0:
        return 0
    ledger.post_entry(
        key=f"debt:{key}:{member_ulid}",
        kind="debt_netted",
        moves=[Move(wallet, debt, amount)],
        document=document,
        occurred_at=now,
    )
    return amount
