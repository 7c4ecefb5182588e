"""Coins of members: given by completed orders, set aside and spent by others, returned, taken back, expired (MODES 11).

They come out of completed orders and nowhere else; there is no way to buy, sell, give or cash one (MODES 14 #8). The
book is kept by the callers — orders and settlement — in the same transaction.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from saas.kernel.errors import DomainError
from saas.kernel.ids import new_ulid
from tenant_apps.modes.coins.models import CoinLot, CoinUse
from tenant_apps.modes.coins.rules import NOTICE_DAYS, RETURNED_DAYS, UseState


class CoinsShort(DomainError):
    """The member has fewer coins than he wants to spend; `left` is what he has."""

    code = "coins_short"
    http_status = 422
    message = _("You have {left} coins only.")  # type: ignore[assignment]


def reserve(*, member_ulid: str, order_ulid: str, coins: int, now: dt.datetime) -> None:
    """Set coins aside for an order that is being placed, those that expire first. Raises CoinsShort."""
    rows = CoinLot.objects.select_for_update().filter(member_ulid=member_ulid, left__gt=0, expires_at__gt=now)
    wanted, changed, uses = coins, [], []
    for lot in rows.order_by("expires_at", "pk"):
        part = min(lot.left, wanted)
        if not part:
            break
        lot.left -= part
        wanted -= part
        changed.append(lot)
        uses.append(CoinUse(lot=lot, order_ulid=order_ulid, coins=part, used_at=now))
    if wanted:
        raise CoinsShort(left=coins - wanted, field="coins")
    CoinLot.objects.bulk_update(changed, ["left"])
    CoinUse.objects.bulk_create(uses)


def mark_spent(*, order_ulid: str) -> None:
    """The order is paid: its coins are spent."""
    CoinUse.objects.filter(order_ulid=order_ulid, state=UseState.RESERVED).update(state=UseState.SPENT)


def release(*, order_ulid: str) -> tuple[str, int]:
    """The order was given up before it was paid: its coins are free again, with their old end. Whose, and how many."""
    uses = list(
        CoinUse.objects.select_for_update()
        .filter(order_ulid=order_ulid, state=UseState.RESERVED)
        .select_related("lot")
        .order_by("lot__expires_at", "lot")
    )
    for use in uses:
        use.lot.left += use.coins
        use.returned, use.state = use.coins, UseState.RELEASED
    CoinUse.objects.bulk_update(uses, ["returned", "state"])
    CoinLot.objects.bulk_update([use.lot for use in uses], ["left"])
    return (uses[0].lot.member_ulid, sum(use.coins for use in uses)) if uses else ("", 0)


def give_back(*, order_ulid: str, refund_ulid: str, coins: int, keep: int, now: dt.datetime) -> str:
    """A refund returns `coins` of an order, the longest valid first, with their old end, but at least a week; whose.

    Only `keep` of them reach the member's lots: the rest made up for coins that he owed (settlement says how many).
    """
    rows = CoinUse.objects.select_for_update().filter(order_ulid=order_ulid, state=UseState.SPENT)
    uses = list(rows.select_related("lot").order_by("-lot__expires_at", "-lot"))
    soon, wanted, kept, late = now + dt.timedelta(days=RETURNED_DAYS), coins, keep, 0
    lots = []
    for use in uses:
        part = min(use.coins - use.returned, wanted)
        use.returned += part
        wanted -= part
        back = min(part, kept)
        kept -= back
        if use.lot.expires_at >= soon:
            use.lot.left += back
            lots.append(use.lot)
        else:
            late += back
    if wanted:
        raise ValueError(f"order {order_ulid} took fewer coins than come back")
    CoinUse.objects.bulk_update(uses, ["returned"])
    CoinLot.objects.bulk_update(lots, ["left"])
    owner = uses[0].lot.member_ulid
    if late:
        _lot(owner, f"refund:{refund_ulid}", granted=late, left=late, basis={}, now=now, expires_at=soon)
    return owner


def owner_of(*, order_ulid: str) -> str:
    """Whose coins an order took; empty where it took none."""
    uses = CoinUse.objects.filter(order_ulid=order_ulid)
    return uses.values_list("lot__member_ulid", flat=True).first() or ""


def grant(
    *,
    member_ulid: str,
    order_ulid: str,
    basis: Mapping[str, tuple[int, int]],
    keep: int,
    expires_at: dt.datetime,
    now: dt.datetime,
) -> None:
    """The coins of a completed order; `keep` of them are his, the rest made up for what he owed."""
    granted = sum(coins for _, coins in basis.values())
    kept = {line: list(pair) for line, pair in basis.items()}
    _lot(member_ulid, f"order:{order_ulid}", granted=granted, left=keep, basis=kept, now=now, expires_at=expires_at)


def granted_by(*, order_ulid: str) -> CoinLot | None:
    """The lot that a completed order gave, locked."""
    return CoinLot.objects.select_for_update().filter(source=f"order:{order_ulid}").first()


def take_back(*, lot: CoinLot, coins: int) -> int:
    """Take up to `coins` out of the member's unspent ones: this lot first, then the newest; how many were there."""
    others = CoinLot.objects.select_for_update().filter(member_ulid=lot.member_ulid, left__gt=0).exclude(pk=lot.pk)
    wanted, changed = coins, []
    for row in [lot, *others.order_by("-pk")]:
        part = min(row.left, wanted)
        if part:
            row.left -= part
            wanted -= part
            changed.append(row)
    CoinLot.objects.bulk_update(changed, ["left"])
    return coins - wanted


def expire(*, lot_id: int, now: dt.datetime) -> tuple[CoinLot, int]:
    """Write off what is left of a lot whose time is over; the row and how many, 0 if nothing was left."""
    lot = CoinLot.objects.select_for_update().get(pk=lot_id)
    return lot, _write_off(lot) if lot.expires_at <= now else 0


def close(*, member_ulid: str) -> int:
    """An account was closed: what it holds is written off; how many."""
    rows = CoinLot.objects.select_for_update().filter(member_ulid=member_ulid, left__gt=0)
    return sum(_write_off(lot) for lot in rows.order_by("expires_at", "pk"))


def mark_noticed(*, member_ulid: str, now: dt.datetime) -> int:
    """The member is being told of the coins that end within the days of notice; how many they are."""
    soon = now + dt.timedelta(days=NOTICE_DAYS)
    rows = CoinLot.objects.select_for_update().filter(
        member_ulid=member_ulid, left__gt=0, noticed_at=None, expires_at__gt=now, expires_at__lte=soon
    )
    lots = list(rows.order_by("expires_at", "pk"))
    for lot in lots:
        lot.noticed_at = now
    CoinLot.objects.bulk_update(lots, ["noticed_at"])
    return sum(lot.left for lot in lots)


def _write_off(lot: CoinLot) -> int:
    coins = lot.left
    if coins:
        lot.expired, lot.left = lot.expired + coins, 0
        lot.save(update_fields=["expired", "left"])
    return coins


def _lot(member_ulid: str, source: str, *, now: dt.datetime, **values: Any) -> CoinLot:
    lot = CoinLot(ulid=new_ulid(), member_ulid=member_ulid, source=source, granted_at=now, **values)
    lot.save(force_insert=True)
    return lot
