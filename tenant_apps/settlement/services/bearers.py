"""Who bears a refund after completion: payees of awards, seller, cost, pool, and the house for the rest (MODES 1.3)."""

from collections.abc import Sequence

from saas.ledger import selectors as book
from saas.ledger.services import Move
from tenant_apps.settlement.models import Award, ClawBack, LineSettlement, SettledRefund
from tenant_apps.settlement.rules import (
    ApprovedRefund,
    AwardState,
    Difference,
    Purse,
    purse_of,
    seller_purse,
)

REFUND = "clearing.refund"


def after_release(
    settled: SettledRefund,
    burden: Sequence[tuple[LineSettlement, Difference]],
    taken: Sequence[tuple[Award, int]],
    refund: ApprovedRefund,
    freight: Sequence[tuple[LineSettlement, int]] = (),
    fund: str = "pool",
    covered: int = 0,
) -> list[Move]:
    """The moves into clearing.refund. What an account has not got any more becomes its owner's debt.

    `freight` is what sellers give back of theirs; the rest of the refunded freight is the house's. `fund` is the
    subsidy pool's account; of its part the house pays `covered`, which the pool has promised to others (MODES 2.6).
    An accrual and a deposit have no debt: what its account lacks, or what its period has used up, the house bears (MODES 9c, 12).
    """
    given = {row.purse for row, less in burden if row.seller_id and less.payable > 0}
    sellers = sorted(given | {seller_purse(row.seller_id) for row, _ in freight}, key=lambda purse: purse.account)
    purses = [*sellers, *(purse_of(one.payee_kind, one.payee_ulid, one.mode) for one, _ in taken)]
    found = book.balances({purse.account for purse in purses})
    left = {purse.account: max(0, found[purse.account].available) for purse in purses}
    moves, house = _from_payees(settled, taken, left)
    house += refund.freight - sum(part for _, part in freight)
    for row, less in burden:
        house += less.house
        moves += signed("own_goods", less.cost)
        if row.seller_id:
            taken_back, lacking = _from_seller(row.purse, less.payable, left)
            moves, house = moves + taken_back, house + lacking
    moves += signed(fund, sum(less.pool for _, less in burden) - covered)
    house += covered
    for row, part in freight:
        moves += _from_seller(seller_purse(row.seller_id), part, left)[0]
    if voucher := sum(part.voucher for part in refund.parts):
        moves.append(Move(REFUND, "voucher.reserve", voucher))
    return moves + signed("house", house)


def signed(account: str, amount: int) -> list[Move]:
    """The account gives `amount` to the refund; negative: it receives (goods came back worth more than the refund)."""
    if amount > 0:
        return [Move(account, REFUND, amount)]
    return [Move(REFUND, account, -amount)] if amount < 0 else []


def _from_seller(purse: Purse, amount: int, left: dict[str, int]) -> tuple[list[Move], int]:
    """What a seller gives back, and what the house bears: only where a deposit has less than was approved."""
    if amount <= 0:
        return signed(purse.account, amount), 0
    drawn = _draw(purse, amount, left)
    return _owed(purse, amount, drawn), 0 if purse.debt else amount - drawn


def _from_payees(
    settled: SettledRefund, taken: Sequence[tuple[Award, int]], left: dict[str, int]
) -> tuple[list[Move], int]:
    """Moves out of wallets, debts and accruals, and what the house bears for accruals; writes awards and claw-backs."""
    moves: list[Move] = []
    backs: list[ClawBack] = []
    borne = 0
    for award, back in taken:
        purse = purse_of(award.payee_kind, award.payee_ulid, award.mode)
        drawn = 0 if award.period_key else _draw(purse, back, left)
        lacking = back - drawn
        moves += _owed(purse, back, drawn)
        borne += 0 if purse.debt else lacking
        if not award.net_amount:
            award.state = AwardState.CLAWED_BACK
        backs.append(
            ClawBack(
                award=award,
                refund=settled,
                amount=back,
                debt_amount=lacking if purse.debt else 0,
                house_amount=0 if purse.debt else lacking,
            )
        )
    Award.objects.bulk_update([award for award, _ in taken], ["clawed_amount", "state"])
    ClawBack.objects.bulk_create(backs)
    return moves, borne


def _draw(purse: Purse, amount: int, left: dict[str, int]) -> int:
    """How much of `amount` the account still has; it is taken out of `left`."""
    drawn = min(amount, left[purse.account])
    left[purse.account] -= drawn
    return drawn


def _owed(purse: Purse, amount: int, drawn: int) -> list[Move]:
    """Out of the account what it had; the rest is owed, unless the house bears it."""
    moves = [Move(purse.account, REFUND, drawn)] if drawn else []
    if amount > drawn and purse.debt:
        moves.append(Move(purse.debt, REFUND, amount - drawn))
    return moves
