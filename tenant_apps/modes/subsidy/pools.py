"""A pool event by event: orders, ticks, refunds (MODES 2.3 to 2.6). Scenario files, projections and tests run it. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from saas.kernel.money import pct
from tenant_apps.modes.subsidy import rules
from tenant_apps.modes.subsidy.rules import Cohort, CohortStatus, Period, PeriodState, Side, Terms
from tenant_apps.modes.subsidy.sharing import Claim, share_out

VOID = "void"


class UnknownOrder(ValueError):
    """No such order in this pool, or it was refunded before."""


class NotHeld(ValueError):
    """A pool is liquidated only after so many consecutive holds."""


class OrderTwice(ValueError):
    """The pool has an order of that name."""


@dataclass
class Lot:
    """The points of one order for one side, and the place of its cohort in the pool."""

    order: str
    side: Side
    points: int
    cohort: int
    void: bool = False
    liquidated: int = 0


@dataclass(frozen=True)
class Returned:
    """What a refund did to the pool (fen): vouchers that came back, inflow that left, and what the mall covered."""

    order: str
    returned: int
    reversed: int
    platform: int


@dataclass
class Pool:
    """Fund, cohorts and lots under one set of terms."""

    terms: Terms
    fund: int = 0
    platform_covered: int = 0
    issued: int = 0  # fen that periods moved to cohorts, refunds not taken off
    holds: int = 0
    consecutive_holds: int = 0
    cohorts: list[Cohort] = field(default_factory=list)
    lots: list[Lot] = field(default_factory=list)
    _open: list[int] = field(default_factory=list)  # places of cohorts that have not left
    _inflows: dict[str, int] = field(default_factory=dict)
    _refunded: set[str] = field(default_factory=set)
    _turnover: int = 0
    _before: int = 0

    def order(self, name: str, *, cash: int, concession_ppm: int, voucher: int = 0) -> int:
        """A completed order: its inflow (fen, returned) and a lot a side, in the pending cohort. Raises OrderTwice.

        The concession on the part paid by `voucher` enters the fund whole and grants nothing unless the terms say so (MODES 1).
        """
        if name in self._inflows:
            raise OrderTwice(name)
        concession, of_voucher = pct(cash, concession_ppm), pct(voucher, concession_ppm)
        inflow = self.terms.inflow(concession) + of_voucher
        for side in Side:
            points = self.terms.points(side, concession, of_voucher)
            if points:
                place = self._pending(side)
                self.cohorts[place] = rules.join(self.cohorts[place], points)
                self.lots.append(Lot(name, side, points, place))
        self._inflows[name] = inflow
        self._turnover += cash
        self.fund += inflow
        return inflow

    def receive(self, amount: int) -> None:
        """Money from elsewhere: expired vouchers, a booked transfer, dust of cohorts that have left (fen)."""
        self.fund += amount

    def tick(self, growth_ppm: int | None = None) -> Period:
        """A period, with growth measured on turnover unless it is given. A held one resets nothing."""
        actual = rules.growth_of(self._turnover, self._before) if growth_ppm is None else growth_ppm
        cohorts = self.cohorts
        live = [place for place in self._open if cohorts[place].weight]
        period = rules.run_period([cohorts[place] for place in live], fund=self.fund, actual=actual, terms=self.terms)
        for place, cohort in zip(live, period.cohorts, strict=True):
            cohorts[place] = cohort
        self._open = [place for place in self._open if cohorts[place].status in rules.LIVE]
        self.fund = period.fund
        self.issued += period.paid
        if period.state is PeriodState.HELD:
            self.holds += 1
            self.consecutive_holds += 1
        else:
            self.consecutive_holds = 0
            self._before, self._turnover = self._turnover, 0
        return period

    def refund(self, name: str) -> Returned:
        """A whole order is taken back: its lots are void, and the pool is as if it had never been. Raises UnknownOrder."""
        if name not in self._inflows or name in self._refunded:
            raise UnknownOrder(name)
        self._refunded.add(name)
        returned = 0
        for lot in self.lots:
            if lot.order == name:
                if lot.points:
                    self.cohorts[lot.cohort], back = rules.leave(self.cohorts[lot.cohort], lot.points)
                    returned += back + lot.liquidated
                lot.void, lot.liquidated = True, 0
        return self._take_out(name, returned, self._inflows[name])

    def _take_out(self, name: str, returned: int, inflow: int) -> Returned:
        self.fund += returned
        reversed_ = rules.reversible(self.cohorts, fund=self.fund, inflow=inflow, terms=self.terms)
        self.fund -= reversed_
        self.platform_covered += inflow - reversed_
        return Returned(name, returned, reversed_, inflow - reversed_)

    def reduce(self, name: str, *, concession: int, of_voucher: int = 0) -> Returned:
        """A part of an order is taken back: its lots stay with the points of the `concession` (fen) that is left.

        `of_voucher` is what is left of the concession on its voucher part. Raises UnknownOrder, and ValueError where the concession would not fall.
        """
        if name not in self._inflows or name in self._refunded:
            raise UnknownOrder(name)
        inflow = self._inflows[name] - self.terms.inflow(concession) - of_voucher
        returned = 0
        for lot in self.lots:
            less = lot.points - self.terms.points(lot.side, concession, of_voucher)
            if lot.order == name and less > 0:
                self.cohorts[lot.cohort], back = rules.leave(self.cohorts[lot.cohort], less)
                lot.points -= less
                returned += back
            elif lot.order == name and less < 0:
                raise ValueError("a refund lowers the concession")
        self._inflows[name] -= inflow
        return self._take_out(name, returned, inflow)

    def liquidate(self, *, hold_max: int) -> list[int]:
        """After `hold_max` consecutive holds: the fund is split over the lots, all leave; fen a lot, in their order.

        Raises NotHeld.
        """
        if self.consecutive_holds < hold_max:
            raise NotHeld(f"{self.consecutive_holds} of {hold_max} consecutive holds")
        open_places = set(self._open)
        parts = share_out(
            self.fund,
            [self._claim(lot) if lot.cohort in open_places and not lot.void else Claim(0, 0) for lot in self.lots],
        )
        for place in self._open:
            self.cohorts[place] = rules.liquidated(self.cohorts[place])
        self._open = []
        self.fund -= sum(parts)
        self.issued += sum(parts)
        for lot, part in zip(self.lots, parts, strict=True):
            lot.liquidated = part
        return parts

    def _claim(self, lot: Lot) -> Claim:
        cohort = self.cohorts[lot.cohort]
        return Claim(lot.points - cohort.burnt(lot.points), cohort.headroom(lot.points))

    def entitled(self, lot: Lot) -> int:
        """Fen of voucher that a lot has come to; nothing once it is void."""
        return 0 if lot.void else self.cohorts[lot.cohort].entitled(lot.points) + lot.liquidated

    def status(self, lot: Lot) -> str:
        """The cohort's status, or void."""
        return VOID if lot.void else self.cohorts[lot.cohort].status.value

    def live(self) -> Iterator[Cohort]:
        """Cohorts that the next period would look at."""
        cohorts = self.cohorts
        return (cohorts[place] for place in self._open if cohorts[place].weight)

    def _pending(self, side: Side) -> int:
        for place in reversed(self._open[-2:]):  # a pending cohort a side at most, always the youngest
            one = self.cohorts[place]
            if one.side is side and one.status is CohortStatus.PENDING:
                return place
        self.cohorts.append(rules.new_cohort(side, self.terms))
        self._open.append(len(self.cohorts) - 1)
        return self._open[-1]
