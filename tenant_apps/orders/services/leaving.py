"""A seller leaves: his orders are finished, his last statement is paid, then the rest of the deposit goes back (FEATURES G4)."""

import datetime as dt
from typing import NamedTuple

from django.db import transaction

from saas.ledger import selectors as book
from tenant_apps.catalog.rules import ProductKind
from tenant_apps.orders.models import Order, OrderLine, Refund
from tenant_apps.orders.rules import OPEN_REFUND, OrderState, RefundWish
from tenant_apps.orders.services import refunds
from tenant_apps.sellers import selectors as sellers
from tenant_apps.sellers.rules import (
    SellerState,
    StatementState,
    debt_of,
    deposit_of,
    payable_of,
    store_debt_of,
    store_wallet_of,
)
from tenant_apps.sellers.services import editing

_UNDER_WAY = (OrderState.PENDING_PAYMENT, OrderState.PAID, OrderState.SHIPPED, OrderState.RECEIVED)


class Leaving(NamedTuple):
    """What still stands between a seller and his leave; amounts in fen."""

    orders: int
    cases: int
    coming: int
    statements: int
    owed: int
    deductions: int
    deposit: int
    lent: int = 0  # worth of goods on credit that are still in the store

    @property
    def settled(self) -> bool:
        """Whether the deposit may go back."""
        waits = self.orders or self.cases or self.coming or self.statements or self.owed or self.deductions
        return not (waits or self.lent)


def what_is_open(seller_ulid: str) -> Leaving:
    """What a seller's leave waits for."""
    names = [of(seller_ulid) for of in (payable_of, store_wallet_of, debt_of, store_debt_of, deposit_of)]
    accounts = book.balances(names)
    payable, wallet, debt, store_debt, deposit = (accounts[name].posted for name in names)
    return Leaving(
        orders=Order.objects.filter(seller_ulid=seller_ulid, state__in=_UNDER_WAY).count(),
        cases=Refund.objects.filter(order__seller_ulid=seller_ulid, state__in=sorted(OPEN_REFUND)).count(),
        coming=payable + wallet,
        statements=sellers.statements(seller_ulid=seller_ulid).exclude(state=StatementState.PAID).count(),
        owed=-debt - store_debt,
        deductions=sellers.open_deductions(seller_ulid).count(),
        deposit=deposit,
        lent=sellers.seller(seller_ulid).lent_amount,
    )


def finish_leaving(*, seller_ulid: str, now: dt.datetime) -> bool:
    """Go one step on with a seller who leaves: give the deposit back once all is settled, then let him go; whether he has.

    The deposit goes back by a refund of the orders that paid it, through the channel. Raises NotFound.
    """
    with transaction.atomic():
        row = editing.locked(seller_ulid)
        if row.state != SellerState.CLOSING:
            return False
        found = what_is_open(seller_ulid)
        if not found.settled:
            return False
        paid = OrderLine.objects.filter(kind=ProductKind.DEPOSIT, seller_ulid=seller_ulid).select_related("order")
        if Refund.objects.filter(order__in=paid.values("order"), state__in=sorted(OPEN_REFUND)).exists():
            return False  # its money is on the way
        if found.deposit:
            _give_back(list(paid.filter(order__state=OrderState.COMPLETED).order_by("pk")), found.deposit, now)
            return False
        editing.mark_left(ulid=seller_ulid, now=now)
    return True


def _give_back(lines: list[OrderLine], left: int, now: dt.datetime) -> None:
    for line in lines:
        value = min(left, line.cash_amount - line.refunded_cash_amount)
        if value <= 0:
            continue
        case = refunds.request_refund(
            order_ulid=line.order.ulid,
            reason="deposit",
            actor="system",
            now=now,
            wishes=[RefundWish(line.ulid, 0, value)],
        )
        refunds.approve_refund(refund_ulid=case.ulid, actor="system", now=now)
        left -= value
