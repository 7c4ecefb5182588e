"""Refunds: before completion the holds are made again smaller; after it awards are clawed back from wallet, then debt."""

import datetime as dt
from collections.abc import Iterator

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from saas.kernel.errors import DomainError
from saas.kernel.transactions import retried_transaction
from saas.ledger import selectors as book
from saas.ledger import services as ledger
from saas.ledger.services import Move
from tenant_apps.modes import rules as waterfall
from tenant_apps.modes import selectors as modes
from tenant_apps.modes.rules import PotTerms, Returned, Shares
from tenant_apps.payments import services as payments
from tenant_apps.settlement.models import Award, ClawBack, LineSettlement, OrderSettlement, SettledRefund
from tenant_apps.settlement.rules import (
    ApprovedRefund,
    AwardState,
    Difference,
    PaidLine,
    PaidOrder,
    RefundPart,
    SettlementState,
    add_part,
    by_payee,
    debt_of,
    difference,
    take_back,
    wallet_of,
)
from tenant_apps.settlement.services.awarding import award_order, place_holds, pot_terms, void_holds
from tenant_apps.settlement.services.releasing import release_order


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
    entry_key = f"refund:{refund.ulid}"
    settled = SettledRefund.objects.create(
        refund_ulid=refund.ulid,
        settlement=settlement,
        cash_amount=refund.cash,
        entry_key=entry_key,
        settled_at=now,
    )
    terms = pot_terms(modes.settings_for_order(order.pins))
    burden: list[tuple[LineSettlement, Difference]] = []
    taken: list[tuple[Award, int]] = []
    for part in refund.parts:
        line = next((one for one in order.lines if one.facts.line == part.line), None)
        if line is None:
            raise RefundBeyondPaid
        row = LineSettlement.objects.get(line_ulid=part.line)
        burden.append((row, _reduce_line(row, line, part, terms, taken)))
    _take_freight(settlement, refund)
    if settlement.state == SettlementState.RELEASED:
        moves = _after_release(settlement, settled, burden, taken, refund)
    else:
        moves = _before_release(settlement, settled, order, taken, refund, now)
    if moves:
        ledger.post_entry(
            key=entry_key, kind="refund", moves=moves, document=refund_document(refund.ulid), occurred_at=now
        )
    if refund.cash:
        payments.start_refund(
            payment_document=order.document,
            refund_ulid=refund.ulid,
            amount=refund.cash,
            reason=refund.reason,
            ledger_document=refund_document(refund.ulid),
            now=now,
        )
    if _everything_returned(settlement):  # it will never complete: what its goods cost the mall is booked now
        return release_order(order=order, now=now)
    return settlement


def refund_document(refund_ulid: str) -> str:
    """Under which document clearing.refund must come back to zero."""
    return f"refund:{refund_ulid}"


def _everything_returned(settlement: OrderSettlement) -> bool:
    lines = LineSettlement.objects.filter(settlement=settlement)
    kept = lines.exclude(cash_amount=F("returned_cash_amount"), voucher_amount=F("returned_voucher_amount"))
    return settlement.refunded_freight_amount == settlement.freight_amount and not kept.exists()


def _reduce_line(
    row: LineSettlement, line: PaidLine, part: RefundPart, terms: PotTerms, taken: list[tuple[Award, int]]
) -> Difference:
    """Write what is left of a line and of its awards; who bears what, awards aside (they go into `taken`)."""
    facts = line.facts
    before = _shares_of(row)
    returned = add_part(_returned_of(row), part)
    if (
        returned.cash > facts.cash
        or returned.voucher > facts.voucher_amount
        or returned.goods_value > facts.goods_value
    ):
        raise RefundBeyondPaid
    awards = list(row.awards.order_by("position"))
    for award in awards:
        back = take_back(facts, returned, award.amount, award.clawed_amount)
        if back:
            award.clawed_amount += back
            taken.append((award, back))
    after = waterfall.shares(facts, terms, sum(award.net_amount for award in awards), returned)
    _write_line(row, returned, after)
    return difference(before, after)


def _take_freight(settlement: OrderSettlement, refund: ApprovedRefund) -> None:
    if settlement.refunded_freight_amount + refund.freight > settlement.freight_amount or refund.freight < 0:
        raise RefundBeyondPaid
    settlement.refunded_freight_amount += refund.freight
    settlement.save(update_fields=["refunded_freight_amount"])


def _before_release(
    settlement: OrderSettlement,
    settled: SettledRefund,
    order: PaidOrder,
    taken: list[tuple[Award, int]],
    refund: ApprovedRefund,
    now: dt.datetime,
) -> list[Move]:
    """The frozen awards shrink, the money leaves the escrow."""
    payees = frozenset(award.payee_ulid for award, _ in taken)
    for award, back in taken:
        award.state = AwardState.FROZEN if award.net_amount else AwardState.VOID
        award.save(update_fields=["clawed_amount", "state"])
        ClawBack.objects.create(award=award, refund=settled, amount=back)
    if payees:
        void_holds(settlement, payees, now)
        settlement.generation += 1
        settlement.save(update_fields=["generation"])
        place_holds(settlement, order, now, only=payees)
    return [Move(order.escrow, "clearing.refund", refund.cash)] if refund.cash else []


def _after_release(
    settlement: OrderSettlement,
    settled: SettledRefund,
    burden: list[tuple[LineSettlement, Difference]],
    taken: list[tuple[Award, int]],
    refund: ApprovedRefund,
) -> list[Move]:
    """Awards come back from wallets, what is not there becomes a debt; seller, cost, pool and house bear the rest."""
    moves = list(_from_payees(settled, taken))
    house = refund.freight
    for row, less in burden:
        house += less.house
        moves += _signed("own_goods", less.cost) + _signed("pool", less.pool)
        if row.seller_id:
            moves += _signed(f"seller.payable.{row.seller_id}", less.payable)
    return moves + _signed("house", house)


def _from_payees(settled: SettledRefund, taken: list[tuple[Award, int]]) -> Iterator[Move]:
    sums = by_payee((award.payee_ulid, back) for award, back in taken)
    available = book.balances([wallet_of(payee) for payee in sums])
    left = {payee: max(0, available[wallet_of(payee)].available) for payee in sums}
    debts: dict[str, int] = {}
    for award, back in taken:
        payee = award.payee_ulid
        from_wallet = min(back, left[payee])
        left[payee] -= from_wallet
        debts[payee] = debts.get(payee, 0) + back - from_wallet
        award.state = AwardState.RELEASED if award.net_amount else AwardState.CLAWED_BACK
        award.save(update_fields=["clawed_amount", "state"])
        ClawBack.objects.create(award=award, refund=settled, amount=back, debt_amount=back - from_wallet)
    for payee, amount in sums.items():
        if amount > debts[payee]:
            yield Move(wallet_of(payee), "clearing.refund", amount - debts[payee])
        if debts[payee]:
            yield Move(debt_of(payee), "clearing.refund", debts[payee])


def _signed(account: str, amount: int) -> list[Move]:
    """The account gives `amount` to the refund; negative: it receives (goods came back worth more than the refund)."""
    if amount > 0:
        return [Move(account, "clearing.refund", amount)]
    return [Move("clearing.refund", account, -amount)] if amount < 0 else []


def _returned_of(row: LineSettlement) -> Returned:
    return Returned(
        goods_value=row.returned_value_amount,
        cash=row.returned_cash_amount,
        voucher=row.returned_voucher_amount,
        coin=row.returned_coin_amount,
        platform_discount=row.returned_discount_amount,
        quantity=row.returned_quantity,
        cost=row.returned_cost_amount,
    )


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
