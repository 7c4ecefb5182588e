"""Making a seller's statement: his open lines and a store's income, held in the ledger; once a period (MODES 10)."""

import datetime as dt

from django.db.models import Q, Sum

from saas.kernel.clock import china_date
from saas.kernel.ids import new_document_number, new_ulid
from saas.kernel.transactions import retried_transaction
from saas.ledger import selectors as book
from saas.ledger import services as ledger
from saas.ledger.services import Move
from saas.messaging.bus import services as bus
from tenant_apps.sellers.models import Seller, Statement, StatementLine
from tenant_apps.sellers.rules import LineKind, cutoff, payable_of, period_key, store_debt_of, store_wallet_of
from tenant_apps.sellers.services.editing import locked

_SUMS = {
    "turnover": Sum("turnover_amount", default=0),
    "fee": Sum("fee_amount", default=0),
    "payment_fee": Sum("payment_fee_amount", default=0),
    "sale": Sum("amount", filter=Q(kind=LineKind.SALE), default=0),
    "refund": Sum("amount", filter=Q(kind=LineKind.REFUND), default=0),
    "award": Sum("amount", filter=Q(kind=LineKind.AWARD), default=0),
    "deduction": Sum("amount", filter=Q(kind__in=[LineKind.FEE, LineKind.DEDUCTION, LineKind.CORRECTION]), default=0),
    "total": Sum("amount", default=0),
}


@retried_transaction
def close_statement(*, seller_ulid: str, now: dt.datetime) -> Statement | None:
    """Make the statement of the period that ends now, if it is due and something is to be paid; None: nothing to do.

    A store's income is paid with it, less what the store owes of awards taken back. What lowers the payable counts at once, sales when their days are over; so a statement is never more than the book.
    Two workers make one: the seller's row is locked, the period is unique. What comes to nothing or less waits for the
    next period. The total is held, so that later refunds cannot take it: they are the next statement's negative lines.
    Raises NotFound, ledger.InsufficientBalance where the book has less than the lines say (then nothing has changed).
    """
    seller = locked(seller_ulid)
    day = china_date(now)
    key = period_key(day, weekly=seller.weekly)
    if Statement.objects.filter(seller=seller, period_key=key).exists():
        return None
    until = cutoff(day, cycle_days=seller.cycle_days, weekly=seller.weekly)
    lines = StatementLine.objects.filter(
        Q(settled_at__lt=until) | Q(amount__lt=0), seller_ulid=seller_ulid, statement=None
    )
    due = list(lines.values_list("pk", "amount"))
    accounts = book.balances([store_wallet_of(seller_ulid), store_debt_of(seller_ulid)])
    income = max(0, accounts[store_wallet_of(seller_ulid)].available)
    owed = -accounts[store_debt_of(seller_ulid)].posted
    coming = sum(amount for _, amount in due) + income
    if coming - owed <= 0:
        return None
    ulid = new_ulid()
    if income:
        due.append(_take_income(seller, ulid, income, now))
    if owed:
        due.append(_net_debt(seller, ulid, owed, now))
    chosen = StatementLine.objects.filter(pk__in=[pk for pk, _ in due])
    row = _make(seller, ulid, key, until, chosen.aggregate(**_SUMS), now)
    chosen.update(statement=row)
    ledger.place_hold(
        key=row.document,
        kind="statement",
        source=payable_of(seller_ulid),
        destination="clearing.statement",
        amount=row.total_amount,
        document=row.document,
        occurred_at=now,
    )
    bus.publish("statement.closed", {"statement": row.ulid, "seller": seller_ulid}, key=row.ulid)
    return row


def _take_income(seller: Seller, statement: str, amount: int, now: dt.datetime) -> tuple[int, int]:
    """A store's share and pick-up awards, out of its wallet into what it is paid: one line of this statement."""
    ledger.post_entry(
        key=f"statement:{statement}:income",
        kind="store_income",
        moves=[Move(store_wallet_of(seller.ulid), payable_of(seller.ulid), amount)],
        document=f"statement:{statement}",
        occurred_at=now,
    )
    line = StatementLine.objects.create(
        source=f"income:{statement}", seller_ulid=seller.ulid, kind=LineKind.AWARD, settled_at=now, amount=amount
    )
    return line.pk, amount


def _net_debt(seller: Seller, statement: str, amount: int, now: dt.datetime) -> tuple[int, int]:
    """What the store owes of awards taken back after it was paid for them: kept back, one line of this statement."""
    ledger.post_entry(
        key=f"statement:{statement}:debt",
        kind="debt_netted",
        moves=[Move(payable_of(seller.ulid), store_debt_of(seller.ulid), amount)],
        document=f"statement:{statement}",
        occurred_at=now,
    )
    line = StatementLine.objects.create(
        source=f"debt:{statement}", seller_ulid=seller.ulid, kind=LineKind.AWARD, settled_at=now, amount=-amount
    )
    return line.pk, -amount


def _make(seller: Seller, ulid: str, key: str, until: dt.datetime, sums: dict[str, int], now: dt.datetime) -> Statement:
    return Statement.objects.create(
        ulid=ulid,
        number=new_document_number("S", now),
        seller=seller,
        period_key=key,
        until=until,
        turnover_amount=sums["turnover"],
        fee_amount=sums["fee"],
        payment_fee_amount=sums["payment_fee"],
        sale_amount=sums["sale"],
        refund_amount=sums["refund"],
        award_amount=sums["award"],
        deduction_amount=sums["deduction"],
        total_amount=sums["total"],
        closed_at=now,
    )
