"""Payment: awards of every line, cut to the line's pot, frozen as one hold a payee out of the order's escrow."""

import datetime as dt
from collections.abc import Sequence

from django.db import connection

from saas.kernel.rows import insert_part
from saas.kernel.transactions import retried_transaction
from saas.ledger import services as ledger
from saas.ledger.services import Move
from tenant_apps.modes import selectors as modes
from tenant_apps.modes.subsidy.services import vouchers
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
    if order.vouchers:
        _take_vouchers(settlement, order, awards, now)
    LineSettlement.objects.bulk_create(rows)
    drafts = holds.drafts(order, settlement.generation, awards)
    Award.objects.bulk_create(awards)
    holds.place(order, drafts, now)
    return settlement


def _take_vouchers(settlement: OrderSettlement, order: PaidOrder, awards: Sequence[Award], now: dt.datetime) -> None:
    """The order's vouchers are spent. The reserve pays them at completion; now already where frozen awards need them."""
    vouchers.mark_spent(order_ulid=order.ulid)
    if sum(award.amount for award in awards) <= sum(line.facts.cash for line in order.lines):
        return
    vouchers.mark_settled(order_ulid=order.ulid)
    settlement.vouchers_in_escrow = True
    settlement.save(update_fields=["vouchers_in_escrow"])
    ledger.post_entry(
        key=f"vouchers:{order.ulid}",
        kind="subsidy.spent",
        moves=[Move("voucher.reserve", order.escrow, order.vouchers)],
        document=order.document,
        occurred_at=now,
    )


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
