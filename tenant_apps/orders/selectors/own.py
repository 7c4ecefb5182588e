"""A member's own orders."""

from dataclasses import dataclass

from django.db.models import Count, QuerySet

from saas.kernel.errors import NotFound
from saas.kernel.prepared import PreparedRead
from tenant_apps.members.models import Member
from tenant_apps.orders.models import Order, OrderHistory, OrderLine
from tenant_apps.orders.rules import OrderState
from tenant_apps.orders.selectors.prefetching import order_lines, order_refunds

PAGE_SIZE = 10


@dataclass(frozen=True)
class OrderPage:
    """A page of a member's orders, each with its lines prefetched."""

    orders: list[Order]
    number: int
    has_next: bool


def orders_of_member(member: Member, *, state: str = "", page: int = 1, page_size: int = PAGE_SIZE) -> OrderPage:
    """A member's orders, newest first, with their lines (two statements)."""
    rows = Order.objects.filter(member=member)
    if state:
        rows = rows.filter(state=state)
    number = max(1, page)
    start = (number - 1) * page_size
    found = list(rows.order_by("-pk").prefetch_related(order_lines())[start : start + page_size + 1])
    return OrderPage(found[:page_size], number, len(found) > page_size)


def state_counts(member: Member) -> dict[str, int]:
    """How many orders a member has in each state; every state present."""
    counts = dict.fromkeys((state.value for state in OrderState), 0)
    rows = Order.objects.filter(member=member).values("state").annotate(n=Count("pk")).values_list("state", "n")
    return counts | dict(rows)


def order_of_member(member: Member, ulid: str) -> Order:
    """One order of this member, with lines and refunds. Raises NotFound, for another member's too."""
    order = Order.objects.filter(member=member, ulid=ulid).prefetch_related(order_lines(), order_refunds()).first()
    if order is None:
        raise NotFound
    return order


def line_of_member(member: Member, ulid: str) -> OrderLine:
    """One line of this member's orders, with its order. Raises NotFound, for another member's too."""
    line = OrderLine.objects.select_related("order").filter(order__member=member, ulid=ulid).first()
    if line is None:
        raise NotFound
    return line


_HEADER = PreparedRead(
    lambda member, ulid: Order.objects.filter(member_id=member, ulid=ulid), member=2**40, ulid="?ulid"
)


def order_header(member: Member, ulid: str) -> Order:
    """One order of this member without its lines (one statement): the pay page asks often. Raises NotFound."""
    found = _HEADER.first(member=member.pk, ulid=ulid)
    if found is None:
        raise NotFound
    return found


def placed_with(order: Order) -> list[Order]:
    """The other orders of the same purchase (one statement, none for an order that was placed alone)."""
    if not order.purchase:
        return []
    rows = Order.objects.filter(purchase=order.purchase).exclude(purchase="").exclude(pk=order.pk)
    return list(rows.order_by("purchase_position"))


def told(member: Member) -> QuerySet[OrderHistory]:
    """What others, or the clock, did to a member's orders, newest first."""
    return (
        OrderHistory.objects.filter(order__member=member)
        .exclude(actor=f"member:{member.ulid}")
        .select_related("order")
        .order_by("-at", "-pk")
    )
