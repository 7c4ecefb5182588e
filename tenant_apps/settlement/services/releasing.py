"""Completion: frozen awards into wallets, the rest of the escrow to seller, cost, pool and house; escrow ends at zero."""

import datetime as dt

from django.db.models import F

from saas.kernel.transactions import retried_transaction
from saas.ledger import selectors as book
from saas.ledger import services as ledger
from saas.ledger.services import Move
from tenant_apps.settlement.models import Award, LineSettlement, OrderSettlement
from tenant_apps.settlement.rules import AwardState, PaidOrder, SettlementState
from tenant_apps.settlement.services.awarding import award_order
from tenant_apps.settlement.services.debts import net_debt


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
    payees = _release_awards(settlement, now)
    moves = _rest_of_escrow(settlement, order)
    if moves:
        ledger.post_entry(
            key=f"settle:{order.ulid}", kind="settlement", moves=moves, document=order.document, occurred_at=now
        )
    for payee in payees:
        net_debt(member_ulid=payee, key=order.ulid, document=order.document, now=now)
    settlement.state = SettlementState.RELEASED
    settlement.released_at = now
    settlement.save(update_fields=["state", "released_at"])
    left = book.balance(order.escrow)
    if left:
        raise EscrowNotEmpty(f"order {order.number}: {left} fen left in escrow")
    return settlement


def _release_awards(settlement: OrderSettlement, now: dt.datetime) -> list[str]:
    """Post the holds of everybody who still has something coming; who they are, in a fixed order."""
    awards = Award.objects.filter(line__settlement=settlement, state=AwardState.FROZEN).exclude(hold_key="")
    holds = dict(awards.values_list("hold_key", "payee_ulid"))
    for key in sorted(holds):
        ledger.post_hold(hold_key=key, key=f"{key}:release", occurred_at=now)
        awards.filter(hold_key=key, clawed_amount__lt=F("amount")).update(
            state=AwardState.RELEASED, release_key=f"{key}:release", released_at=now
        )
    return sorted(set(holds.values()))


def _rest_of_escrow(settlement: OrderSettlement, order: PaidOrder) -> list[Move]:
    """Everything of the order that is nobody's award. The house takes the rest, or pays what the mall gave away."""
    moves: list[Move] = []
    house = 0
    freight = settlement.freight_amount - settlement.refunded_freight_amount
    for line in LineSettlement.objects.filter(settlement=settlement):
        house += line.house_amount
        parts = {"own_goods": line.cost_amount, "pool": line.pool_amount}
        if line.seller_id:
            parts[f"seller.payable.{line.seller_id}"] = line.payable_amount
        moves += [Move(order.escrow, account, amount) for account, amount in parts.items() if amount]
    house += freight
    if house > 0:
        moves.append(Move(order.escrow, "house", house))
    elif house < 0:
        moves.append(Move("house", order.escrow, -house))
    return moves
