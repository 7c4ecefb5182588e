"""Payment: awards of every line, cut to the line's pot, frozen as one hold a payee out of the order's escrow."""

import datetime as dt

from django.db import connection

from saas.kernel.rows import insert_part
from saas.kernel.transactions import retried_transaction
from tenant_apps.modes import selectors as modes
from tenant_apps.settlement.models import Award, LineSettlement, OrderSettlement
from tenant_apps.settlement.rules import PaidOrder, SettlementState
from tenant_apps.settlement.services import drafting, holds, moving


@retried_transaction
def award_order(*, order: PaidOrder, now: dt.datetime) -> OrderSettlement:
    """Compute and freeze the awards of a paid order under its pinned settings; MODES 1. Once: later calls only lock,
    and bring the awards of areas to the order's area where its address has been changed since.

    Returns the locked row. Raises ledger.InsufficientBalance when the order's escrow has not been funded yet.
    """
    settlement = _open(order, now)
    if settlement is None:
        known = OrderSettlement.objects.select_for_update().get(order_ulid=order.ulid)
        if known.state == SettlementState.AWARDED and known.area_revision < order.area_revision:
            moving.follow_area(settlement=known, order=order, now=now)
        return known
    pinned = modes.settings_for_order(order.pins)
    rows, awards = [], []
    for position, line in enumerate(order.lines):
        row, given = drafting.settle_line(settlement, order.facts, line, position, pinned, now)
        rows.append(row)
        awards += given
    LineSettlement.objects.bulk_create(rows)
    drafts = holds.drafts(order, settlement.generation, awards)
    Award.objects.bulk_create(awards)
    holds.place(order, drafts, now)
    return settlement


def _open(order: PaidOrder, now: dt.datetime) -> OrderSettlement | None:
    """The order's row, new and ours until the transaction ends; None: somebody was first."""
    row = OrderSettlement(
        order_ulid=order.ulid,
        order_number=order.number,
        buyer_ulid=order.facts.buyer.member,
        freight_amount=order.freight,
        area_revision=order.area_revision,
        awarded_at=now,
    )
    insert, values = insert_part(row)
    with connection.cursor() as cursor:
        cursor.execute(f"{insert} ON CONFLICT (order_ulid) DO NOTHING RETURNING id", values)
        found = cursor.fetchone()
    if found is None:
        return None
    row.pk = found[0]
    row._state.adding = False
    return row
