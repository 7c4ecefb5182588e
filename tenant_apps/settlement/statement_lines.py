"""What a settled order, or a refund of one, says to the statements of its sellers. Amounts signed, in fen."""

import datetime as dt
from collections.abc import Sequence

from saas.kernel.clock import china_date
from tenant_apps.sellers.rules import LineKind, SettledLine
from tenant_apps.settlement.models import LineSettlement, OrderSettlement
from tenant_apps.settlement.rules import ApprovedRefund, Difference, PaidOrder


def of_release(order: PaidOrder, rows: Sequence[LineSettlement], now: dt.datetime) -> list[SettledLine]:
    """A sale for each line that a seller sold and that did not go back whole before completion."""
    made = []
    for row in rows:
        turnover = row.cash_amount - row.returned_cash_amount
        freight = row.freight_amount - row.returned_freight_amount
        if row.seller_id and not row.is_deposit and (turnover or row.payable_amount or freight):
            made.append(
                SettledLine(
                    source=f"sale:{row.line_ulid}",
                    kind=LineKind.SALE,
                    seller=row.seller_id,
                    order_number=order.number,
                    title=row.title,
                    sold_on=china_date(now),
                    at=now,
                    turnover=turnover,
                    fee=row.fee_amount,
                    payment_fee=row.payment_fee_amount,
                    freight=freight,
                    amount=row.payable_amount + freight,
                )
            )
    return made


def of_refund(
    order: PaidOrder,
    settlement: OrderSettlement,
    refund: ApprovedRefund,
    burden: Sequence[tuple[LineSettlement, Difference]],
    freight: Sequence[tuple[LineSettlement, int]],
    now: dt.datetime,
) -> list[SettledLine]:
    """A negative line for each seller's line of a refund after completion; the turnover of the sale's day goes down."""
    assert settlement.released_at is not None
    less = {row.pk: difference for row, difference in burden}
    sent_back = {row.pk: part for row, part in freight}
    rows = {row.pk: row for row in [*(row for row, _ in burden), *(row for row, _ in freight)]}
    cash = {part.line: part.cash for part in refund.parts}
    made = []
    for row in sorted(rows.values(), key=lambda row: row.position):
        if not row.seller_id or row.is_deposit:
            continue
        one, sent = less.get(row.pk), sent_back.get(row.pk, 0)
        made.append(
            SettledLine(
                source=f"refund:{refund.ulid}:{row.line_ulid}",
                kind=LineKind.REFUND,
                seller=row.seller_id,
                order_number=order.number,
                title=row.title,
                sold_on=china_date(settlement.released_at),
                at=now,
                turnover=-cash.get(row.line_ulid, 0),
                fee=-one.fee if one else 0,
                payment_fee=-one.payment_fee if one else 0,
                freight=-sent,
                amount=-(one.payable if one else 0) - sent,
            )
        )
    return made
