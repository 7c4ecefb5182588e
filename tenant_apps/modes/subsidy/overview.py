"""What a member's page of points and vouchers shows, in few statements: lots, sums, vouchers, the pool's real figures."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Min, OuterRef, Q, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from saas.kernel.money import PPM
from tenant_apps.modes import selectors as modes
from tenant_apps.modes.subsidy import rules
from tenant_apps.modes.subsidy.models import Cohort, Holder, Lot, Period, VoucherUse
from tenant_apps.modes.subsidy.rules import LIVE, Side
from tenant_apps.modes.subsidy.selectors import (
    MODE,
    HonestFigures,
    LotFigures,
    Standing,
    actions,
    as_rule,
    fund_of,
    lot_figures,
    mean_multiple,
)
from tenant_apps.modes.subsidy.states import ActionKind, UseState


@dataclass(frozen=True, kw_only=True)
class Purse:
    """A member's vouchers in fen, as drawn so far; `soonest_at` is when the first of them expires, None: never."""

    available_amount: int = 0
    reserved_amount: int = 0
    drawn_amount: int = 0
    spent_amount: int = 0
    expired_amount: int = 0
    recalled_amount: int = 0
    soonest_at: dt.datetime | None = None
    wants_notice: bool = False


def figures_of(rows: Sequence[Lot]) -> list[LotFigures]:
    """The figures of lots that are at hand with cohort and pool."""
    return [lot_figures(one, one.cohort) for one in rows]


def standing_of_seller(seller_ulid: str) -> Standing:
    """The sums over all lots of a seller (one statement)."""
    return total(figures_of(list(Lot.objects.filter(seller_ulid=seller_ulid).select_related("cohort__pool"))))


def total(every: Sequence[LotFigures]) -> Standing:
    """The sums over lots; void ones count for nothing."""
    good = [one for one in every if not one.lot.is_void]
    return Standing(
        lots=len(good),
        waiting_lots=sum(one.status in LIVE for one in good),
        points=sum(one.lot.points for one in good),
        remaining_points=sum(one.remaining_points for one in good),
        entitled_amount=sum(one.entitled_amount for one in good),
        last_amount=sum(one.last_amount for one in good),
        headroom_amount=sum(one.headroom_amount for one in good),
        undrawn_amount=sum(one.undrawn_amount for one in good),
    )


def purse(member_ulid: str, *, now: dt.datetime) -> Purse:
    """What a member has in vouchers (one statement)."""
    good = Q(vouchers__expires_at=None) | Q(vouchers__expires_at__gt=now)
    sums_of: dict[str, Any] = {
        "left": Sum("vouchers__left_amount", filter=good, default=0),
        "drawn": Sum("vouchers__amount", default=0),
        "expired": Sum("vouchers__expired_amount", default=0),
        "recalled": Sum("vouchers__recalled_amount", default=0),
        "soonest": Min("vouchers__expires_at", filter=Q(vouchers__left_amount__gt=0, vouchers__expires_at__gt=now)),
    }
    taken = F("amount") - F("returned_amount")
    uses = VoucherUse.objects.filter(voucher__holder=OuterRef("pk")).order_by().values("voucher__holder")
    for name, states in (("reserved", [UseState.RESERVED]), ("spent", [UseState.SPENT, UseState.SETTLED])):
        sums_of[name] = Coalesce(
            Subquery(uses.filter(state__in=states).annotate(sum=Sum(taken)).values("sum")[:1]), Value(0)
        )
    found = Holder.objects.filter(member_ulid=member_ulid).values("wants_notice").annotate(**sums_of)
    sums: Mapping[str, Any] | None = next(iter(found), None)
    if sums is None:
        return Purse()
    return Purse(
        available_amount=sums["left"],
        reserved_amount=sums["reserved"],
        drawn_amount=sums["drawn"],
        spent_amount=sums["spent"],
        expired_amount=sums["expired"],
        recalled_amount=sums["recalled"],
        soonest_at=sums["soonest"],
        wants_notice=sums["wants_notice"],
    )


def honest(key: str = "", *, fund: int | None = None) -> HonestFigures | None:
    """What stands beside every "up to" (MODES 14 #9), of a pool; None before it has lots (3 statements, 4 after holds).

    `fund`: what is in it (fen), where that is at hand.
    """
    every = list(Cohort.objects.filter(pool__key=key).select_related("pool").order_by("pk"))
    if not every:
        return None
    pool = every[0].pool
    promised = rules.commitment([as_rule(one) for one in every if one.status in LIVE])
    announced = actions(pool, open_only=True) if pool.consecutive_holds else []
    has = 0 if not promised else fund_of(pool) if fund is None else fund
    return HonestFigures(
        mean_multiple_ppm=mean_multiple(every),
        buyer_multiple_ppm=mean_multiple(one for one in every if one.side == Side.BUYER),
        coverage_ppm=has * PPM // promised if promised else None,
        last=list(Period.objects.filter(pool=pool).order_by("-number")[:3]),
        consecutive_holds=pool.consecutive_holds,
        liquidation_at=next((one.not_before for one in announced if one.kind == ActionKind.LIQUIDATION), None),
    )


def concerns(member_ulid: str, *, now: dt.datetime) -> bool:
    """Whether a member has anything to see of the subsidy: it is on, or he has lots from when it was."""
    pinned = modes.settings_in_force(now=now).get(MODE)
    if pinned is not None and pinned.values.enabled:
        return True
    return Lot.objects.filter(holder_ulid=member_ulid).exists()
