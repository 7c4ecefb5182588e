"""Reserves (link 2+1): awards without a payee until the order completes. Who finds none leaves them to the house."""

import datetime as dt
from collections.abc import Callable, Sequence

from tenant_apps.modes.link21 import services as link21
from tenant_apps.settlement.models import Award, LineSettlement
from tenant_apps.settlement.rules import AwardState, PaidOrder, VoidReason

Join = Callable[..., dict[str, str]]
# Mode → who assigns its reserves: kind of award → member's ULID, or "" where nobody earns it.
_JOINS: dict[str, Join] = {"link21": link21.join}


def assign(
    order: PaidOrder, awards: Sequence[Award], lines: dict[int, LineSettlement], now: dt.datetime
) -> list[Award]:
    """Give every frozen reserve its payee, or leave it to the house; the awards that found one. Saved by the caller.

    All transitions of one order happen here, in the caller's transaction, under the mode's own lock of the line.
    """
    waiting = [award for award in awards if not award.payee_ulid]
    found = []
    for mode in dict.fromkeys(award.mode for award in waiting):
        payees = _join(mode, order, now)
        for award in (one for one in waiting if one.mode == mode):
            award.payee_ulid = payees.get(award.kind, "")
            if award.payee_ulid:
                found.append(award)
            else:
                leave_to_house(award, lines[award.line_id])
    return found


def leave_to_house(award: Award, line: LineSettlement) -> None:
    """Nobody earns this award: what is left of it is the house's. Saved by the caller."""
    line.awarded_amount -= award.net_amount
    line.house_amount += award.net_amount
    award.clawed_amount = award.amount
    award.state, award.void_reason = AwardState.VOID, VoidReason.NO_PAYEE


def _join(mode: str, order: PaidOrder, now: dt.datetime) -> dict[str, str]:
    chain = order.facts.buyer.chain
    return _JOINS[mode](
        member_ulid=order.facts.buyer.member,
        sponsor_ulid=chain[0].member if chain else "",
        order_ulid=order.ulid,
        now=now,
        pins=order.pins,
    )
