"""Orders as staff and sellers work on them."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, QuerySet

from saas.kernel.errors import NotFound
from tenant_apps.orders.models import Order, OrderHistory, OrderLine, Parcel
from tenant_apps.orders.rules import DeliveryKind, OrderState
from tenant_apps.orders.selectors.prefetching import order_lines, order_refunds


def orders_of_product(product_ulid: str) -> int:
    """How many orders speak of a product: while there are any, it is not deleted."""
    return OrderLine.objects.filter(product_ulid=product_ulid).values("order").distinct().count()


def locked_order(ulid: str) -> Order:
    """An order, locked until the transaction ends. Raises NotFound."""
    order = Order.objects.select_for_update().filter(ulid=ulid).first()
    if order is None:
        raise NotFound
    return order


def waiting_at(store_ulids: Sequence[str], *, limit: int = 100) -> list[Order]:
    """Paid orders that wait at these stores to be picked up, the oldest first, with their lines (two statements)."""
    rows = Order.objects.filter(pickup_store__in=store_ulids, received_at=None, paid_at__isnull=False)
    rows = rows.filter(state__in=[OrderState.PAID, OrderState.SHIPPED]).exclude(pickup_code="")
    return list(rows.order_by("paid_at", "pk").prefetch_related(order_lines())[:limit])


def order(ulid: str) -> Order:
    """One order for staff, with member, lines and refunds. Raises NotFound."""
    found = (
        Order.objects.select_related("member")
        .filter(ulid=ulid)
        .prefetch_related(order_lines(), order_refunds())
        .first()
    )
    if found is None:
        raise NotFound
    return found


def paid_by_seller(seller_ulids: list[str], *, since: dt.datetime) -> dict[str, int]:
    """How many orders of these sellers were paid since then (one statement)."""
    paid = Order.objects.filter(paid_at__gte=since, seller_ulid__in=seller_ulids)
    return dict(paid.values_list("seller_ulid").annotate(number=Count("pk")))


def history(ulid: str) -> QuerySet[OrderHistory]:
    """Every change of an order, in the order in which it happened."""
    return OrderHistory.objects.filter(order__ulid=ulid).order_by("pk")


def not_received() -> QuerySet[Order, str]:
    """ULIDs of the paid orders whose goods nobody has received yet, to be used inside another statement."""
    return Order.objects.filter(paid_at__isnull=False, received_at=None, refunded_at=None).values_list(
        "ulid", flat=True
    )


def numbers_of(ulids: Iterable[str]) -> dict[str, str]:
    """The numbers of orders, by ULID (one statement); what is no order is absent."""
    wanted = {one for one in ulids if len(one) == 26}
    return dict(Order.objects.filter(ulid__in=wanted).values_list("ulid", "number")) if wanted else {}


@dataclass(frozen=True)
class ParcelView:
    """A parcel with what is in it."""

    row: Parcel
    content: list[tuple[OrderLine, int]]

    @property
    def events(self) -> list[dict[str, Any]]:
        """What became of it, the newest first: `time` and `text`."""
        found = reversed(self.row.tracking.get("events", []))
        return [{"time": dt.datetime.fromisoformat(one["at"]), "text": one["text"]} for one in found]

    @property
    def state(self) -> str:
        return str(self.row.tracking.get("state", ""))


def parcels_of(order: Order) -> list[ParcelView]:
    """The parcels of an order whose lines are prefetched (one statement, none for one that cannot have any)."""
    if order.paid_at is None:
        return []
    lines = {line.ulid: line for line in order.lines.all()}
    return [
        ParcelView(row, [(lines[ulid], qty) for ulid, qty in row.pieces.items() if ulid in lines])
        for row in Parcel.objects.filter(order=order).order_by("position")
    ]


def to_ship(*, seller_ulid: str | None = None, limit: int = 1_000) -> list[Order]:
    """Paid orders that a carrier or store still has to bring, the oldest first, with lines (two statements).

    With `seller_ulid` (empty: the mall's own) those of one seller.
    """
    rows = Order.objects.filter(state=OrderState.PAID).exclude(delivery_kind=DeliveryKind.TILL)
    rows = rows.order_by("paid_at", "pk")
    if seller_ulid is not None:
        rows = rows.filter(seller_ulid=seller_ulid)
    return list(rows.prefetch_related(order_lines())[:limit])


def count_unfinished() -> int:
    """Orders in which goods or money are still under way."""
    ended = [OrderState.COMPLETED, OrderState.CANCELLED, OrderState.REFUNDED]
    return Order.objects.exclude(state__in=ended).count()


def count_all() -> int:
    """Every order there is."""
    return Order.objects.count()
