"""Refunds: before completion the holds are made again smaller; after it awards are clawed back from wallet, then debt."""

import datetime as dt
from collections.abc import Sequence

from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from saas.kernel.errors import DomainError
from saas.kernel.money import allocate
from saas.kernel.transactions import retried_transaction
from saas.ledger import services as ledger
from saas.ledger.services import Move
from saas.messaging.bus import services as bus
from tenant_apps.counter.services import cards_paying
from tenant_apps.modes import rules as waterfall
from tenant_apps.modes import selectors as modes
from tenant_apps.modes.rules import PotTerms, Returned, Shares
from tenant_apps.modes.subsidy.services import vouchers
from tenant_apps.payments import services as payments
from tenant_apps.sellers import services as sellers
from tenant_apps.settlement import statement_lines
from tenant_apps.settlement.models import Award, ClawBack, LineSettlement, OrderSettlement, SettledRefund
from tenant_apps.settlement.rules import (
    ApprovedRefund,
    AwardState,
    Difference,
    PaidLine,
    PaidOrder,
    RefundPart,
    SettlementState,
    VoidReason,
    add_part,
    back_to_card,
    difference,
    take_back,
)
from tenant_apps.settlement.services import ad_points, bearers, coins, holds, subsidy_orders
from tenant_apps.settlement.services.awarding import award_order
from tenant_apps.settlement.services.drafting import pot_terms
from tenant_apps.settlement.services.releasing import release_order

Burden = list[tuple[LineSettlement, Difference]]
Taken = list[tuple[Award, int]]


class RefundBeyondPaid(DomainError):
    """The refund returns more of a line, or of the freight, than was paid for it."""

    code = "refund_beyond_paid"
    http_status = 422
    message = _("The refund is more than what was paid.")  # type: ignore[assignment]


@retried_transaction
def apply_refund(*, order: PaidOrder, refund: ApprovedRefund, now: dt.datetime) -> OrderSettlement:
    """Lay an approved refund on its bearers and send the money back through the channel; MODES 1.2, 1.3. Once a refund.

    Raises RefundBeyondPaid (then nothing has changed), and what payments.start_refund raises.
    """
    settlement = award_order(order=order, now=now)
    if SettledRefund.objects.filter(refund_ulid=refund.ulid).exists():
        return settlement
    settled = SettledRefund.objects.create(
        refund_ulid=refund.ulid,
        settlement=settlement,
        cash_amount=refund.cash,
        freight_amount=refund.freight,
        entry_key=f"refund:{refund.ulid}",
        settled_at=now,
    )
    rows = list(LineSettlement.objects.filter(settlement=settlement).order_by("position"))
    subsidy = subsidy_orders.settings_of(order)
    before = subsidy_orders.takings_of(order, rows, subsidy) if subsidy else []
    burden, taken = _reduce_lines(rows, order, refund)
    freight = _take_freight(settlement, rows, refund)
    if voucher := sum(part.voucher for part in refund.parts):
        vouchers.give_back(order_ulid=order.ulid, amount=voucher)
    coins.give_back(order, refund, now)
    if settlement.state == SettlementState.RELEASED:
        covered = 0
        if subsidy is not None:
            inflow = sum(less.pool for _, less in burden)
            covered = subsidy_orders.take_back(
                order, subsidy, rows, inflow=inflow, refund=refund.ulid, before=before, now=now
            )
        fund = subsidy_orders.pool_account(order, subsidy)
        moves = bearers.after_release(settled, burden, taken, refund, freight, fund, covered)
        sellers.record_settled(statement_lines.of_refund(order, settlement, refund, burden, freight, now))
        ad_points.take_back(order, refund, now)
        coins.take_back(order, refund, rows, now)
    else:
        moves = _before_release(settlement, settled, order, taken, refund, now)
    if moves:
        ledger.post_entry(
            key=settled.entry_key, kind="refund", moves=moves, document=refund_document(refund.ulid), occurred_at=now
        )
    to_card = _return_to_card(settlement, order, refund, now)
    if refund.cash > to_card:
        payments.start_refund(
            payment_document=order.paid_under or order.document,
            refund_ulid=refund.ulid,
            amount=refund.cash - to_card,
            reason=refund.reason,
            ledger_document=refund_document(refund.ulid),
            now=now,
        )
    if _everything_returned(
        settlement, rows, order
    ):  # it will never complete: what its goods cost the mall is booked now
        return release_order(order=order, now=now)
    return settlement


def _return_to_card(settlement: OrderSettlement, order: PaidOrder, refund: ApprovedRefund, now: dt.datetime) -> int:
    """What of a refund goes back to the stored-value card that paid with; where that is all of it, it has arrived."""
    if not order.by_card:
        return 0
    others = SettledRefund.objects.filter(settlement=settlement).exclude(refund_ulid=refund.ulid)
    before: int = others.aggregate(sum=Sum("cash_amount", default=0))["sum"]
    amount = back_to_card(total=order.total, by_card=order.by_card, before=before, now=refund.cash)
    if amount:
        cards_paying.return_to_card(
            order_ulid=order.ulid,
            refund_ulid=refund.ulid,
            amount=amount,
            document=refund_document(refund.ulid),
            now=now,
        )
        if amount == refund.cash:
            bus.publish("card.refunded", {"refund": refund.ulid}, key=refund.ulid)
    return amount


def refund_document(refund_ulid: str) -> str:
    """Under which document clearing.refund must come back to zero."""
    return f"refund:{refund_ulid}"


def _everything_returned(settlement: OrderSettlement, rows: Sequence[LineSettlement], order: PaidOrder) -> bool:
    if settlement.refunded_freight_amount < settlement.freight_amount:
        return False
    worth = {line.facts.line: line.facts.goods_value for line in order.lines}
    return all(row.returned_value_amount == worth[row.line_ulid] for row in rows)


def _reduce_lines(rows: Sequence[LineSettlement], order: PaidOrder, refund: ApprovedRefund) -> tuple[Burden, Taken]:
    """Write what is left of each line; who bears what, awards apart, and what is taken back of each award."""
    terms = pot_terms(modes.settings_for_order(order.pins))
    lines = {one.facts.line: one for one in order.lines}
    by_line = {row.line_ulid: row for row in rows}
    awards: dict[int, list[Award]] = {}
    for award in Award.objects.filter(line__in=rows).order_by("position"):
        awards.setdefault(award.line_id, []).append(award)
    burden: Burden = []
    taken: Taken = []
    for part in refund.parts:
        if part.line not in lines or part.line not in by_line:
            raise RefundBeyondPaid
        row = by_line[part.line]
        less, back = _reduce_line(row, awards.get(row.pk, []), lines[part.line], part, terms)
        burden.append((row, less))
        taken += back
    return burden, taken


def _reduce_line(
    row: LineSettlement, awards: Sequence[Award], line: PaidLine, part: RefundPart, terms: PotTerms
) -> tuple[Difference, Taken]:
    facts = line.facts
    before = _shares_of(row)
    returned = add_part(row.returned, part)
    if (
        returned.cash > facts.cash
        or returned.voucher > facts.voucher_amount
        or returned.goods_value > facts.goods_value
    ):
        raise RefundBeyondPaid
    taken: Taken = []
    for award in awards:
        back = take_back(facts, returned, award.amount, award.clawed_amount)
        if back:
            award.clawed_amount += back
            taken.append((award, back))
    after = waterfall.shares(facts, terms, sum(award.net_amount for award in awards), returned)
    left = waterfall.margin(facts, terms, returned)
    less = difference(
        before, after, fee=row.fee_amount - left.fee, payment_fee=row.payment_fee_amount - left.payment_fee
    )
    row.fee_amount, row.payment_fee_amount = left.fee, left.payment_fee
    _write_line(row, returned, after)
    return less, taken


def _take_freight(
    settlement: OrderSettlement, rows: Sequence[LineSettlement], refund: ApprovedRefund
) -> list[tuple[LineSettlement, int]]:
    """Write what freight goes back, spread over the lines by what is left of theirs; the parts that sellers give back."""
    if settlement.refunded_freight_amount + refund.freight > settlement.freight_amount or refund.freight < 0:
        raise RefundBeyondPaid
    if not refund.freight:
        return []
    left = [row.freight_amount - row.returned_freight_amount for row in rows]
    rest = settlement.freight_amount - settlement.refunded_freight_amount - sum(left)  # of no line: the mall's
    parts = allocate(refund.freight, [*left, rest])[: len(rows)]
    settlement.refunded_freight_amount += refund.freight
    settlement.save(update_fields=["refunded_freight_amount"])
    for row, part in zip(rows, parts, strict=True):
        row.returned_freight_amount += part
    LineSettlement.objects.bulk_update(rows, ["returned_freight_amount"])
    return [(row, part) for row, part in zip(rows, parts, strict=True) if row.seller_id and part]


def _before_release(
    settlement: OrderSettlement,
    settled: SettledRefund,
    order: PaidOrder,
    taken: Taken,
    refund: ApprovedRefund,
    now: dt.datetime,
) -> list[Move]:
    """The frozen awards shrink, the money leaves the escrow."""
    awards = [award for award, _ in taken]
    for award in awards:
        if not award.net_amount:
            award.state, award.void_reason = AwardState.VOID, VoidReason.REFUNDED
    Award.objects.bulk_update(awards, ["clawed_amount", "state", "void_reason"])
    ClawBack.objects.bulk_create(ClawBack(award=award, refund=settled, amount=back) for award, back in taken)
    if any(award.hold_key for award in awards):
        holds.shrink(settlement, order, awards, now)
    moves = [Move(order.escrow, "clearing.refund", refund.cash)] if refund.cash else []
    voucher = sum(part.voucher for part in refund.parts)
    if voucher and settlement.vouchers_in_escrow:
        moves.append(Move(order.escrow, "voucher.reserve", voucher))
    return moves


def _shares_of(row: LineSettlement) -> Shares:
    return Shares(
        cash=row.cash_amount - row.returned_cash_amount,
        voucher=row.voucher_amount - row.returned_voucher_amount,
        payable=row.payable_amount,
        cost=row.cost_amount,
        pool=row.pool_amount,
        awards=row.awarded_amount,
        house=row.house_amount,
    )


def _write_line(row: LineSettlement, returned: Returned, shares: Shares) -> None:
    row.returned_value_amount = returned.goods_value
    row.returned_cash_amount = returned.cash
    row.returned_voucher_amount = returned.voucher
    row.returned_coin_amount = returned.coin
    row.returned_discount_amount = returned.platform_discount
    row.returned_quantity = returned.quantity
    row.returned_cost_amount = returned.cost
    row.payable_amount = shares.payable
    row.cost_amount = shares.cost
    row.pool_amount = shares.pool
    row.awarded_amount = shares.awards
    row.house_amount = shares.house
    row.save()
