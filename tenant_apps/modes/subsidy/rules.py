"""The period of a subsidy pool (MODES 2.1 to 2.6), settled a cohort at a time. Pure; fen, centi-points, ppm; no float.

A cohort is all lots of one side and one set of terms that begin in the same period: they move alike, so a period costs
as many steps as there are cohorts, however many lots they hold.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from saas.kernel.money import PPM, ceil_div, pct, pct_ceil

X = 10**12  # index scale: X is one fen of voucher for each centi-point
_PER_PPM = X // PPM


class Side(StrEnum):
    """Whose points a lot is."""

    BUYER = "buyer"
    MERCHANT = "merchant"


class CohortStatus(StrEnum):
    """A cohort waits for its first period, is served, or has left: at its multiple, after its periods, by liquidation."""

    PENDING = "pending"
    ACTIVE = "active"
    OUT_MULTIPLE = "out_multiple"
    OUT_PERIOD = "out_period"
    OUT_LIQUIDATED = "out_liquidated"


_PENDING, _ACTIVE = CohortStatus.PENDING, CohortStatus.ACTIVE
LIVE = frozenset({CohortStatus.PENDING, CohortStatus.ACTIVE})


class PeriodState(StrEnum):
    """What a tick came to: paid; not started, since the fund does not cover it; nobody to pay; and two that are rare."""

    SERVED = "served"
    HELD = "held"
    EMPTY = "empty"
    POSTPONED = "postponed"  # no growth and no newcomers, where the mall waits for them (MODES 2.7)
    LIQUIDATED = "liquidated"  # the fund was split and every lot has left


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What a lot is granted under, and how its pool runs (MODES 2.2). `reserve_periods` None: all of `periods_max`."""

    periods_max: int = 40
    first_ppm: int = 5_000
    growth_cap_ppm: int = 150_000
    growth_floor_ppm: int = 0
    buyer_multiple_ppm: int = 5_000_000
    merchant_multiple_ppm: int = 1_000_000
    buyer_point_ppm: int = PPM
    merchant_point_ppm: int = PPM
    points_pool_ppm: int = PPM
    pool_share_ppm: int = 600_000
    reserve_periods: int | None = None
    raise_budget_ppm: int = PPM
    voucher_points_ppm: int = 0

    @property
    def reserve(self) -> int:
        """H: how many further flat periods a raise must leave covered."""
        return self.periods_max if self.reserve_periods is None else self.reserve_periods

    def multiple_ppm(self, side: Side) -> int:
        """Up to how many times its points a side's lots may come to."""
        return self.buyer_multiple_ppm if side is Side.BUYER else self.merchant_multiple_ppm

    def points(self, side: Side, concession: int, of_voucher: int = 0) -> int:
        """Centi-points that `concession` fen grant to a side and that enter the pool; 0: no lot.

        `of_voucher` is the concession on what vouchers paid (fen): a part of it counts, if the mall wants that.
        """
        concession += pct(of_voucher, self.voucher_points_ppm)
        rate = self.buyer_point_ppm if side is Side.BUYER else self.merchant_point_ppm
        return pct(pct(concession, rate), self.points_pool_ppm) if self.multiple_ppm(side) else 0

    def inflow(self, concession: int) -> int:
        """Fen that the pool receives, rounded up: even one fen of concession covers its own flat payouts."""
        return pct_ceil(concession, self.pool_share_ppm)


@dataclass(frozen=True)
class TermsFault:
    """A rule of MODES 2.2 that terms break: the setting, and why."""

    field: str
    why: str


_RANGES = {
    "periods_max": (1, 40),
    "first_ppm": (1, PPM),
    "growth_cap_ppm": (0, PPM),
    "growth_floor_ppm": (0, PPM),
    "buyer_multiple_ppm": (0, 5 * PPM),
    "merchant_multiple_ppm": (0, 5 * PPM),
    "buyer_point_ppm": (0, PPM),
    "merchant_point_ppm": (0, PPM),
    "points_pool_ppm": (0, PPM),
    "pool_share_ppm": (0, PPM),
    "raise_budget_ppm": (1, PPM),
    "voucher_points_ppm": (0, PPM),
}


def terms_fault(terms: Terms) -> TermsFault | None:
    """The first hard block that the terms break, or None: ranges, reserve, floor, and self-funding of at least 1."""
    for name, (least, most) in _RANGES.items():
        if not least <= getattr(terms, name) <= most:
            return TermsFault(name, f"must be {least} to {most}")
    if not 0 <= terms.reserve <= terms.periods_max:
        return TermsFault("reserve_periods", f"must be 0 to periods_max ({terms.periods_max})")
    if terms.growth_floor_ppm > terms.growth_cap_ppm:
        return TermsFault("growth_floor_ppm", f"must not exceed growth_cap_ppm ({terms.growth_cap_ppm})")
    if not is_self_funding(terms):
        return TermsFault(
            "pool_share_ppm",
            "self-funding below 1: the pool's share must cover periods_max x first_ppm of the points of both sides",
        )
    return None


def is_self_funding(terms: Terms) -> bool:
    """Whether every order brings in at least what its own lots get without any growth (the key rule of MODES 2.2)."""
    points = (terms.buyer_point_ppm + terms.merchant_point_ppm) * terms.points_pool_ppm
    return terms.pool_share_ppm * PPM * PPM >= terms.periods_max * terms.first_ppm * points


class Cohort(NamedTuple):  # a tuple: a projection makes a hundred thousand of them
    """The state that a period touches. `weight` W in cp, `level` a and `index` I in X a fen and cp; `cap` bounds I."""

    side: Side
    first: int
    cap: int
    periods_max: int
    weight: int = 0
    periods: int = 0
    level: int = 0
    index: int = 0  # type: ignore[assignment]  # not the method of tuples
    status: CohortStatus = CohortStatus.PENDING

    @property
    def is_live(self) -> bool:
        """Whether a period has to look at it."""
        return self.weight > 0 and (self.status is _ACTIVE or self.status is _PENDING)

    @property
    def accrued(self) -> int:
        """Fen that have moved from the fund to its account: never less than what its lots are entitled to."""
        return self.weight * self.index // X

    def step_at(self, growth: int) -> int:
        """By how much the index would rise at a growth (ppm); the first step knows no growth."""
        return self.first if self.status is CohortStatus.PENDING else self.level * (PPM + growth) // PPM

    def entitled(self, points: int) -> int:
        """Fen of voucher that a lot of `points` has come to."""
        return points * self.index // X

    def burnt(self, points: int) -> int:
        """Centi-points of a lot that are used up: all of them once the cohort has left."""
        if self.status not in LIVE:
            return points
        return points * self.index // self.cap if self.cap else points

    def headroom(self, points: int) -> int:
        """Fen that a lot could still come to."""
        return points * self.cap // X - self.entitled(points)


def new_cohort(side: Side, terms: Terms) -> Cohort:
    """An empty cohort of a side under these terms."""
    return Cohort(
        side=side,
        first=terms.first_ppm * _PER_PPM,
        cap=terms.multiple_ppm(side) * _PER_PPM,
        periods_max=terms.periods_max,
    )


def need(cohorts: Iterable[Cohort], growth: int, horizon: int) -> int:
    """Fen that `horizon` periods at a growth (ppm) would take from the fund: Need(g, h) of MODES 2.4."""
    return _need([_row(one) for one in _live(cohorts)], growth, horizon)


def commitment(cohorts: Sequence[Cohort]) -> int:
    """R, the flat commitment: what every live cohort would still get without any more growth."""
    return need(cohorts, 0, max((one.periods_max for one in cohorts), default=0))


@dataclass(frozen=True, kw_only=True)
class Period:
    """The record of a tick; `growth` and `paid` are 0 unless it was served. Fen and ppm.

    `commitment` is R after it: what the live cohorts still get without any more growth.
    """

    state: PeriodState
    actual: int
    target: int
    growth: int = 0
    need: int = 0
    paid: int = 0
    fund_before: int
    fund: int
    commitment: int = 0
    cohorts: tuple[Cohort, ...]


def run_period(cohorts: Sequence[Cohort], *, fund: int, actual: int, terms: Terms) -> Period:
    """One period of the ladder rule (MODES 2.4): target, hold test, safe growth, pay, exit.

    `cohorts` in a fixed order, `fund` F in fen, `actual` growth in ppm. The cohorts of the answer are in the same order.
    """
    target = max(terms.growth_floor_ppm, min(actual, terms.growth_cap_ppm))
    live = _live(cohorts)
    rows = [_row(one) for one in live]
    least, promised = _flat_needs(rows)
    if not rows or least > fund:
        return Period(
            state=PeriodState.HELD if rows else PeriodState.EMPTY,
            actual=actual,
            target=target,
            need=least,
            fund_before=fund,
            fund=fund,
            commitment=promised,
            cohorts=tuple(cohorts),
        )
    growth, paid = 0, least
    if target:
        growth = _safe_growth(rows, fund=fund, target=target, terms=terms)
        if growth:
            paid, promised = _need(rows, growth, 1), _need(rows, growth, _WHOLE)
    return Period(
        state=PeriodState.SERVED,
        actual=actual,
        target=target,
        growth=growth,
        need=least,
        paid=paid,
        fund_before=fund,
        fund=fund - paid,
        commitment=promised - paid,  # serving a period leaves every reach where it was (the theorem of MODES 2.4)
        cohorts=tuple([_serve(one, growth) for one in live])
        if len(live) == len(cohorts)
        else tuple([_serve(one, growth) if one.is_live else one for one in cohorts]),
    )


def safe_growth(live: Sequence[Cohort], *, fund: int, target: int, terms: Terms) -> int:
    """The largest growth up to `target` that leaves the reserve and the budget of a raise whole; 0 if none does."""
    return _safe_growth([_row(one) for one in live], fund=fund, target=target, terms=terms)


def _safe_growth(rows: Sequence["_Row"], *, fund: int, target: int, terms: Terms) -> int:
    """Both needs rise with the growth, so it is bracketed: by interpolation, halving whenever that gains little."""
    budget, horizon = pct(fund, terms.raise_budget_ppm), 1 + terms.reserve
    bound = budget < fund  # otherwise the need of one period says nothing that the longer one does not

    def excess(growth: int) -> int:
        """By how much the dearer of the two needs is above what may be spent."""
        far = _need(rows, growth, horizon) - fund
        return max(far, _need(rows, growth, 1) - budget) if bound else far

    above, over = target, excess(target)
    if over <= 0:
        return target
    below, under = 0, excess(0)
    if target == 0 or under > 0:
        return 0
    halve = False
    while above - below > 1:
        guess = (below + above) // 2 if halve else below + (above - below) * -under // (over - under)
        guess = min(max(guess, below + 1), above - 1)
        width, found = above - below, excess(guess)
        if found <= 0:
            below, under = guess, found
        else:
            above, over = guess, found
        halve = (above - below) * 2 > width and not halve
    return below


def _live(cohorts: Iterable[Cohort]) -> list[Cohort]:
    return [one for one in cohorts if one.weight > 0 and (one.status is _ACTIVE or one.status is _PENDING)]


_WHOLE = 10**9  # a horizon beyond the end of every cohort
_Row = tuple[int, int, int, int, int, int]


def _row(one: Cohort) -> _Row:
    """What a need is computed of, without an object: W, W·I mod X, cap − I, first step (0 unless pending), level, periods."""
    _side, first, cap, periods_max, weight, periods, level, index, status = one
    if status is _PENDING:
        return weight, 0, cap, first, 0, periods_max
    return weight, weight * index % X, cap - index, 0, level, periods_max - periods


def _need(rows: Iterable[_Row], growth: int, horizon: int) -> int:
    """Need(g, h): the rise of floor(W·I/X) of every cohort after its periods."""
    factor = PPM + growth
    if horizon == 1:
        return sum(
            [
                (rest + weight * (step if (step := first or level * factor // PPM) < room else room)) // X
                for weight, rest, room, first, level, _periods in rows
            ]
        )
    return sum(
        [
            (rest + weight * (rise if rise < room else room)) // X
            for weight, rest, room, first, level, periods in rows
            for rise in ((first or level * factor // PPM) * (periods if periods < horizon else horizon),)
        ]
    )


def _flat_needs(rows: Iterable[_Row]) -> tuple[int, int]:
    """Need(0, 1) and the flat commitment Need(0, K), in one pass."""
    soon = whole = 0
    for weight, rest, room, first, level, periods in rows:
        step = first or level
        soon += (rest + weight * (step if step < room else room)) // X
        rise = step * periods
        whole += (rest + weight * (rise if rise < room else room)) // X
    return soon, whole


def _serve(one: Cohort, growth: int) -> Cohort:
    side, first, cap, periods_max, weight, periods, level, index, status = one
    if status is _PENDING:
        level = first
    elif growth:
        level = level * (PPM + growth) // PPM
    index, periods, status = index + level, periods + 1, _ACTIVE
    if index >= cap:
        index, status = cap, CohortStatus.OUT_MULTIPLE
    elif periods == periods_max:
        status = CohortStatus.OUT_PERIOD
    return Cohort(side, first, cap, periods_max, weight, periods, level, index, status)


def join(cohort: Cohort, points: int) -> Cohort:
    """A lot of `points` enters a cohort that waits for its first period."""
    if cohort.status is not CohortStatus.PENDING or points <= 0:
        raise ValueError("lots enter pending cohorts, with at least a centi-point")
    return cohort._replace(weight=cohort.weight + points)


def liquidated(cohort: Cohort) -> Cohort:
    """The cohort after a liquidation: it has left, its index stays."""
    return cohort._replace(status=CohortStatus.OUT_LIQUIDATED)


def leave(cohort: Cohort, points: int) -> tuple[Cohort, int]:
    """A lot of `points` leaves its cohort (a refund, MODES 2.6); the fen that fall back to the fund."""
    if not 0 < points <= cohort.weight:
        raise ValueError("a lot cannot leave a cohort that it is not in")
    after = cohort._replace(weight=cohort.weight - points)
    return after, cohort.accrued - after.accrued


def reversible(others: Iterable[Cohort], *, fund: int, inflow: int, terms: Terms) -> int:
    """How much of a refunded order's inflow may leave the fund without touching what the others are promised.

    Pending cohorts count with the ceiling: their orders together, not one by one, brought what they will get.
    """
    promised = 0
    for one in others:
        if one.is_live:
            periods = min(one.periods_max - one.periods, 1 + terms.reserve)
            reach = one.weight * (one.index + min(one.cap - one.index, one.step_at(0) * periods))
            promised += (ceil_div(reach, X) if one.status is CohortStatus.PENDING else reach // X) - one.accrued
    return max(0, min(inflow, fund - promised))


def growth_of(now: int, before: int) -> int:
    """Growth of turnover (fen) in ppm, floored; 0 where there was none before."""
    return (now - before) * PPM // before if before else 0


class Trigger(StrEnum):
    """What makes a period due (MODES 2.2)."""

    CALENDAR = "calendar"
    GROWTH = "growth"
    GROWTH_OR_DEADLINE = "growth_or_deadline"


def is_due(
    trigger: Trigger,
    *,
    days: int,
    turnover: int,
    at_last: int,
    tick_days: int,
    tick_growth_ppm: int,
    deadline_days: int,
) -> bool:
    """Whether a period may start: `days` since the last, cumulative `turnover` now and `at_last` period (fen)."""
    if trigger is Trigger.CALENDAR:
        return days >= tick_days
    grown = at_last > 0 and turnover * PPM >= at_last * (PPM + tick_growth_ppm)
    return grown or (trigger is Trigger.GROWTH_OR_DEADLINE and days >= deadline_days)
