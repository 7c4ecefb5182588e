"""Who owes the mall after refunds: how much, since when, out of which claw-backs, and what will be netted."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from saas.ledger import selectors as book
from tenant_apps.members import selectors as members
from tenant_apps.sellers import selectors as sellers
from tenant_apps.settlement.models import ClawBack
from tenant_apps.settlement.rules import debt_of, wallet_of


@dataclass(frozen=True, kw_only=True)
class DebtCause:
    """A claw-back that the payee's account could not pay at once. Fen."""

    at: dt.datetime
    order_ulid: str
    order_number: str
    amount: int


@dataclass(frozen=True, kw_only=True)
class Debt:
    """What somebody owes. `frozen` is on its way to him: it will be netted first. Fen."""

    account: str
    kind: str  # member, store, seller
    ulid: str
    name: str
    amount: int
    since: dt.datetime | None
    frozen: int
    in_withdrawal: int
    causes: Sequence[DebtCause]


_ACCOUNTS = {"member": "member.wallet", "store": "store.wallet", "seller": "seller.payable"}


def open_debts(*, names_masked: bool = False) -> list[Debt]:
    """Everybody who owes something, the largest amounts first."""
    rows = book.nonzero_accounts("debt")
    ulids = [code.split(".")[2] for code, _ in rows]
    names = sellers.names(ulids) | members.names_by_ulid(ulids, masked=names_masked)
    balances = book.balances(_account(code) for code, _ in rows)
    return [
        Debt(
            account=code,
            kind=code.split(".")[1],
            ulid=ulid,
            name=names.get(ulid, ""),
            amount=-posted,
            since=book.negative_since(code),
            frozen=balances[_account(code)].held_in,
            in_withdrawal=balances[_account(code)].held_out,
            causes=debt_causes(ulid),
        )
        for (code, posted), ulid in zip(rows, ulids, strict=True)
    ]


def debt_causes(payee_ulid: str) -> list[DebtCause]:
    """Claw-backs that became a payee's debt, newest first, ten at most."""
    rows = (
        ClawBack.objects.filter(award__payee_ulid=payee_ulid, debt_amount__gt=0)
        .select_related("refund__settlement")
        .order_by("-pk")[:10]
    )
    return [
        DebtCause(
            at=row.refund.settled_at,
            order_ulid=row.refund.settlement.order_ulid,
            order_number=row.refund.settlement.order_number,
            amount=row.debt_amount,
        )
        for row in rows
    ]


def debt_of_member(member_ulid: str) -> Debt | None:
    """What a member owes, explained; None where it is nothing."""
    code = debt_of(member_ulid)
    balances = book.balances([code, wallet_of(member_ulid)])
    amount = -balances[code].posted
    if not amount:
        return None
    wallet = balances[wallet_of(member_ulid)]
    return Debt(
        account=code,
        kind="member",
        ulid=member_ulid,
        name="",
        amount=amount,
        since=book.negative_since(code),
        frozen=wallet.held_in,
        in_withdrawal=wallet.held_out,
        causes=debt_causes(member_ulid),
    )


def _account(code: str) -> str:
    _, kind, ulid = code.split(".", 2)
    return f"{_ACCOUNTS[kind]}.{ulid}"
