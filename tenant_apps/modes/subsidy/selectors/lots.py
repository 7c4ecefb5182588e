"""What a member or seller has of pools: lots with what follows from their cohorts, vouchers. Reads only; fen, centi-points."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet, Sum

from tenant_apps.modes.subsidy import rules
from tenant_apps.modes.subsidy.models import Cohort, Lot, Period, Voucher, VoucherUse
from tenant_apps.modes.subsidy.rules import LIVE
from tenant_apps.modes.subsidy.selectors.pools import as_rule


@dataclass(frozen=True, kw_only=True)
class HonestFigures:
    """What stands beside every "up to" (MODES 14 #9): the real mean multiple, the coverage and the last three periods."""

    mean_multiple_ppm: int
    buyer_multiple_ppm: int
    coverage_ppm: int | None
    last: Sequence[Period]
    consecutive_holds: int
    liquidation_at: dt.datetime | None  # announced: not before this


@dataclass(frozen=True, kw_only=True)
class LotFigures:
    """A lot with what follows from its cohort: fen of voucher, centi-points. All zero once it is void.

    `last_amount` is what the pool's newest served period brought it, `headroom_amount` what is left to its multiple.
    """

    lot: Lot
    entitled_amount: int
    last_amount: int
    burnt_points: int
    remaining_points: int
    headroom_amount: int
    status: str

    @property
    def undrawn_amount(self) -> int:
        """Entitled to and not a voucher yet."""
        return max(0, self.entitled_amount - self.lot.drawn_amount)


@dataclass(frozen=True, kw_only=True)
class Standing:
    """All lots of somebody together. `points` granted and not refunded; `lots` counts those that are not void."""

    lots: int = 0
    waiting_lots: int = 0
    points: int = 0
    remaining_points: int = 0
    entitled_amount: int = 0
    last_amount: int = 0
    headroom_amount: int = 0
    undrawn_amount: int = 0


def lot_figures(lot: Lot, cohort: Cohort) -> LotFigures:
    """A lot's figures, of its cohort with its pool."""
    one = as_rule(cohort)
    if lot.is_void:
        return LotFigures(
            lot=lot,
            entitled_amount=0,
            last_amount=0,
            burnt_points=0,
            remaining_points=0,
            headroom_amount=0,
            status="void",
        )
    entitled = one.entitled(lot.points)
    before = lot.points * (one.index - cohort.last_step) // rules.X
    is_live = one.status in LIVE
    return LotFigures(
        lot=lot,
        entitled_amount=entitled + lot.liquidated_amount,
        last_amount=entitled - before if cohort.last_period == cohort.pool.served_period else 0,
        burnt_points=one.burnt(lot.points),
        remaining_points=lot.points - one.burnt(lot.points),
        headroom_amount=one.headroom(lot.points) if is_live else 0,
        status=cohort.status,
    )


def lots_of(
    member_ulid: str, *, sellers: Sequence[str] | QuerySet[Any, str] = (), open_only: bool = False
) -> list[Lot]:
    """A member's lots with cohort and pool, newest first (one statement).

    `sellers` are those he owns: lots granted before they had an owner are his. `open_only`: those with something to draw
    now or later.
    """
    rows = Lot.objects.filter(Q(holder_ulid=member_ulid) | Q(holder_ulid="", seller_ulid__in=sellers))
    if open_only:
        rows = rows.filter(is_closed=False)
    return list(rows.select_related("cohort__pool").order_by("-pk"))


def lots_of_order(order_ulid: str) -> list[LotFigures]:
    """The lots of one order, the buyer's first."""
    rows = Lot.objects.filter(order_ulid=order_ulid).select_related("cohort__pool").order_by("side", "seller_ulid")
    return [lot_figures(one, one.cohort) for one in rows]


def available_vouchers(member_ulid: str, *, now: dt.datetime) -> int:
    """Fen of vouchers that a member may spend now, as drawn so far (one statement)."""
    rows = Voucher.objects.filter(holder__member_ulid=member_ulid, left_amount__gt=0)
    return rows.filter(Q(expires_at=None) | Q(expires_at__gt=now)).aggregate(sum=Sum("left_amount"))["sum"] or 0


def outstanding_vouchers() -> int:
    """Fen that the reserve must hold: unspent vouchers, and those of orders that it has not paid yet."""
    left = Voucher.objects.aggregate(sum=Sum("left_amount"))["sum"] or 0
    used = VoucherUse.objects.filter(state__in=["reserved", "spent"]).aggregate(
        sum=Sum("amount") - Sum("returned_amount")
    )["sum"]
    return left + (used or 0)
