"""An order's address was changed before it was shipped: the awards of areas leave the old area for the new one; MODES 8."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence

from tenant_apps.modes import rules as waterfall
from tenant_apps.modes import selectors as modes
from tenant_apps.modes.contract import Award as AwardFact
from tenant_apps.modes.contract import Grade
from tenant_apps.modes.rules import Returned
from tenant_apps.modes.selectors import Pinned
from tenant_apps.settlement import facts
from tenant_apps.settlement.models import Award, ClawBack, LineSettlement, OrderSettlement, SettledRefund
from tenant_apps.settlement.rules import (
    ApprovedRefund,
    AwardState,
    PaidLine,
    PaidOrder,
    VoidReason,
    add_part,
    take_back,
)
from tenant_apps.settlement.services import drafting, holds

Refunds = Sequence[tuple[SettledRefund, ApprovedRefund]]


def follow_area(*, settlement: OrderSettlement, order: PaidOrder, now: dt.datetime) -> None:
    """Void the area awards that the order's new area does not give, and make its own within what the pot still holds.

    What the two areas have in common stays as it is. Refunds before the change have taken their part of the new awards
    too. The caller holds the settlement's lock; it is not released yet.
    """
    pinned = modes.settings_for_order(order.pins)
    lines = {line.facts.line: line for line in order.lines}
    known: dict[int, list[Award]] = {}
    for award in Award.objects.filter(line__settlement=settlement).order_by("position", "pk"):
        known.setdefault(award.line_id, []).append(award)
    refunds = _refunds(settlement)
    voided: list[Award] = []
    made: list[Award] = []
    taken: list[ClawBack] = []
    for row in LineSettlement.objects.filter(settlement=settlement).order_by("position"):
        gone, new, backs = _move_line(row, lines[row.line_ulid], order, known.get(row.pk, []), pinned, refunds, now)
        voided += gone
        made += new
        taken += backs
    if voided or made:
        Award.objects.bulk_update(voided, ["state", "void_reason", "clawed_amount"])
        holds.remake(settlement, order, voided, made, now)
        Award.objects.bulk_create(made)
        ClawBack.objects.bulk_create(taken)
    settlement.area_revision = order.area_revision
    settlement.save(update_fields=["area_revision"])


def of_area(mode: str, kind: str) -> bool:
    """Whether an award is one of an area's agents."""
    return mode in modes.AREA_MODES and kind in set(Grade)


def _move_line(
    row: LineSettlement,
    line: PaidLine,
    order: PaidOrder,
    known: Sequence[Award],
    pinned: Mapping[str, Pinned],
    refunds: Refunds,
    now: dt.datetime,
) -> tuple[list[Award], list[Award], list[ClawBack]]:
    """Write the line's row; its voided awards, its new ones and what refunds take of these, none written yet."""
    found = drafting.earned(line.facts, order.facts, pinned)
    others = [award for award in known if not of_area(award.mode, award.kind)]
    left = max(0, found.limit - sum(award.amount for award in others))
    wanted = waterfall.cap_total([one for one in found.awards if of_area(one.mode, one.kind)], left)
    old = {
        _key(one): one for one in known if of_area(one.mode, one.kind) and one.void_reason != VoidReason.AREA_CHANGED
    }
    stays = {_key(one) for one in wanted if _key(one) in old and old[_key(one)].amount == one.amount}
    voided = [award for key, award in old.items() if key not in stays]
    lost = sum(award.net_amount for award in voided)
    for award in voided:
        award.state, award.void_reason, award.clawed_amount = AwardState.VOID, VoidReason.AREA_CHANGED, award.amount
    here = modes.of_zone(pinned, line.facts.zone)
    start = max((award.position for award in known), default=-1) + 1
    made, taken = [], []
    for place, one in enumerate((one for one in wanted if _key(one) not in stays), start=start):
        award = drafting.award_row(row, one, here, place, now)
        backs = _taken_by_refunds(award, line, refunds)
        if award.net_amount:
            made.append(award)
            taken += backs
    gained = sum(award.net_amount for award in made)
    row.awarded_amount += gained - lost
    row.house_amount -= gained - lost
    row.unclaimed = found.unclaimed([*(_fact(award) for award in others), *wanted])
    row.save(update_fields=["awarded_amount", "house_amount", "unclaimed"])
    return voided, made, taken


def _key(award: Award | AwardFact) -> tuple[str, str, str]:
    payee = award.payee_ulid if isinstance(award, Award) else award.payee
    return award.mode, award.kind, payee


def _fact(award: Award) -> AwardFact:
    return AwardFact(
        mode=award.mode,
        kind=award.kind,
        payee=award.payee_ulid,
        base=award.base,  # type: ignore[arg-type]
        base_amount=award.base_amount,
        rate_ppm=award.rate_ppm,
        amount=award.amount,
        full_amount=award.full_amount,
    )


def _refunds(settlement: OrderSettlement) -> Refunds:
    rows: Iterable[SettledRefund] = SettledRefund.objects.filter(settlement=settlement).order_by("pk")
    return [(row, facts.approved_refund(row.refund_ulid)[1]) for row in rows]


def _taken_by_refunds(award: Award, line: PaidLine, refunds: Refunds) -> list[ClawBack]:
    """The part of a new award that each earlier refund of the line takes, as if it had stood from the beginning."""
    returned, taken = Returned(), []
    for settled, refund in refunds:
        for part in refund.parts:
            if part.line != line.facts.line:
                continue
            returned = add_part(returned, part)
            back = take_back(line.facts, returned, award.amount, award.clawed_amount)
            if back:
                award.clawed_amount += back
                taken.append(ClawBack(award=award, refund=settled, amount=back))
    return taken
