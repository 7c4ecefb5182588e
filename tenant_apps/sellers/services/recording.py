"""What settlement tells about a seller's lines, written in its transaction: statement lines and turnover by day."""

import datetime as dt
from collections.abc import Sequence

from django.db import connection

from tenant_apps.sellers.models import StatementLine
from tenant_apps.sellers.rules import SettledLine

_COUNT = """
INSERT INTO sellers_sellerday (seller_ulid, day, turnover_amount, fee_amount)
SELECT * FROM unnest(%s::text[], %s::date[], %s::bigint[], %s::bigint[])
ON CONFLICT (seller_ulid, day) DO UPDATE SET turnover_amount = sellers_sellerday.turnover_amount + EXCLUDED.turnover_amount,
  fee_amount = sellers_sellerday.fee_amount + EXCLUDED.fee_amount"""


def record_settled(lines: Sequence[SettledLine]) -> None:
    """Write what happened to sellers' lines (two statements). A source that was told before raises IntegrityError."""
    if not lines:
        return
    StatementLine.objects.bulk_create(
        StatementLine(
            source=line.source,
            seller_ulid=line.seller,
            kind=line.kind,
            order_number=line.order_number,
            title=line.title[:200],
            settled_at=line.at,
            turnover_amount=line.turnover,
            fee_amount=line.fee,
            payment_fee_amount=line.payment_fee,
            freight_amount=line.freight,
            amount=line.amount,
        )
        for line in lines
    )
    days: dict[tuple[str, dt.date], tuple[int, int]] = {}
    for line in lines:
        turnover, fee = days.get((line.seller, line.sold_on), (0, 0))
        days[line.seller, line.sold_on] = (turnover + line.turnover, fee + line.fee)
    keys = sorted(days)  # always in one order, so that two orders with the same sellers cannot lock each other out
    with connection.cursor() as cursor:
        cursor.execute(
            _COUNT,
            [
                [key[0] for key in keys],
                [key[1] for key in keys],
                [days[key][0] for key in keys],
                [days[key][1] for key in keys],
            ],
        )
