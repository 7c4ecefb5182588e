"""Payment: awards of every line, cut to the line's pot, frozen as one hold a payee out of the order's escrow."""

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence

from django.db import connection

from saas.kernel.ids import new_ulid
from saas.kernel.rows import insert_part
from saas.kernel.transactions import retried_transaction
from tenant_apps.modes import line_awards
from tenant_apps.modes import rules as waterfall
from tenant_apps.modes import selectors as modes
from tenant_apps.modes.contract import Award as AwardFact
from tenant_apps.modes.contract import SaleFacts
from tenant_apps.modes.rules import PotTerms
from tenant_apps.modes.selectors import Pinned
from tenant_apps.settlement.models import Award, LineSettlement, OrderSettlement
from tenant_apps.settlement.rules import PaidLine, PaidOrder, everybody_there, unclaimed
from tenant_apps.settlement.services import holds


@retried_transaction
def award_order(*, order: PaidOrder, now: dt.datetime) -> OrderSettlement:
    """Compute and freeze the awards of a paid order under its pinned settings; MODES 1. Once: later calls only lock.

    Returns the locked row. Raises ledger.InsufficientBalance when the order's escrow has not been funded yet.
    """
    settlement = _open(order, now)
    if settlement is None:
        return OrderSettlement.objects.select_for_update().get(order_ulid=order.ulid)
    pinned = modes.settings_for_order(order.pins)
    rows, awards = [], []
    for position, line in enumerate(order.lines):
        row, given = _settle_line(settlement, order.facts, line, position, pinned, now)
        rows.append(row)
        awards += given
    LineSettlement.objects.bulk_create(rows)
    drafts = holds.drafts(order, settlement.generation, awards)
    Award.objects.bulk_create(awards)
    holds.place(order, drafts, now)
    return settlement


def pot_terms(pinned: Mapping[str, Pinned]) -> PotTerms:
    """The pot's terms under which an order was sold."""
    return line_awards.pot_terms(pinned["settlement"].values, {key: one.values for key, one in pinned.items()})


def _open(order: PaidOrder, now: dt.datetime) -> OrderSettlement | None:
    """The order's row, new and ours until the transaction ends; None: somebody was first."""
    row = OrderSettlement(
        order_ulid=order.ulid,
        order_number=order.number,
        buyer_ulid=order.facts.buyer.member,
        freight_amount=order.freight,
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


def _settle_line(
    settlement: OrderSettlement,
    sale: SaleFacts,
    line: PaidLine,
    position: int,
    pinned: Mapping[str, Pinned],
    now: dt.datetime,
) -> tuple[LineSettlement, list[Award]]:
    """A line's row and its awards, none written yet."""
    facts, terms = line.facts, pot_terms(pinned)
    margin = waterfall.margin(facts, terms)
    limit = waterfall.pot(margin, terms)
    here = modes.of_zone(pinned, facts.zone)
    awards = waterfall.cap_total(modes.awards_of_line(facts, sale, pinned), limit)
    filled = waterfall.cap_total(modes.awards_of_line(facts, everybody_there(sale), pinned), limit)
    shares = waterfall.shares(facts, terms, waterfall.total(awards))
    row = LineSettlement(
        settlement=settlement,
        line_ulid=facts.line,
        position=position,
        title=line.title[:200],
        seller_id=facts.seller.id,
        fee_amount=margin.fee,
        freight_amount=facts.freight,
        cash_amount=facts.cash,
        voucher_amount=facts.voucher_amount,
        funds_amount=margin.funds,
        payable_amount=shares.payable,
        cost_amount=shares.cost,
        pool_amount=shares.pool,
        awarded_amount=shares.awards,
        house_amount=shares.house,
        unclaimed=[
            dataclasses.astuple(one)
            for one in unclaimed(_amounts(awards), _amounts(filled), limit - waterfall.total(awards))
        ],
    )
    return row, [
        Award(
            ulid=new_ulid(),
            line=row,
            position=place,
            mode=award.mode,
            kind=award.kind,
            payee_kind=award.payee_kind,
            payee_ulid=award.payee,
            settings_version=here[award.mode].ulid,
            base=award.base,
            base_amount=award.base_amount,
            rate_ppm=award.rate_ppm,
            full_amount=award.full_amount,
            amount=award.amount,
            created_at=now,
        )
        for place, award in enumerate(awards)
    ]


def _amounts(awards: Sequence[AwardFact]) -> list[tuple[str, str, int]]:
    return [(award.mode, award.kind, award.amount) for award in awards]
