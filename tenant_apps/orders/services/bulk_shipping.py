"""Many orders shipped by one list: looked at row by row first, and sent only as it was looked at."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from saas.kernel.errors import DomainError
from tenant_apps.orders import parcels
from tenant_apps.orders.models import Order, Refund
from tenant_apps.orders.rules import OPEN_REFUND, DeliveryKind, OrderState, RefundKind
from tenant_apps.orders.services.parcels import send_parcel

MAX_ROWS = 1_000


@dataclass(frozen=True)
class ShipRow:
    """One line of the list; `row` is its number in the file."""

    row: int
    order_number: str
    carrier: str
    tracking_number: str


@dataclass(frozen=True)
class RowFault:
    """Why a row cannot be shipped, and in which column: `order`, `carrier` or `number`."""

    row: int
    column: str
    reason: str


@dataclass(frozen=True)
class ShipPlan:
    """What a list would do. Rows with a fault are left out when it is carried out."""

    good: tuple[ShipRow, ...]
    faults: tuple[RowFault, ...]


def plan_shipping(rows: Sequence[ShipRow], *, seller_ulid: str | None = None) -> ShipPlan:
    """Look at every row and change nothing (two statements). With `seller_ulid` there are no orders but that seller's."""
    numbers = [row.order_number for row in rows]
    known = {order.number: order for order in _of(seller_ulid).filter(number__in=numbers)}
    open_cases = set(
        Refund.objects.filter(
            order__number__in=numbers, kind=RefundKind.CASE, state__in=sorted(OPEN_REFUND)
        ).values_list("order__number", flat=True)
    )
    good: list[ShipRow] = []
    faults: list[RowFault] = []
    seen: set[str] = set()
    for row in rows:
        found = _fault(row, known.get(row.order_number), row.order_number in open_cases, row.order_number in seen)
        seen.add(row.order_number)
        if found:
            faults.append(RowFault(row.row, *found))
        else:
            good.append(row)
    return ShipPlan(tuple(good), tuple(faults))


def ship_rows(*, rows: Sequence[ShipRow], actor: str, now: dt.datetime, seller_ulid: str | None = None) -> ShipPlan:
    """Ship each row on its own: what has changed since it was looked at is a fault of that row alone."""
    good: list[ShipRow] = []
    faults: list[RowFault] = []
    known = dict(_of(seller_ulid).filter(number__in=[row.order_number for row in rows]).values_list("number", "ulid"))
    for row in rows:
        try:
            send_parcel(
                order_ulid=known.get(row.order_number, ""),
                carrier=row.carrier,
                number=row.tracking_number,
                actor=actor,
                now=now,
            )
        except DomainError as error:
            column = error.field if error.field in ("carrier", "number") else "order"
            faults.append(RowFault(row.row, column, error.text))
        else:
            good.append(row)
    return ShipPlan(tuple(good), tuple(faults))


def _of(seller_ulid: str | None) -> QuerySet[Order]:
    return Order.objects.all() if seller_ulid is None else Order.objects.filter(seller_ulid=seller_ulid)


def _fault(row: ShipRow, order: Order | None, has_case: bool, is_repeated: bool) -> tuple[str, str] | None:
    if order is None:
        return "order", _("There is no order of this number.")
    if is_repeated:
        return "order", _("This order stands in the list twice.")
    if order.state != OrderState.PAID:
        return "order", _("This order does not wait to be shipped.")
    if has_case:
        return "order", _("This order has an open refund case. Decide it first.")
    if not 1 <= len(row.carrier) <= 40:
        return "carrier", _("Name the carrier.")
    by_store = not row.tracking_number and order.delivery_kind == DeliveryKind.STORE_DELIVERY
    if not by_store and parcels.number_fault(row.tracking_number):
        return "number", _("This is no tracking number.")
    return None
