"""What has been used of a store's card after it was sold: that part of the line's value never goes back."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from saas.kernel.errors import DomainError
from tenant_apps.catalog.rules import ProductKind
from tenant_apps.orders.models import Order, OrderLine
from tenant_apps.orders.rules import REFUNDABLE
from tenant_apps.orders.services import fulfilment, transition


class ValueGone(DomainError):
    """Nothing of the line is left to use: it has been paid back, or the order never stood."""

    code = "value_gone"
    message = _("What was left of this card has been paid back.")  # type: ignore[assignment]


def record_use(*, order_ulid: str, line_ulid: str, used_amount: int, now: dt.datetime) -> OrderLine:
    """So much of a line's goods value (fen of M − Ds, cumulative) has been used up. What was paid back by amount before
    cannot be used up again, so it counts at most to what is left. Raises NotFound, ValueGone, RefundOpen.
    """
    with transaction.atomic():
        order = transition.locked(order_ulid)
        line = OrderLine.objects.get(order=order, ulid=line_ulid)
        most = line.value_amount - line.refunded_value_amount
        if used_amount > line.used_value_amount:  # less is always taken: what a card had paid for came back
            _require_usable(order, line, used_amount, most)
        line.used_value_amount = min(used_amount, most)
        line.save(update_fields=["used_value_amount"])
    return line


def _require_usable(order: Order, line: OrderLine, used_amount: int, most: int) -> None:
    returned = line.refunded_value_amount > 0
    gone = used_amount > most if line.kind == ProductKind.STORED_CARD else returned and line.used_value_amount >= most
    if order.state not in REFUNDABLE or gone:
        raise ValueGone
    if fulfilment.has_open_refund(order):
        raise fulfilment.RefundOpen
