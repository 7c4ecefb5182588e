"""What waits for staff, and today's figures. Reads only; each tile is one statement."""

import datetime as dt
from collections.abc import Set
from dataclasses import dataclass

from django.db.models import Count, Sum
from django.db.models.functions import TruncDate
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from saas.identity import selectors as identity
from saas.identity.roles import Role
from saas.identity.rules import PreparedState
from saas.kernel import clock
from saas.kernel.clock import CHINA
from saas.kernel.money import PPM, format_percent, format_yuan
from saas.tenants.malls.rules import MallState
from saas.tenants.senders import selectors as senders
from tenant_apps.backoffice import launch
from tenant_apps.catalog.models import Product, ProductCard
from tenant_apps.catalog.rules import ReviewState
from tenant_apps.counter.selectors import dispatch
from tenant_apps.modes.subsidy import rules
from tenant_apps.modes.subsidy import selectors as subsidy
from tenant_apps.orders.aftersales import FOR_SELLER, Stage
from tenant_apps.orders.models import Order, Refund
from tenant_apps.orders.rules import PAID_ONCE, OrderState, RefundState
from tenant_apps.payouts import selectors as payouts
from tenant_apps.sellers import applications
from tenant_apps.sellers import selectors as sellers

LOW_STOCK = 10
DAYS = 14


@dataclass(frozen=True)
class Tile:
    """A figure with the page behind it; `waits` marks work to do."""

    label: str | Promise
    figure: str | Promise
    link: str
    waits: bool = False


@dataclass(frozen=True)
class Day:
    """Sales of a day in China; `part` is the height of its bar in percent."""

    date: dt.date
    amount: int
    orders: int
    part: int


def tiles(roles: Set[Role], *, now: dt.datetime) -> list[Tile]:
    """The tiles of the roles held."""
    every = Role.OWNER in roles
    found: list[Tile] = []
    if every or roles & {Role.ORDERS, Role.FINANCE}:
        found += _sales(now)
    if every:
        found += _messages(now)
    if every or Role.ORDERS in roles:
        found += _orders()
    if every or Role.FINANCE in roles:
        count = payouts.to_review().count()
        found.append(Tile(_("Withdrawals to review"), str(count), reverse("backoffice:withdrawals"), bool(count)))
        found += _pools()
    if every or Role.FINANCE in roles:
        waiting = applications.waiting()
        found.append(
            Tile(_("Shop applications to answer"), str(waiting), reverse("backoffice:applications"), bool(waiting))
        )
        disputed = sellers.statements(state="disputed").count()
        found.append(
            Tile(
                _("Disputed statements"),
                str(disputed),
                reverse("backoffice:statements") + "?state=disputed",
                bool(disputed),
            )
        )
    if every or roles & {Role.FINANCE, Role.COMPLIANCE}:
        count = identity.prepared_actions(state=PreparedState.OPEN).filter(expires_at__gt=now).count()
        found.append(
            Tile(_("Waiting for a second person"), str(count), reverse("backoffice:prepared_list"), bool(count))
        )
    if every or Role.GOODS in roles:
        count = Product.objects.filter(review_state=ReviewState.WAITING).count()
        found.append(Tile(_("Products to look at"), str(count), reverse("backoffice:listings"), bool(count)))
        count = ProductCard.objects.filter(is_visible=True, stock__lt=LOW_STOCK).count()
        found.append(Tile(_("Low stock"), str(count), reverse("backoffice:goods") + "?state=low", bool(count)))
    return found


def _sales(now: dt.datetime) -> list[Tile]:
    start = now.astimezone(CHINA).replace(hour=0, minute=0, second=0, microsecond=0)
    today = Order.objects.filter(paid_at__gte=start).aggregate(amount=Sum("total_amount", default=0), count=Count("pk"))
    link = reverse("backoffice:orders")
    return [
        Tile(_("Sales today"), f"¥{format_yuan(today['amount'])}", link),
        Tile(_("Orders today"), str(today["count"]), link),
    ]


def _messages(now: dt.datetime) -> list[Tile]:
    """Text messages that do not go out, or soon will not."""
    link, row = reverse("backoffice:senders"), senders.sender("sms")
    if not senders.can_reach_people():
        return [Tile(_("Text messages"), _("not connected") if row is None else _("does not work"), link, True)]
    found = senders.warning(now=now)
    return [Tile(_("Text messages this month"), f"{found[1]} / {found[2]}", link, True)] if found else []


def _orders() -> list[Tile]:
    ship = Order.objects.filter(state=OrderState.PAID).count()
    open_refunds = Refund.objects.filter(state=RefundState.REQUESTED)
    refunds = open_refunds.filter(stage="").count()
    cases = open_refunds.filter(stage__in=[Stage.MALL, *FOR_SELLER]).count()
    alone = dispatch.left_alone().count()
    none_brings = Tile(
        _("Orders that no store brings"), str(alone), reverse("backoffice:orders") + "?state=alone", True
    )
    return [
        Tile(_("Orders to ship"), str(ship), reverse("backoffice:orders") + "?state=paid", bool(ship)),
        *([none_brings] if alone else []),
        Tile(_("Refunds to decide"), str(refunds), reverse("backoffice:refunds"), bool(refunds)),
        Tile(_("After-sales cases to answer"), str(cases), reverse("backoffice:cases") + "?stage=all", bool(cases)),
    ]


def _pools() -> list[Tile]:
    """A subsidy pool that raises an alarm (MODES 2.5), or has something for a second person to decide."""
    found = []
    for row in subsidy.pools():
        engine = [subsidy.as_rule(one) for one in subsidy.live_cohorts(row)]
        fund, promised, need = subsidy.fund_of(row), rules.commitment(engine), rules.need(engine, 0, 1)
        link = reverse("backoffice:pool") + (f"?pool={row.key}" if row.key else "")
        if subsidy.alarm(fund, promised, need):
            figure = format_percent(fund * PPM // promised) if promised else "–"
            found.append(Tile(_("Subsidy pool: coverage"), figure, link, True))
        if count := len(subsidy.actions(row, open_only=True)):
            found.append(Tile(_("Subsidy pool: to approve"), str(count), link, True))
    return found


def sales_by_day(*, now: dt.datetime) -> list[Day]:
    """Paid orders of the last DAYS days by day, days without sales included."""
    last = now.astimezone(CHINA).date()
    first = last - dt.timedelta(days=DAYS - 1)
    rows = (
        Order.objects.filter(state__in=sorted(PAID_ONCE), paid_at__date__gte=first)
        .annotate(day=TruncDate("paid_at", tzinfo=CHINA))
        .values("day")
        .annotate(amount=Sum("total_amount"), orders=Count("pk"))
    )
    known = {row["day"]: (row["amount"], row["orders"]) for row in rows}
    most = max((amount for amount, _orders in known.values()), default=0) or 1
    found = []
    for number in range(DAYS):
        date = first + dt.timedelta(days=number)
        amount, orders = known.get(date, (0, 0))
        found.append(Day(date, amount, orders, amount * 100 // most))
    return found


def readiness(request: HttpRequest) -> list[launch.Step]:
    """What is missing before the mall opens; empty once it has."""
    mall = getattr(request, "tenant", None)
    return launch.steps(now=clock.now()) if mall is not None and mall.state == MallState.REHEARSAL else []
