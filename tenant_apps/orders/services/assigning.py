"""A paid order of the mall's own goods that goes by carrier: a store takes it on and brings it."""

import datetime as dt
from collections.abc import Mapping

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from saas.identity import audit
from saas.kernel.errors import DomainError
from tenant_apps.catalog.rules import ProductKind
from tenant_apps.orders.models import Order, OrderLine, Parcel
from tenant_apps.orders.rules import DeliveryKind, OrderState
from tenant_apps.orders.services import transition
from tenant_apps.orders.services.fulfilment import has_open_refund


class NotAssignable(DomainError):
    """The order is not one that a store may take on, or not any more."""

    code = "order_not_assignable"
    message = _("This order needs no store any more: it was sent, refunded or is in an after-sales case.")  # type: ignore[assignment]


def waits_for_store(order: Order) -> bool:
    """Whether a store may take the order on: the mall's own goods, paid, by carrier, nothing sent, no open case."""
    return (
        order.state == OrderState.PAID
        and order.seller_ulid == ""
        and order.delivery_kind == DeliveryKind.EXPRESS
        and not Parcel.objects.filter(order=order).exists()
        and not has_open_refund(order)
        and not OrderLine.objects.filter(order=order).exclude(kind=ProductKind.GOODS).exists()
    )


def pieces_to_send(order: Order) -> Mapping[str, int]:
    """What is left to send of an order: SKU → pieces."""
    needs: dict[str, int] = {}
    for line in OrderLine.objects.filter(order=order):
        if left := line.qty - line.refunded_qty - line.shipped_qty:
            needs[line.sku_ulid] = needs.get(line.sku_ulid, 0) + left
    return needs


def assign_store(*, order_ulid: str, store_ulid: str, store_name: str, actor: str, now: dt.datetime) -> Order:
    """The store brings the order from now on; the shopper reads its name. Raises NotFound, NotAssignable."""
    with transaction.atomic():
        order = transition.locked(order_ulid)
        if not waits_for_store(order):
            raise NotAssignable
        transition.write(
            order,
            action="assigned",
            actor=actor,
            now=now,
            reason=store_name,
            delivery_kind=str(DeliveryKind.STORE_DELIVERY),
            delivery_store=store_ulid,
        )
        audit.record(actor, "order.assigned", target=f"order:{order_ulid}", store=store_ulid)
    return order
