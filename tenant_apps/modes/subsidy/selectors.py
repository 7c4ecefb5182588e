"""What a subsidy pool stands at, and what a member or seller has of it. Reads only; fen, centi-points, ppm.

A lot's figures follow from its cohort (MODES 2.1); the fund and what cohorts may still hand out are read from the book.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet, Sum

from saas.kernel.errors import NotFound
from saas.kernel.money import PPM, ceil_div
from saas.ledger import selectors as book
from tenant_apps.modes import selectors as modes
from tenant_apps.modes.models import SettingsVersion
from tenant_apps.modes.subsidy import rules
from tenant_apps.modes.subsidy.models import Cohort, Holder, Lot, Period, Pool, PoolAction, Voucher, VoucherUse
from tenant_apps.modes.subsidy.rules import LIVE, CohortStatus, PeriodState, Side, Trigger
from tenant_apps.modes.subsidy.settings import PayoutRule, SubsidySettings
from tenant_apps.modes.subsidy.states import ActionState

MODE = "subsidy"
_LIVE = [status.value for status in LIVE]


@dataclass(frozen=True)
class TermsInForce:
    """The newest published settings of the mode, switched on or not; `ulid` is empty where none were ever published."""

    ulid: str
    values: SubsidySettings


def terms_in_force(*, now: dt.datetime) -> TermsInForce:
    """By which a pool runs at `now`: periods go on for lots already granted when the mode is off, stopped or barred."""
    row = (
        SettingsVersion.objects.filter(mode=MODE, zone=modes.WHOLE_MALL, effective_from__lte=now)
        .order_by("-effective_from", "-number")
        .first()
    )
    if row is None:
        return TermsInForce("", SubsidySettings())
    return TermsInForce(row.ulid, SubsidySettings.model_validate(row.values))


def announced_terms(*, now: dt.datetime) -> list[SettingsVersion]:
    """Terms that are published and take effect later, soonest first: what members are told of (MODES 14 #11)."""
    rows = SettingsVersion.objects.filter(mode=MODE, zone=modes.WHOLE_MALL, effective_from__gt=now)
    return list(rows.order_by("effective_from", "number"))


def pools() -> list[Pool]:
    """Every pool, the mall's own first."""
    return list(Pool.objects.order_by("key"))


def pool(key: str = "") -> Pool:
    """One pool by its key. Raises NotFound: nothing has ever entered it."""
    found = Pool.objects.filter(key=key).first()
    if found is None:
        raise NotFound
    return found


def fund_of(row: Pool) -> int:
    """F: what is in the fund (fen), from the book."""
    return book.balance(row.account)


def left_in(row: Cohort) -> int:
    """What a cohort's lots have come to and not drawn yet (fen), from the book."""
    return book.balance(row.account)


def live_cohorts(row: Pool) -> list[Cohort]:
    """Cohorts that have not left, in their fixed order."""
    return list(Cohort.objects.filter(pool=row, status__in=_LIVE).order_by("pk"))


def as_rule(row: Cohort) -> rules.Cohort:
    """A row as the engine sees it."""
    return rules.Cohort(
        side=Side(row.side),
        first=row.first,
        cap=row.cap,
        periods_max=row.periods_max,
        weight=row.weight,
        periods=row.periods,
        level=row.level,
        index=row.index,
        status=CohortStatus(row.status),
    )


# --- control room (MODES 2.5) ----------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class CohortFigures:
    """One cohort. `multiple_ppm` is vouchers a point so far, `periods_left` at the present level without growth."""

    cohort: Cohort
    accrued_amount: int
    multiple_ppm: int
    cap_ppm: int
    burnt_points: int
    periods_left: int


@dataclass(frozen=True, kw_only=True)
class ControlRoom:
    """A pool's figures at this moment; `last` is the newest period's record, None before the first.

    `coverage_ppm` F/R, None where nothing is promised; `alarm` is "", "yellow" (coverage below 100 %) or "red"
    (F below two periods' need). `lots` counts lots by their cohort's status. Multiples are of all points ever granted
    and not refunded. `due_at`: the next attempt by the calendar, None where growth alone starts a period.
    """

    pool: Pool
    terms: SubsidySettings
    terms_version: str
    fund_amount: int
    commitment_amount: int
    full_reserve_amount: int
    surplus_amount: int
    coverage_ppm: int | None
    need_amount: int
    alarm: str
    last: Period | None
    live: Sequence[CohortFigures]
    lots: dict[str, int]
    buyer_multiple_ppm: int
    mean_multiple_ppm: int
    due_at: dt.datetime | None
    may_liquidate: bool


def control_room(row: Pool, *, now: dt.datetime) -> ControlRoom:
    """Everything that the control room shows of a pool (7 statements)."""
    terms = terms_in_force(now=now)
    every = list(Cohort.objects.filter(pool=row).order_by("pk"))
    live = [one for one in every if one.status in LIVE]
    engine = [as_rule(one) for one in live]
    fund = fund_of(row)
    promised, need = rules.commitment(engine), rules.need(engine, 0, 1)
    full = full_reserve(engine)
    lots: dict[str, int] = {}
    for one in every:
        lots[one.status] = lots.get(one.status, 0) + one.lots
    return ControlRoom(
        pool=row,
        terms=terms.values,
        terms_version=terms.ulid,
        fund_amount=fund,
        commitment_amount=promised,
        full_reserve_amount=full,
        surplus_amount=max(0, fund - full),
        coverage_ppm=fund * PPM // promised if promised else None,
        need_amount=need,
        alarm=alarm(fund, promised, need),
        last=newest_record(row),
        live=[_figures(one) for one in live if one.weight],
        lots=lots,
        buyer_multiple_ppm=mean_multiple(one for one in every if one.side == Side.BUYER),
        mean_multiple_ppm=mean_multiple(every),
        due_at=due_at(row, terms.values),
        may_liquidate=row.consecutive_holds >= terms.values.hold_max,
    )


def alarm(fund: int, promised: int, need: int) -> str:
    """`red`: the fund does not last two periods; `yellow`: it does not cover what is promised (MODES 2.5)."""
    if fund < 2 * need:
        return "red"
    return "yellow" if fund < promised else ""


def full_reserve(cohorts: Iterable[rules.Cohort]) -> int:
    """What must stay in the fund: all that live cohorts get to the end without growth; pending ones by the ceiling."""
    total = 0
    for one in cohorts:
        if one.is_live:
            steps = min(one.cap - one.index, one.step_at(0) * (one.periods_max - one.periods))
            reach = one.weight * (one.index + steps)
            is_pending = one.status is CohortStatus.PENDING
            total += (ceil_div(reach, rules.X) if is_pending else reach // rules.X) - one.accrued
    return total


def due_at(row: Pool, terms: SubsidySettings) -> dt.datetime | None:
    """When the next period is tried by the calendar or the deadline; None where growth alone starts it."""
    if terms.tick_trigger is Trigger.CALENDAR:
        return row.counted_from + dt.timedelta(days=terms.tick_days)
    if terms.tick_trigger is Trigger.GROWTH_OR_DEADLINE:
        return row.counted_from + dt.timedelta(days=terms.tick_deadline_days)
    return None


def newest_record(row: Pool) -> Period | None:
    """The newest period's record."""
    return Period.objects.filter(pool=row).order_by("-number").first()


def records(row: Pool, *, limit: int = 200) -> list[Period]:
    """The newest periods of a pool, oldest first: what its charts are drawn of."""
    return list(Period.objects.filter(pool=row).order_by("-number")[:limit])[::-1]


def cohorts_of(row: Pool, *, live: bool = True) -> list[CohortFigures]:
    """Cohorts of a pool with their figures, the youngest first; those that have left where `live` is False."""
    rows = Cohort.objects.filter(pool=row)
    rows = rows.filter(status__in=_LIVE) if live else rows.exclude(status__in=_LIVE)
    return [_figures(one) for one in rows.order_by("-pk")]


def actions(row: Pool, *, open_only: bool = False) -> list[PoolAction]:
    """What two persons prepared or did to a pool, the newest first."""
    rows = PoolAction.objects.filter(pool=row)
    return list((rows.filter(state=ActionState.PREPARED) if open_only else rows).order_by("-pk")[:100])


def action(ulid: str) -> PoolAction:
    """One action with its pool. Raises NotFound."""
    found = PoolAction.objects.select_related("pool").filter(ulid=ulid).first()
    if found is None:
        raise NotFound
    return found


@dataclass(frozen=True, kw_only=True)
class HonestFigures:
    """What stands beside every "up to" (MODES 14 #9): the real mean multiple, the coverage and the last three periods."""

    mean_multiple_ppm: int
    buyer_multiple_ppm: int
    coverage_ppm: int | None
    last: Sequence[Period]
    consecutive_holds: int
    liquidation_at: dt.datetime | None  # announced: not before this


def _figures(row: Cohort) -> CohortFigures:
    one = as_rule(row)
    left = one.periods_max - one.periods
    step = one.step_at(0)
    return CohortFigures(
        cohort=row,
        accrued_amount=one.accrued + row.liquidated_amount,
        multiple_ppm=one.index * PPM // rules.X,
        cap_ppm=one.cap * PPM // rules.X,
        burnt_points=one.burnt(one.weight),
        periods_left=min(left, ceil_div(one.cap - one.index, step)) if one.status in LIVE and step else 0,
    )


def mean_multiple(cohorts: Iterable[Cohort]) -> int:
    """Vouchers a point so far, over all points granted and not refunded (ppm)."""
    rows = list(cohorts)
    points = sum(one.weight for one in rows)
    issued = sum(as_rule(one).accrued + one.liquidated_amount for one in rows)
    return issued * PPM // points if points else 0


# --- what a member or seller has -------------------------------------------------------------------------------------


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


def lot_figures(lot: Lot, cohort: Cohort, *, newest_period: int | None = None) -> LotFigures:
    """A lot's figures; `newest_period` is the number of the pool's newest served period, where that is asked for."""
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
        last_amount=entitled - before if newest_period and cohort.last_period == newest_period else 0,
        burnt_points=one.burnt(lot.points),
        remaining_points=lot.points - one.burnt(lot.points),
        headroom_amount=one.headroom(lot.points) if is_live else 0,
        status=cohort.status,
    )


def lots_of_member(member_ulid: str, *, limit: int = 50, before: int | None = None) -> list[LotFigures]:
    """A member's lots, newest first, as buyer and as owner of a seller; `before` is the last one's pk of the page before."""
    return _listed(Lot.objects.filter(holder_ulid=member_ulid), limit, before)


def lots_of_seller(seller_ulid: str, *, limit: int = 50, before: int | None = None) -> list[LotFigures]:
    """A seller's lots, newest first."""
    return _listed(Lot.objects.filter(seller_ulid=seller_ulid), limit, before)


def lots_of_order(order_ulid: str) -> list[LotFigures]:
    """The lots of one order, the buyer's first."""
    rows = Lot.objects.filter(order_ulid=order_ulid).select_related("cohort").order_by("side", "seller_ulid")
    return [lot_figures(one, one.cohort) for one in rows]


def standing_of_member(member_ulid: str) -> Standing:
    """All of a member's lots together (2 statements, however many)."""
    return _standing(Lot.objects.filter(holder_ulid=member_ulid, points__gt=0))


def standing_of_seller(seller_ulid: str) -> Standing:
    """All of a seller's lots together (2 statements)."""
    return _standing(Lot.objects.filter(seller_ulid=seller_ulid, points__gt=0))


def _listed(rows: QuerySet[Lot], limit: int, before: int | None) -> list[LotFigures]:
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows.select_related("cohort").order_by("-pk")[:limit])
    newest = newest_served()
    return [lot_figures(one, one.cohort, newest_period=newest.get(one.cohort.pool_id)) for one in found]


def _standing(rows: QuerySet[Lot]) -> Standing:
    newest = newest_served()
    every = [
        lot_figures(one, one.cohort, newest_period=newest.get(one.cohort.pool_id))
        for one in rows.select_related("cohort").order_by("pk")
    ]
    return Standing(
        lots=len(every),
        waiting_lots=sum(one.status in LIVE for one in every),
        points=sum(one.lot.points for one in every),
        remaining_points=sum(one.remaining_points for one in every),
        entitled_amount=sum(one.entitled_amount for one in every),
        last_amount=sum(one.last_amount for one in every),
        headroom_amount=sum(one.headroom_amount for one in every),
        undrawn_amount=sum(one.undrawn_amount for one in every),
    )


def newest_served() -> dict[int, int]:
    """Pool → number of its newest served period (one statement; pools are few)."""
    rows = Period.objects.filter(state=PeriodState.SERVED).order_by("pool", "-number").distinct("pool")
    return dict(rows.values_list("pool_id", "number"))


# --- vouchers --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class VoucherBook:
    """A member's vouchers (fen): what he may spend, what waits for an order's payment, all he drew, spent, lost."""

    available_amount: int = 0
    reserved_amount: int = 0
    drawn_amount: int = 0
    spent_amount: int = 0
    expired_amount: int = 0
    recalled_amount: int = 0
    next_expiry_at: dt.datetime | None = None
    next_expiry_amount: int = 0
    wants_notice: bool = False


def voucher_book(member_ulid: str, *, now: dt.datetime) -> VoucherBook:
    """A member's vouchers as drawn so far (4 statements); `settlement.services.draw_vouchers` draws what is new first."""
    holder = Holder.objects.filter(member_ulid=member_ulid).first()
    if holder is None:
        return VoucherBook()
    open_ones = Q(expires_at=None) | Q(expires_at__gt=now)
    sums = Voucher.objects.filter(holder=holder).aggregate(
        drawn=Sum("amount"),
        left=Sum("left_amount", filter=open_ones),
        expired=Sum("expired_amount"),
        recalled=Sum("recalled_amount"),
    )
    uses = dict(
        VoucherUse.objects.filter(voucher__holder=holder)
        .values_list("state")
        .annotate(sum=Sum("amount") - Sum("returned_amount"))
    )
    soonest = (
        Voucher.objects.filter(holder=holder, left_amount__gt=0, expires_at__gt=now)
        .order_by("expires_at", "pk")
        .first()
    )
    return VoucherBook(
        available_amount=sums["left"] or 0,
        reserved_amount=uses.get("reserved", 0),
        drawn_amount=sums["drawn"] or 0,
        spent_amount=uses.get("spent", 0) + uses.get("settled", 0),
        expired_amount=sums["expired"] or 0,
        recalled_amount=sums["recalled"] or 0,
        next_expiry_at=soonest.expires_at if soonest else None,
        next_expiry_amount=soonest.left_amount if soonest else 0,
        wants_notice=holder.wants_notice,
    )


def available_vouchers(member_ulid: str, *, now: dt.datetime) -> int:
    """Fen of vouchers that a member may spend now, as drawn so far (one statement)."""
    rows = Voucher.objects.filter(holder__member_ulid=member_ulid, left_amount__gt=0)
    return rows.filter(Q(expires_at=None) | Q(expires_at__gt=now)).aggregate(sum=Sum("left_amount"))["sum"] or 0


def vouchers_of(member_ulid: str, *, limit: int = 50, before: int | None = None) -> list[Voucher]:
    """A member's vouchers, newest first."""
    rows = Voucher.objects.filter(holder__member_ulid=member_ulid)
    return list((rows.filter(pk__lt=before) if before is not None else rows).order_by("-pk")[:limit])


def uses_of(member_ulid: str, *, limit: int = 50) -> list[VoucherUse]:
    """Orders that a member paid with vouchers, newest first."""
    rows = VoucherUse.objects.filter(voucher__holder__member_ulid=member_ulid)
    return list(rows.select_related("voucher").order_by("-pk")[:limit])


def outstanding_vouchers() -> int:
    """Fen that the reserve must hold: unspent vouchers, and those of orders that it has not paid yet."""
    left = Voucher.objects.aggregate(sum=Sum("left_amount"))["sum"] or 0
    used = VoucherUse.objects.filter(state__in=["reserved", "spent"]).aggregate(
        sum=Sum("amount") - Sum("returned_amount")
    )["sum"]
    return left + (used or 0)


def has_live_lots() -> bool:
    """Whether anybody's lots are still served: then terms change only with notice, and the rule not at all."""
    return Cohort.objects.filter(status__in=_LIVE, weight__gt=0).exists()


def lots_by_status(row: Pool) -> dict[str, int]:
    """How many lots of a pool there are by their cohort's status, void ones left out."""
    found = Cohort.objects.filter(pool=row).values_list("status").annotate(sum=Sum("lots"), n=Count("pk"))
    return {status: total or 0 for status, total, _n in found}


def is_budget(terms: SubsidySettings) -> bool:
    """Whether a pool pays by a total of the campaign (MODES 2.7)."""
    return terms.payout_rule is PayoutRule.BUDGET
