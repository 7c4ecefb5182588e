"""Shopping coins in the book (MODES 11a, 1.2): given by completed orders, taken back and returned by refunds, ended.

Whole coins, asset COIN: `issued` against the member; what is to be taken back and is gone is owed, and the next coins
make up for it. There is no way to buy, sell, hand on or cash one.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence

from django.utils.timezone import localtime

from saas.kernel.transactions import retried_transaction
from saas.ledger import selectors as book
from saas.ledger import services as ledger
from saas.ledger.services import Move
from saas.messaging.notices import services as notices
from tenant_apps.members import selectors as members
from tenant_apps.modes import selectors as modes
from tenant_apps.modes.coins import rules
from tenant_apps.modes.coins import services as lots
from tenant_apps.modes.coins.mode import coins_of
from tenant_apps.modes.coins.rules import COIN
from tenant_apps.modes.selectors import Pinned
from tenant_apps.settlement.models import LineSettlement
from tenant_apps.settlement.rules import ApprovedRefund, PaidOrder, Purse, member_purse

MODE = "coins"


def give(order: PaidOrder, rows: Iterable[LineSettlement], now: dt.datetime) -> int:
    """Give the coins of what refunds have left of a completed order; what the member owes is netted. Whole coins."""
    pinned = _pinned(order)
    if not pinned:
        return 0
    facts = {line.facts.line: line.facts for line in order.lines}
    basis: dict[str, tuple[int, int]] = {}
    ends: list[dt.datetime] = []
    for row in rows:
        line, kept = facts[row.line_ulid], row.cash_amount - row.returned_cash_amount
        here = modes.of_zone(pinned, line.zone).get(MODE)
        coins = coins_of(here.values, line, kept) if here else 0
        if here and coins:
            basis[row.line_ulid] = (kept, coins)
            values = here.values
            ends.append(rules.expiry(localtime(now), months=values.valid_months, to_year_end=values.to_year_end))
    granted = sum(coins for _, coins in basis.values())
    if not granted:
        return 0
    buyer = order.facts.buyer.member
    kept_coins = granted - _pay_in(member_purse(buyer), granted, f"coins.given:{order.ulid}", order.document, now)
    lots.grant(member_ulid=buyer, order_ulid=order.ulid, basis=basis, keep=kept_coins, expires_at=max(ends), now=now)
    return granted


def take_back(order: PaidOrder, refund: ApprovedRefund, rows: Iterable[LineSettlement], now: dt.datetime) -> int:
    """Take back the coins of what a refund returned of a completed order: cumulative, rounded up. `rows` after it."""
    lot = lots.granted_by(order_ulid=order.ulid) if _pinned(order) else None
    if lot is None:
        return 0
    returned = {part.line: part.cash for part in refund.parts}
    wanted = 0
    for row in rows:
        kept, coins = lot.basis.get(row.line_ulid, (0, 0))
        after = kept - (row.cash_amount - row.returned_cash_amount)
        before = after - returned.get(row.line_ulid, 0)
        wanted += rules.taken_back(coins, kept, after) - rules.taken_back(coins, kept, before)
    if not wanted:
        return 0
    purse = member_purse(lot.member_ulid)
    there = lots.take_back(lot=lot, coins=wanted)
    moves = [Move(purse.account, "issued", there, COIN)] if there else []
    moves += [Move(purse.debt, "issued", wanted - there, COIN)] if wanted > there else []
    _post(f"coins.taken_back:{refund.ulid}", "coins.taken_back", moves, order.document, now)
    return wanted


def give_back(order: PaidOrder, refund: ApprovedRefund, now: dt.datetime) -> int:
    """Coins that paid a part of what a refund returned are the member's again, with their old end. Whole coins."""
    coins = sum(part.coins for part in refund.parts)
    if not coins:
        return 0
    purse = member_purse(lots.owner_of(order_ulid=order.ulid))
    owed = _pay_in(purse, coins, f"coins.returned:{refund.ulid}", order.document, now)
    lots.give_back(order_ulid=order.ulid, refund_ulid=refund.ulid, coins=coins, keep=coins - owed, now=now)
    return coins


@retried_transaction
def expire(*, lot_id: int, now: dt.datetime) -> int:
    """Write off what is left of a lot whose time is over; whole coins."""
    lot, coins = lots.expire(lot_id=lot_id, now=now)
    if coins:
        move = Move(member_purse(lot.member_ulid).account, "issued", coins, COIN)
        _post(f"coins.expired:{lot.ulid}:{lot.expired}", "coins.expired", [move], f"coins:{lot.ulid}", now)
    return coins


@retried_transaction
def close(*, member_ulid: str, now: dt.datetime) -> int:
    """An account was closed: its coins end; whole coins."""
    coins = lots.close(member_ulid=member_ulid)
    if coins:
        move = Move(member_purse(member_ulid).account, "issued", coins, COIN)
        key = f"coins.closed:{member_ulid}:{now.isoformat()}"
        _post(key, "coins.expired", [move], f"member:{member_ulid}", now)
    return coins


@retried_transaction
def tell_of_end(*, member_ulid: str, now: dt.datetime) -> int:
    """Tell a member of the coins that end within 30 days; how many they are."""
    coins = lots.mark_noticed(member_ulid=member_ulid, now=now)
    phone = members.member_by_ulid(member_ulid).user.phone if coins else ""
    if phone:
        notices.send_notice(
            kind="coins_ending",
            to_phone=phone,
            to_email="",
            context={"coins": str(coins), "days": str(rules.NOTICE_DAYS)},
            key=f"coins:{member_ulid}:{now:%Y-%m-%d}",
        )
    return coins


def _pinned(order: PaidOrder) -> Mapping[str, Pinned]:
    """The settings of coins that the order was sold under; empty where it was sold under none: no statement then."""
    if not any(key.partition("@")[0] == MODE for key in order.pins):
        return {}
    return modes.settings_for_order(order.pins)


def _pay_in(purse: Purse, coins: int, key: str, document: str, now: dt.datetime) -> int:
    """Book coins for a member, first against what he owes; how many that took."""
    owed = min(coins, max(0, -book.balance(purse.debt, COIN)))
    moves = [Move("issued", purse.debt, owed, COIN)] if owed else []
    moves += [Move("issued", purse.account, coins - owed, COIN)] if coins > owed else []
    _post(key, key.partition(":")[0], moves, document, now)
    return owed


def _post(key: str, kind: str, moves: Sequence[Move], document: str, now: dt.datetime) -> None:
    ledger.post_entry(key=key, kind=kind, moves=list(moves), document=document, occurred_at=now)
