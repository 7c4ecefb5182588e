"""Ad points in the book (MODES 13a): given when an order completes, taken back with a refund, owed where they are gone.

An asset of its own, centi-points: `issued` against the member. There is no way to buy, sell or hand them on.
"""

import datetime as dt
from collections.abc import Iterable, Sequence

from saas.ledger import selectors as book
from saas.ledger import services as ledger
from saas.ledger.services import Move
from tenant_apps.modes import selectors as modes
from tenant_apps.modes.advertising.mode import points_of
from tenant_apps.modes.advertising.rules import AD_POINTS
from tenant_apps.settlement.models import LineSettlement
from tenant_apps.settlement.rules import ApprovedRefund, PaidOrder, member_purse

MODE = "advertising"


def give(order: PaidOrder, lines: Iterable[LineSettlement], now: dt.datetime) -> int:
    """Give the points of what refunds have left of a completed order; what the member owes is netted. Centi-points."""
    kept = [(row.line_ulid, row.cash_amount - row.returned_cash_amount) for row in lines]
    points = _points(order, kept)
    if not points:
        return 0
    purse = member_purse(order.facts.buyer.member)
    owed = min(points, max(0, -book.balance(purse.debt, AD_POINTS)))
    moves = [Move("issued", purse.debt, owed, AD_POINTS)] if owed else []
    moves += [Move("issued", purse.account, points - owed, AD_POINTS)] if points > owed else []
    _post(f"ads:points:{order.ulid}", "ad_points", moves, order.document, now)
    return points


def take_back(order: PaidOrder, refund: ApprovedRefund, now: dt.datetime) -> int:
    """Take back the points of what a refund returned of a completed order; what is not there is owed. Centi-points."""
    points = _points(order, [(part.line, part.cash) for part in refund.parts])
    if not points:
        return 0
    purse = member_purse(order.facts.buyer.member)
    there = min(points, max(0, book.available(purse.account, AD_POINTS)))
    moves = [Move(purse.account, "issued", there, AD_POINTS)] if there else []
    moves += [Move(purse.debt, "issued", points - there, AD_POINTS)] if points > there else []
    _post(f"ads:points_back:{refund.ulid}", "ad_points_back", moves, order.document, now)
    return points


def _points(order: PaidOrder, cash: Sequence[tuple[str, int]]) -> int:
    """Centi-points of so much paid money of each line, under the version that the order was sold under. No rounding."""
    if not any(key.partition("@")[0] == MODE for key in order.pins):
        return 0
    pinned = modes.settings_for_order(order.pins)
    facts = {line.facts.line: line.facts for line in order.lines}
    points = 0
    for line, amount in cash:
        here = modes.of_zone(pinned, facts[line].zone).get(MODE)
        points += points_of(here.values, facts[line], amount) if here is not None else 0
    return points


def _post(key: str, kind: str, moves: list[Move], document: str, now: dt.datetime) -> None:
    ledger.post_entry(key=key, kind=kind, moves=moves, document=document, occurred_at=now)
