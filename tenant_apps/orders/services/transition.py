"""The one way an order changes state: row locked, table checked, instants set, history written."""

import datetime as dt
from typing import Any

from django.db import connection
from psycopg.types.json import Jsonb

from saas.kernel.errors import NotFound
from saas.kernel.prepared import PreparedRead, prepared_cursor
from saas.kernel.states import check_transition
from tenant_apps.orders.models import Order
from tenant_apps.orders.rules import TRANSITIONS, OrderState

_INSTANTS = {
    OrderState.PAID: "paid_at",
    OrderState.SHIPPED: "shipped_at",
    OrderState.RECEIVED: "received_at",
    OrderState.COMPLETED: "completed_at",
    OrderState.CANCELLED: "cancelled_at",
    OrderState.REFUNDED: "refunded_at",
}
Part = tuple[str, list[Any]]  # a statement to be made part of another, and its parameters (bus.publish_part)
_SNAPSHOT = frozenset({"sale_facts"})  # written at payment; its areas again with a change of address before shipping
_ADDRESS = frozenset(
    {
        "recipient_name",
        "recipient_phone",
        "province_code",
        "city_code",
        "district_code",
        "province",
        "city",
        "district",
        "street_code",
        "street",
        "address_detail",
        "area_revision",
        "latitude_e6",
        "longitude_e6",
    }
)
_CHANGEABLE = (
    _SNAPSHOT
    | _ADDRESS
    | {"payment", "carrier", "tracking_number", "refunded_amount", "refunded_freight_amount", "pickup_code"}
    | {"delivery_kind", "delivery_store"}  # a paid order of the mall that a store takes on
)


_LOCKED = PreparedRead(lambda ulid: Order.objects.select_for_update(of=("self",)).filter(ulid=ulid), ulid="?ulid")


def locked(order_ulid: str) -> Order:
    """The order, locked until the transaction ends. Raises NotFound."""
    order = _LOCKED.first(ulid=order_ulid)
    if order is None:
        raise NotFound
    return order


def locked_purchase(order_ulid: str) -> list[Order]:
    """The order and all it is paid together with, locked in the order of their ids. Raises NotFound."""
    purchase = Order.objects.filter(ulid=order_ulid).values_list("purchase", flat=True).first()
    if purchase is None:
        raise NotFound
    return locked_together(purchase) if purchase else [locked(order_ulid)]


def locked_together(purchase: str) -> list[Order]:
    """Every order of a purchase, locked in the order of their ids. Raises NotFound."""
    rows = Order.objects.filter(purchase=purchase).exclude(purchase="").order_by("pk").select_for_update(of=("self",))
    if found := list(rows):
        return found
    raise NotFound


def move(
    order: Order,
    wanted: OrderState,
    *,
    actor: str,
    now: dt.datetime,
    reason: str = "",
    event: Part | None = None,
    **changes: Any,
) -> None:
    """Bring a locked order to `wanted`, with its instant, `changes` and its history row, in one statement.

    Raises IllegalTransition.
    """
    check_transition(TRANSITIONS, OrderState(order.state), wanted)
    write(
        order,
        action=wanted,
        actor=actor,
        now=now,
        reason=reason,
        state=wanted,
        **{_INSTANTS[wanted]: now},
        event=event,
        **changes,
    )


def write(
    order: Order,
    *,
    action: str,
    actor: str,
    now: dt.datetime,
    reason: str = "",
    event: Part | None = None,
    **changes: Any,
) -> None:
    """Change columns of a locked order, write down who did it and why, and publish `event`, in one statement."""
    unknown = set(changes) - _CHANGEABLE - {"state"} - set(_INSTANTS.values())
    if unknown:
        raise ValueError(f"not changeable: {sorted(unknown)}")
    for name, value in changes.items():
        setattr(order, name, value)
    history = (
        "INSERT INTO orders_orderhistory (order_id, at, actor, action, state, reason) VALUES (%s, %s, %s, %s, %s, %s)"
    )
    values: list[Any] = [order.pk, now, actor, action, str(order.state), reason[:200]]
    parts: list[Part] = [event] if event else []
    if changes:
        columns = ", ".join(f"{name} = %s" for name in changes)  # names are checked above
        update = f"UPDATE orders_order SET {columns} WHERE id = %s"  # noqa: S608
        parts.append((update, [*(_column(value) for value in changes.values()), order.pk]))
    if parts:
        history = f"WITH {', '.join(f'part{place} AS ({sql})' for place, (sql, _) in enumerate(parts))} {history}"
        values = [*(value for _, given in parts for value in given), *values]
    with prepared_cursor(connection) as cursor:
        cursor.execute(history, values)


def _column(value: Any) -> Any:
    if isinstance(value, (list, dict)):
        return Jsonb(value)
    return str(value) if isinstance(value, OrderState) else value
