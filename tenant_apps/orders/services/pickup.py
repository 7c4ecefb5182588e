"""Goods fetched at a store: a code from payment on, redeemed once by the store that hands them over (MODES 9b)."""

import datetime as dt
import re
import secrets

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from saas.identity import audit
from saas.kernel.clock import CHINA
from saas.kernel.errors import DomainError, InvalidInput
from tenant_apps.orders.models import Order
from tenant_apps.orders.rules import DeliveryKind, OrderState
from tenant_apps.orders.services import fulfilment

DIGITS = 10
WAITING = (OrderState.PAID, OrderState.SHIPPED)  # shipped: it is on its way to the store, or lies there


class PickupCodeUnknown(InvalidInput):
    """No order waits at this store under this code."""

    code = "pickup_code_unknown"
    message = _("No order waits here under this code. Compare it with the shopper's phone.")


class AlreadyHandedOver(DomainError):
    """The code was redeemed before; `at` says when."""

    code = "already_handed_over"
    message = _("This code was redeemed at {at}: the goods have been handed over.")  # type: ignore[assignment]


def fresh_code(order: Order) -> dict[str, str]:
    """The code of an order that is fetched at a store, as a change of the order; nothing for any other.

    Random, and unlike every open one of that store: the table holds the constraint, this merely avoids meeting it.
    """
    if order.delivery_kind != DeliveryKind.PICKUP:
        return {}
    while True:
        code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
        if not Order.objects.filter(pickup_store=order.pickup_store, pickup_code=code, received_at=None).exists():
            return {"pickup_code": code}


def code_in(text: str) -> str:
    """The code in what was typed or scanned: its digits, or those at the end of the address in the QR code."""
    found = re.search(r"(?:^|[=/])(\d{10})$", re.sub(r"[\s-]", "", text))
    return found[1] if found else ""


def redeem_pickup(*, store_ulid: str, code: str, actor: str, now: dt.datetime) -> Order:
    """Hand an order over at a store, once: of many who scan at the same moment one succeeds.

    The shopper's after-sales window begins. Raises PickupCodeUnknown, AlreadyHandedOver, RefundOpen.
    """
    wanted = code_in(code)
    if not wanted:
        raise PickupCodeUnknown(field="code")
    with transaction.atomic():
        mine = Order.objects.filter(pickup_store=store_ulid, pickup_code=wanted)
        open_one = mine.filter(received_at=None, state__in=WAITING)
        order = open_one.select_for_update(of=("self",)).first()  # who waited for the lock finds it received
        if order is None:
            before = mine.filter(received_at__isnull=False).order_by("-received_at").first()
            if before is None or before.received_at is None:
                raise PickupCodeUnknown(field="code")
            raise AlreadyHandedOver(at=before.received_at.astimezone(CHINA).strftime("%Y-%m-%d %H:%M"))
        if fulfilment.has_open_refund(order):
            raise fulfilment.RefundOpen
        fulfilment.record_receipt(order, actor, now, shipped_at=order.shipped_at or now)
        audit.record(actor, "order.handed_over", target=f"order:{order.ulid}", store=store_ulid)
    return order
