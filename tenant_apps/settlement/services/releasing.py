"""Completion: frozen awards into wallets, the rest of the escrow to seller, cost, pool and house; escrow ends at zero."""

import datetime as dt
from collections.abc import Iterable, Sequence

from django.db.models import Case, CharField, F, Value, When
from django.db.models.functions import Concat

from saas.kernel.transactions import retried_transaction
from saas.ledger import selectors as book
from saas.ledger import services as ledger
from saas.ledger.services import Move
from tenant_apps.modes.subsidy.services import vouchers
from tenant_apps.sellers import services as sellers
from tenant_apps.settlement import statement_lines
from tenant_apps.settlement.models import Award, LineSettlement, OrderSettlement
from tenant_apps.settlement.rules import AwardState, PaidOrder, Purse, SettlementState, is_held, purse_of
from tenant_apps.settlement.services import ad_points, coins, holds, reserves, subsidy_orders
from tenant_apps.settlement.services.awarding import award_order
from tenant_apps.settlement.services.debts import net_debts


class EscrowNotEmpty(RuntimeError):
    """An order's escrow did not come to zero at completion: a fault of ours, never hidden."""


@retried_transaction
def release_order(*, order: PaidOrder, now: dt.datetime) -> OrderSettlement:
    """Hand out an order's money after its after-sales window; MODES 1.3. Idempotent; awards first if need be.

    Raises EscrowNotEmpty if the books would not close.
    """
    settlement = award_order(order=order, now=now)
    if settlement.state == SettlementState.RELEASED:
        return settlement
    lines = list(LineSettlement.objects.filter(settlement=settlement).order_by("position"))
    subsidy = subsidy_orders.settings_of(order)
    if subsidy is not None:
        subsidy_orders.grant(order, subsidy, lines, now)
    awards = _frozen(settlement)
    assigned = reserves.assign(order, awards, {line.pk: line for line in lines}, now)
    kept = [award for award in awards if award.state == AwardState.FROZEN]
    held = [award for award in kept if award.hold_key]
    holds.release(held, now)
    fund = subsidy_orders.pool_account(order, subsidy)
    _post_rest(settlement, order, lines, [award for award in kept if not award.hold_key], fund, now)
    if order.vouchers:
        vouchers.mark_settled(order_ulid=order.ulid)
    _write(settlement, lines, awards, kept, assigned, entry_key(order), now)
    sellers.record_settled(statement_lines.of_release(order, lines, now))
    _close(order, kept, lines, now)
    ad_points.give(order, lines, now)
    coins.give(order, lines, now)
    return settlement


def entry_key(order: PaidOrder) -> str:
    """Key of the entry that hands out what is nobody's hold."""
    return f"settle:{order.ulid}"


def _frozen(settlement: OrderSettlement) -> list[Award]:
    awards = Award.objects.filter(line__settlement=settlement, state=AwardState.FROZEN)
    return list(awards.order_by("line__position", "position"))


def _post_rest(
    settlement: OrderSettlement,
    order: PaidOrder,
    lines: Sequence[LineSettlement],
    unheld: Sequence[Award],
    fund: str,
    now: dt.datetime,
) -> None:
    moves = _rest_of_escrow(settlement, order, lines, fund)
    for award in unheld:
        purse = purse_of(award.payee_kind, award.payee_ulid, award.mode)
        moves.append(Move(order.escrow, purse.account, award.net_amount))
    if moves:
        ledger.post_entry(
            key=entry_key(order), kind="settlement", moves=moves, document=order.document, occurred_at=now
        )


def _rest_of_escrow(
    settlement: OrderSettlement, order: PaidOrder, lines: Iterable[LineSettlement], fund: str
) -> list[Move]:
    """Everything of the order that is nobody's award. The house takes the rest, or pays what the mall gave away.

    `fund` is the subsidy pool's account.
    """
    moves: list[Move] = []
    house = settlement.freight_amount - settlement.refunded_freight_amount
    for line in lines:
        house += line.house_amount
        parts = {"own_goods": line.cost_amount, fund: line.pool_amount}
        if line.seller_id:
            sent = line.freight_amount - line.returned_freight_amount
            house -= sent
            parts[line.purse.account] = line.payable_amount + sent
        moves += [Move(order.escrow, account, amount) for account, amount in parts.items() if amount]
        voucher = line.voucher_amount - line.returned_voucher_amount
        if voucher and not settlement.vouchers_in_escrow:
            moves.append(Move("voucher.reserve", order.escrow, voucher))
    if house > 0:
        moves.append(Move(order.escrow, "house", house))
    elif house < 0:
        moves.append(Move("house", order.escrow, -house))
    return moves


def _write(
    settlement: OrderSettlement,
    lines: Sequence[LineSettlement],
    awards: Sequence[Award],
    kept: Sequence[Award],
    assigned: Sequence[Award],
    key: str,
    now: dt.datetime,
) -> None:
    """The awards are released, the order is; lines change only where a reserve fell to the house."""
    if assigned:
        Award.objects.bulk_update(assigned, ["payee_ulid"])
    if kept:
        of_hold = Concat(F("hold_key"), Value(holds.RELEASE))
        Award.objects.filter(pk__in=[award.pk for award in kept]).update(
            state=AwardState.RELEASED,
            released_at=now,
            release_key=Case(When(hold_key="", then=Value(key)), default=of_hold, output_field=CharField()),
        )
    if fallen := [award for award in awards if award.state == AwardState.VOID]:
        Award.objects.bulk_update(fallen, ["state", "void_reason", "clawed_amount"])
        of_lines = {award.line_id for award in fallen}
        LineSettlement.objects.bulk_update(
            [line for line in lines if line.pk in of_lines], ["awarded_amount", "house_amount"]
        )
    settlement.state = SettlementState.RELEASED
    settlement.released_at = now
    settlement.save(update_fields=["state", "released_at"])


def _close(order: PaidOrder, kept: Sequence[Award], lines: Sequence[LineSettlement], now: dt.datetime) -> None:
    """What payees owe is netted; the escrow must be empty."""
    paid = [
        purse_of(one.payee_kind, one.payee_ulid, one.mode) for one in kept if is_held(one.payee_kind, one.payee_ulid)
    ]
    paid += [line.purse for line in lines if line.seller_id and not line.is_deposit]
    purses: list[Purse] = sorted(set(paid), key=lambda purse: purse.account)
    codes = [code for purse in purses for code in (purse.account, purse.debt)]
    balances = book.balances([order.escrow, *codes])
    left = balances[order.escrow].posted
    if left:
        raise EscrowNotEmpty(f"order {order.number}: {left} fen left in escrow")
    net_debts(purses, balances, key=order.ulid, document=order.document, now=now)
