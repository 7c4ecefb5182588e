"""What the first paid order of somebody who was invited brings, and takes back when it is refunded whole."""

import datetime as dt

from saas.kernel.transactions import retried_transaction
from tenant_apps.orders.models import Order
from tenant_apps.orders.rules import OrderState
from tenant_apps.orders.services import transition
from tenant_apps.promotions import selectors
from tenant_apps.promotions import services as promotions
from tenant_apps.promotions.services.inviting import PAID


@retried_transaction
def give_for_first_order(*, order_ulid: str, now: dt.datetime) -> int:
    """Coupons for the first order that its buyer has paid with money; how many. Repeats give nothing more.

    Where no such coupon runs, no statement.
    """
    if not any(row.audience in PAID for row in selectors.by_invitation(now=now)):
        return 0
    order = transition.locked(order_ulid)  # a refund of it waits, or has been
    if order.paid_at is None or not order.total_amount or order.state == OrderState.REFUNDED:
        return 0
    before = Order.objects.filter(member=order.member, paid_at__isnull=False, total_amount__gt=0)
    first = before.order_by("paid_at", "pk").values_list("pk", flat=True).first()
    if first != order.pk:
        return 0
    return len(promotions.give_for_first_order(invited_ulid=order.member.ulid, order_ulid=order.ulid, now=now))
