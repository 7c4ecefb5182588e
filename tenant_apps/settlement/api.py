"""Who earns what over HTTP, for the mall's staff and auditors; members read their own earnings. Amounts in fen."""

import datetime as dt

from django.http import HttpRequest
from ninja import Query, Router, Schema
from ninja.security import SessionAuth
from pydantic import ConfigDict, Field

from saas.identity.models import User
from saas.identity.roles import Role, has_role, roles_of
from saas.kernel import clock
from saas.kernel.errors import Forbidden, InvalidInput, NotFound
from tenant_apps.members.models import Member
from tenant_apps.settlement import selectors
from tenant_apps.settlement.rules import AwardState
from tenant_apps.settlement.selectors import AwardFilter, AwardView, Reader

router = Router(tags=["settlement"], auth=SessionAuth(csrf=True))
PAGE_SIZE = 50


class FromAttributes(Schema):
    """Read from what a selector returns."""

    model_config = ConfigDict(from_attributes=True)


class AwardOut(FromAttributes):
    """An award: who, by which rule, how much is left, why, and where it stands."""

    ulid: str
    payee_kind: str
    payee_ulid: str
    payee: str
    rule: str
    kind: str
    amount: int
    clawed_amount: int
    net_amount: int
    state: AwardState
    why: str
    standing: str
    order_ulid: str
    order_number: str
    settings_version: str
    created_at: dt.datetime


class BackOut(FromAttributes):
    """What a refund took back of an award: `debt` and `house` are parts of `amount`."""

    at: dt.datetime
    refund_ulid: str
    amount: int
    debt: int
    house: int
    entry_key: str


class TracedAwardOut(FromAttributes):
    """An award with what it follows from (version, base, rate, cut) and what it became in the book."""

    view: AwardOut
    account: str
    version_number: int
    base_amount: int
    rate_ppm: int
    full_amount: int
    cut_amount: int
    hold_key: str
    release_key: str
    period_key: str
    backs: list[BackOut]


class TermOut(FromAttributes):
    """One holder of a line's money."""

    word: str
    amount: int
    account: str


class TracedLineOut(FromAttributes):
    """A line: cash + voucher − returned = the sum of its terms."""

    line_ulid: str
    title: str
    seller_ulid: str
    cash: int
    voucher: int
    returned: int
    left: int
    funds: int
    terms: list[TermOut]
    adds_up: bool
    awards: list[TracedAwardOut]
    cut_amount: int
    unclaimed: list[tuple[str, str, int]]


class TracedRefundOut(FromAttributes):
    """A refund that was laid on its bearers."""

    ulid: str
    at: dt.datetime
    cash: int
    freight: int
    entry_key: str


class TraceOut(FromAttributes):
    """Who got what on an order."""

    order_ulid: str
    number: str
    released: bool
    awarded_at: dt.datetime
    released_at: dt.datetime | None
    freight: int
    freight_returned: int
    lines: list[TracedLineOut]
    refunds: list[TracedRefundOut]


class AwardsQuery(Schema):
    """Which awards; `until` is not included."""

    model_config = ConfigDict(extra="forbid")

    mode: str = ""
    kind: str = ""
    state: AwardState | None = None
    payee: str = ""
    order: str = ""
    since: dt.datetime | None = None
    until: dt.datetime | None = None
    page: int = Field(1, ge=1, le=10_000)


class TotalsOut(FromAttributes):
    """Sums over everything found."""

    count: int
    amount: int
    clawed: int
    net: int
    frozen: int
    released: int


class AwardsOut(Schema):
    """One page of awards, newest first, and the sums of all that was found."""

    awards: list[AwardOut]
    totals: TotalsOut
    page: int
    has_next: bool


class ModeEarningsOut(FromAttributes):
    """What a rule brought."""

    mode: str
    rule: str
    frozen: int
    released: int


class EarningsOut(Schema):
    """The signed-in member's money."""

    today: int
    available: int
    frozen: int
    in_withdrawal: int
    debt: int
    by_mode: list[ModeEarningsOut]


@router.get("/orders/{ulid}", response=TraceOut)
def order(request: HttpRequest, ulid: str) -> selectors.OrderTrace:
    """Who got what on an order: the same that the page shows. Raises NotFound before it is paid."""
    user = _reader(request, Role.ORDERS, Role.FINANCE, Role.AUDITOR)
    trace = selectors.trace_order(ulid, reader=Reader.AUDITOR if _only_auditor(user) else Reader.STAFF)
    if trace is None:
        raise NotFound
    return trace


@router.get("/awards", response=AwardsOut)
def awards(request: HttpRequest, query: Query[AwardsQuery]) -> AwardsOut:
    """Awards by rule, kind, payee, state, time and order number."""
    user = _reader(request, Role.FINANCE, Role.AUDITOR)
    if unknown := sorted(set(request.GET) - set(AwardsQuery.model_fields)):
        raise InvalidInput(field=unknown[0])
    given = query.model_dump(exclude={"page", "state"})
    wanted = AwardFilter(**given, state=query.state or "")
    start = (query.page - 1) * PAGE_SIZE
    rows = list(selectors.found_awards(wanted)[start : start + PAGE_SIZE + 1])
    return AwardsOut(
        awards=_out(selectors.award_views(rows[:PAGE_SIZE], names_masked=_only_auditor(user))),
        totals=TotalsOut.model_validate(selectors.totals(wanted)),
        page=query.page,
        has_next=len(rows) > PAGE_SIZE,
    )


@router.get("/earnings", response=EarningsOut)
def earnings(request: HttpRequest) -> EarningsOut:
    """The signed-in member's earnings: today, frozen, available, by rule."""
    member: Member | None = request.member  # type: ignore[attr-defined]
    if not member:
        raise Forbidden
    summary, found = (
        selectors.wallet_summary(member.ulid, seen_at=clock.now()),
        selectors.earnings(member.ulid, now=clock.now()),
    )
    return EarningsOut(
        today=found.today,
        available=summary.available,
        frozen=summary.frozen,
        in_withdrawal=summary.in_withdrawal,
        debt=summary.debt,
        by_mode=[ModeEarningsOut.model_validate(one) for one in found.by_mode],
    )


def _out(views: list[AwardView]) -> list[AwardOut]:
    return [AwardOut.model_validate(view) for view in views]


def _reader(request: HttpRequest, *roles: Role) -> User:
    """The staff member who asks. Raises Forbidden."""
    user = request.user
    if not isinstance(user, User) or not user.is_staff or not has_role(user, *roles):
        raise Forbidden
    return user


def _only_auditor(user: User) -> bool:
    return roles_of(user) == {Role.AUDITOR}
