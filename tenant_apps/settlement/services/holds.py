"""Frozen awards in the book: one hold a payee out of the order's escrow, made again smaller when a refund takes of it."""

import datetime as dt
from collections.abc import Iterable, Sequence

from saas.ledger import batches
from saas.ledger.batches import HoldDraft
from tenant_apps.settlement.models import Award, OrderSettlement
from tenant_apps.settlement.rules import PaidOrder, Purse, is_held, purse_of

RELEASE = ":release"  # after a hold's key: the entry that it becomes


def drafts(order: PaidOrder, generation: int, awards: Iterable[Award]) -> list[HoldDraft]:
    """One hold a payee for what is left of his awards; names it on each of them (`hold_key`), written by the caller."""
    sums: dict[Purse, int] = {}
    for award in awards:
        if is_held(award.payee_kind, award.payee_ulid) and award.net_amount:
            purse = purse_of(award.payee_kind, award.payee_ulid, award.mode)
            sums[purse] = sums.get(purse, 0) + award.net_amount
            award.hold_key = f"award:{order.ulid}:{purse.account}:{generation}"
    return [
        HoldDraft(f"award:{order.ulid}:{purse.account}:{generation}", purse.account, amount)
        for purse, amount in sums.items()
    ]


def place(order: PaidOrder, wanted: Sequence[HoldDraft], now: dt.datetime) -> None:
    """Set the money aside. Raises ledger.InsufficientBalance."""
    batches.place_holds(holds=wanted, kind="award", source=order.escrow, document=order.document, occurred_at=now)


def shrink(settlement: OrderSettlement, order: PaidOrder, taken: Sequence[Award], now: dt.datetime) -> None:
    """Some frozen awards have become smaller: their payees' holds are voided and made again."""
    remake(settlement, order, taken, (), now)


def remake(
    settlement: OrderSettlement, order: PaidOrder, taken: Sequence[Award], made: Sequence[Award], now: dt.datetime
) -> None:
    """Void the holds that carry awards of `taken`, written already, and make them again for what is left; awards `made`
    now get theirs with them (`hold_key`, written by the caller).
    """
    keys = {award.hold_key for award in taken if award.hold_key}
    batches.void_holds(keys={key: f"{key}:void" for key in sorted(keys)}, occurred_at=now)
    settlement.generation += 1
    settlement.save(update_fields=["generation"])
    theirs = list(Award.objects.filter(line__settlement=settlement, hold_key__in=keys))
    place(order, drafts(order, settlement.generation, [*theirs, *made]), now)
    Award.objects.bulk_update([award for award in theirs if award.net_amount], ["hold_key"])


def release(awards: Sequence[Award], now: dt.datetime) -> None:
    """Let the frozen money of these awards move into the wallets."""
    keys = {award.hold_key for award in awards if award.hold_key}
    batches.post_holds(keys={key: f"{key}{RELEASE}" for key in sorted(keys)}, occurred_at=now)
