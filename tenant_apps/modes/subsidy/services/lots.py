"""Lots enter a pool's pending cohorts when an order completes, and leave or shrink when it is refunded (MODES 2.3, 2.6)."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tenant_apps.modes.subsidy import rules, selectors
from tenant_apps.modes.subsidy.models import Cohort, Lot, Pool
from tenant_apps.modes.subsidy.rules import CohortStatus, Side, Terms
from tenant_apps.modes.subsidy.services import vouchers
from tenant_apps.modes.subsidy.settings import SubsidySettings
from tenant_apps.modes.subsidy.sharing import Budget


@dataclass(frozen=True, kw_only=True)
class Grant:
    """Centi-points for one side of an order. `holder` is the member who gets the vouchers, `seller` of a seller's lot."""

    side: Side
    points: int
    holder: str
    seller: str = ""


@dataclass(frozen=True, kw_only=True)
class Left:
    """What a lot gives up. `returned` falls back to the fund (fen); `recalled` of it had become vouchers of `holder`.

    `points` left a cohort that is still served: they are no longer in its balance of points.
    """

    cohort: Cohort
    holder: str
    returned: int
    recalled: int
    points: int


def lock_pool(key: str, *, now: dt.datetime) -> Pool:
    """The pool's row, opened if it is new, locked until the transaction ends."""
    Pool.objects.get_or_create(key=key, defaults={"opened_at": now, "counted_from": now})
    return Pool.objects.select_for_update().get(key=key)


def grant_lots(
    *, pool: Pool, order_ulid: str, terms: Terms, turnover: int, grants: Sequence[Grant], now: dt.datetime
) -> list[tuple[Cohort, int]]:
    """Write a completed order's lots and count its turnover (fen); (cohort, centi-points) for the book. Pool locked."""
    pool.turnover_amount += turnover
    pool.total_turnover_amount += turnover
    pool.save(update_fields=["turnover_amount", "total_turnover_amount"])
    found: list[tuple[Cohort, int]] = []
    cohorts: dict[Side, Cohort] = {}
    for grant in grants:
        cohort = cohorts.get(grant.side) or _pending(pool, grant.side, terms, now)
        cohorts[grant.side] = cohort
        cohort.weight = rules.join(selectors.as_rule(cohort), grant.points).weight
        cohort.lots += 1
        found.append((cohort, grant.points))
    Cohort.objects.bulk_update(cohorts.values(), ["weight", "lots"])
    Lot.objects.bulk_create(
        Lot(
            cohort=cohorts[grant.side],
            order_ulid=order_ulid,
            side=grant.side,
            holder_ulid=grant.holder,
            seller_ulid=grant.seller,
            granted_points=grant.points,
            points=grant.points,
            granted_at=now,
        )
        for grant in grants
    )
    return found


def reduce_lots(*, pool: Pool, order_ulid: str, points: Mapping[tuple[Side, str], int]) -> list[Left]:
    """Lots of a refunded order keep `points` ((side, seller) → centi-points; absent: none). Pool locked (MODES 2.6).

    The holders are locked too, so nothing is drawn meanwhile.
    """
    holders = Lot.objects.filter(order_ulid=order_ulid, points__gt=0).exclude(holder_ulid="")
    for holder in sorted(set(holders.values_list("holder_ulid", flat=True))):
        vouchers.lock_holder(holder)
    found: list[Left] = []
    rows = Lot.objects.select_for_update(of=("self",)).filter(order_ulid=order_ulid, points__gt=0)
    cohorts: dict[int, Cohort] = {}
    for lot in rows.order_by("side", "seller_ulid"):
        less = lot.points - points.get((Side(lot.side), lot.seller_ulid), 0)
        if less < 0:
            raise ValueError("a refund lowers the concession")
        if less:
            if lot.cohort_id not in cohorts:
                cohorts[lot.cohort_id] = Cohort.objects.get(pk=lot.cohort_id)
            found.append(_reduce(lot, cohorts[lot.cohort_id], less))
    return found


def _reduce(lot: Lot, cohort: Cohort, less: int) -> Left:
    before = selectors.as_rule(cohort)
    after, returned = rules.leave(before, less)
    lot.points -= less
    keeps = after.entitled(lot.points) + lot.liquidated_amount if lot.points else 0
    recalled = max(0, lot.drawn_amount - keeps)
    lot.drawn_amount -= recalled
    if lot.is_void:
        returned += lot.liquidated_amount
        cohort.liquidated_amount -= lot.liquidated_amount
        cohort.lots -= 1
        lot.liquidated_amount, lot.is_closed = 0, True
    cohort.weight = after.weight
    cohort.save(update_fields=["weight", "lots", "liquidated_amount"])
    lot.save(update_fields=["points", "drawn_amount", "liquidated_amount", "is_closed"])
    return Left(
        cohort=cohort,
        holder=lot.holder_ulid,
        returned=returned,
        recalled=recalled,
        points=less if before.status in rules.LIVE else 0,
    )


def reversible(*, pool: Pool, settings: SubsidySettings, fund: int, inflow: int) -> int:
    """How much of a refunded order's inflow (fen) may leave `fund` without touching what the others are promised."""
    if selectors.is_budget(settings):
        return budget_of(pool, settings).reversible(fund=fund, inflow=inflow)
    live = [selectors.as_rule(one) for one in selectors.live_cohorts(pool)]
    return rules.reversible(live, fund=fund, inflow=inflow, terms=settings.terms())


def budget_of(pool: Pool, settings: SubsidySettings) -> Budget:
    """The running campaign's counters under rule budget."""
    return Budget(
        periods_max=settings.periods_max,
        first_ppm=settings.first_ppm,
        served=pool.budget_periods,
        last=pool.budget_last_amount,
    )


def cover(*, pool: Pool, amount: int) -> None:
    """Note what the mall paid of a refunded inflow instead of the pool."""
    if amount:
        pool.covered_amount += amount
        pool.save(update_fields=["covered_amount"])


def _pending(pool: Pool, side: Side, terms: Terms, now: dt.datetime) -> Cohort:
    """The cohort of a side and these terms that waits for its first period; the youngest, opened if there is none."""
    new = rules.new_cohort(side, terms)
    row, _ = Cohort.objects.get_or_create(
        pool=pool,
        side=side,
        first=new.first,
        cap=new.cap,
        periods_max=new.periods_max,
        status=CohortStatus.PENDING,
        defaults={"opened_at": now},
    )
    return row
