"""Orders and after-sales cases as the seller who sends the goods reads them: his own goods, and as a store what it brings
for the mall. Reads only; another seller's are not found."""

from collections.abc import Sequence

from django.db.models import F, Q, QuerySet

from saas.kernel.errors import NotFound
from tenant_apps.members.rules import mask_name, mask_phone
from tenant_apps.orders.aftersales import FOR_SELLER
from tenant_apps.orders.models import Order, OrderLine, Refund
from tenant_apps.orders.rules import OrderState, RefundState

SHOWN = (OrderState.PAID, OrderState.SHIPPED, OrderState.RECEIVED, OrderState.COMPLETED, OrderState.REFUNDED)
_NEEDED = (OrderState.PAID, OrderState.SHIPPED, OrderState.RECEIVED)  # while whom it goes to is needed in full


def orders_of_seller(seller_ulid: str, *, state: str = "") -> QuerySet[Order]:
    """Paid orders that one seller sends or brings: those to ship the oldest first, others the newest first."""
    rows = Order.objects.filter(_sent_by(seller_ulid), state__in=[state] if state in SHOWN else list(SHOWN))
    return rows.order_by("paid_at", "pk") if state == OrderState.PAID else rows.order_by("-pk")


def order_of_seller(seller_ulid: str, ulid: str) -> Order:
    """One paid order that this seller sends or brings. Raises NotFound."""
    row = Order.objects.filter(_sent_by(seller_ulid), ulid=ulid, state__in=list(SHOWN)).first()
    if row is None or not seller_ulid:
        raise NotFound
    return row


def _sent_by(seller_ulid: str) -> Q:
    return Q(seller_ulid=seller_ulid) | Q(delivery_store=seller_ulid)


def lines_of(order: Order) -> Sequence[OrderLine]:
    """The lines of an order, in order."""
    return list(OrderLine.objects.filter(order=order).order_by("position"))


def recipient(order: Order) -> tuple[str, str, str]:
    """Name, phone and address of whom it goes to: in full until the order is completed, then masked."""
    if order.state in _NEEDED:
        return order.recipient_name, order.recipient_phone, order.one_line_address
    return mask_name(order.recipient_name), mask_phone(order.recipient_phone), f"{order.province}{order.city}"


def cases_of_seller(seller_ulid: str, *, waiting: bool) -> QuerySet[Refund]:
    """After-sales cases of one seller's orders; with `waiting` those whose next word is his, the nearest deadline first."""
    rows = Refund.objects.filter(order__seller_ulid=seller_ulid).exclude(stage="").select_related("order")
    if waiting:
        rows = rows.filter(state=RefundState.REQUESTED, stage__in=sorted(FOR_SELLER))
    return rows.order_by(F("due_at").asc(nulls_last=True), "-pk")


def case_of_seller(seller_ulid: str, ulid: str) -> Refund:
    """One case of this seller. Raises NotFound."""
    row = (
        Refund.objects.filter(order__seller_ulid=seller_ulid, ulid=ulid)
        .exclude(stage="")
        .select_related("order")
        .first()
    )
    if row is None or not seller_ulid:
        raise NotFound
    return row
