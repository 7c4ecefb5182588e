"""From receipt to completion, with the schedules that carry an order on when nobody acts."""

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from saas.kernel.errors import DomainError, NotFound
from saas.kernel.states import IllegalTransition
from saas.messaging.bus import services as bus
from saas.tenants.malls import activation
from tenant_apps.catalog.rules import ProductKind
from tenant_apps.members.models import Member
from tenant_apps.orders.models import Order, OrderLine, Refund
from tenant_apps.orders.rules import OPEN_REFUND, DeliveryKind, OrderState, RefundKind
from tenant_apps.orders.services import telling, transition


class RefundOpen(DomainError):
    """A refund case of this order waits for a decision or for its money."""

    code = "refund_open"
    message = _("This order has an open refund case. Decide it first.")  # type: ignore[assignment]


class ReceivedByCode(DomainError):
    """What is fetched at a store is received when the store redeems its code."""

    code = "received_by_code"
    message = _("Show the pickup code at the store: the goods count as received when it is scanned.")  # type: ignore[assignment]


class AftersalesOpen(DomainError):
    """The after-sales window has not closed yet."""

    code = "aftersales_open"
    message = _("The after-sales window of this order is open until {until}.")  # type: ignore[assignment]


def receive_order(*, order_ulid: str, actor: str, now: dt.datetime, member: Member | None = None) -> Order:
    """Record receipt; the after-sales window begins. With `member`, only his own order. Raises NotFound, IllegalTransition."""
    with transaction.atomic():
        order = transition.locked(order_ulid)
        if member is not None and order.member_id != member.pk:
            raise NotFound
        if order.state == OrderState.PAID:  # only a fee goes this way, and by itself: hand_over
            raise IllegalTransition(current=order.state, wanted=OrderState.RECEIVED)
        if member is not None and order.delivery_kind == DeliveryKind.PICKUP:
            raise ReceivedByCode
        record_receipt(order, actor, now)
    return order


def hand_over(*, order_ulid: str, now: dt.datetime) -> bool:
    """A paid fee, or a sale at a till, has nothing to ship: it is received at once, and its after-sales window runs;
    whether this did it.

    Orders of goods, and orders that are not merely paid any more, stay as they are. Raises NotFound.
    """
    with transaction.atomic():
        order = transition.locked(order_ulid)
        goods = OrderLine.objects.filter(order=order, kind=ProductKind.GOODS).exists()
        if (goods and order.delivery_kind != DeliveryKind.TILL) or order.state != OrderState.PAID:
            return False
        record_receipt(order, "system", now, shipped_at=now)
    return True


def record_receipt(order: Order, actor: str, now: dt.datetime, **changes: Any) -> None:
    """A locked order's goods are with the buyer: its after-sales window runs. Raises IllegalTransition."""
    transition.move(order, OrderState.RECEIVED, actor=actor, now=now, **changes)
    bus.publish("order.complete_due", {"order": order.ulid}, key=order.ulid, available_at=aftersales_end(order))


def complete_order(*, order_ulid: str, actor: str, now: dt.datetime) -> Order:
    """Finish an order whose after-sales window has closed: awards are released, the mall's facts are told to control.

    Raises NotFound, IllegalTransition, AftersalesOpen, RefundOpen.
    """
    with transaction.atomic():
        order = transition.locked(order_ulid)
        if order.state == OrderState.RECEIVED:
            if now < aftersales_end(order):
                raise AftersalesOpen(until=aftersales_end(order).date().isoformat())
            if has_open_refund(order):
                raise RefundOpen
        transition.move(order, OrderState.COMPLETED, actor=actor, now=now)
        bus.publish("order.completed", telling.completed(order), key=order.ulid)
        if not activation.is_rehearsing() and not _is_kept(order):  # what is sold to test people is no turnover
            fact = {
                "order": order.ulid,
                "amount": order.total_amount - order.refunded_amount,
                "completed_at": now.isoformat(),
            }
            bus.publish("sale.completed", fact, key=order.ulid, destination=bus.CONTROL)
    return order


def _is_kept(order: Order) -> bool:
    """Whether the order put money on a card: no sale yet; what the card pays for will be one."""
    return order.aftersales_days == 0 and order.lines.filter(kind=ProductKind.STORED_CARD).exists()


def receive_if_due(*, order_ulid: str, now: dt.datetime) -> bool:
    """Receipt by time; whether this received it. An open refund case does not hold it; what is fetched waits at its store."""
    with transaction.atomic():
        order = transition.locked(order_ulid)
        if order.state != OrderState.SHIPPED or order.delivery_kind == DeliveryKind.PICKUP:
            return False
        receive_order(order_ulid=order_ulid, actor="system", now=now)
    return True


def complete_if_due(*, order_ulid: str, now: dt.datetime) -> bool:
    """Completion by time; whether this completed it. An open case holds it: closing the case schedules this again."""
    with transaction.atomic():
        order = transition.locked(order_ulid)
        if order.state != OrderState.RECEIVED or has_open_refund(order):
            return False
        complete_order(order_ulid=order_ulid, actor="system", now=now)
    return True


def aftersales_end(order: Order) -> dt.datetime:
    """When a received order may complete."""
    assert order.received_at is not None
    return order.received_at + dt.timedelta(days=order.aftersales_days)


def has_open_refund(order: Order) -> bool:
    """Whether an after-sales case waits for a decision or for its money."""
    return Refund.objects.filter(order=order, kind=RefundKind.CASE, state__in=sorted(OPEN_REFUND)).exists()
