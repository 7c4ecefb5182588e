"""What has been used of a store's card after it was sold: that part of the line's value never goes back."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from saas.kernel.errors import DomainError
from tenant_apps.orders.models import OrderLine
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
        if order.state not in REFUNDABLE or (
            used_amount > line.used_value_amount >= most and line.refunded_value_amount
        ):
            raise ValueGone
        if fulfilment.has_open_refund(order):
            raise fulfilment.RefundOpen
        line.used_value_amount = min(used_amount, most)
        line.save(update_fields=["used_value_amount"])
    return line
