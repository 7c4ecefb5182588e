"""Fees sold by an ordinary order (MODES 1.3): nothing to ship; a membership begins at payment and may be given back."""

import datetime as dt

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from saas.kernel.errors import DomainError
from saas.kernel.money import format_yuan
from saas.ledger import selectors as book
from tenant_apps.catalog.rules import ProductKind
from tenant_apps.modes import selectors as modes
from tenant_apps.modes.partner_membership import selectors as partner
from tenant_apps.modes.partner_membership import services as partner_services
from tenant_apps.modes.partner_membership.settings import PartnerMembershipSettings
from tenant_apps.orders.models import Order, OrderLine
from tenant_apps.orders.rules import DeliveryKind, OrderState
from tenant_apps.orders.services.fulfilment import hand_over
from tenant_apps.sellers.rules import deposit_of


def begin_fee(*, order_ulid: str, now: dt.datetime) -> bool:
    """A paid order of a fee, or at a till, is received at once, and the membership it bought begins; whether it was one."""
    with transaction.atomic():
        line = OrderLine.objects.filter(order__ulid=order_ulid).select_related("order__member").first()
        if line is None or (line.kind == ProductKind.GOODS and line.order.delivery_kind != DeliveryKind.TILL):
            return False
        if not hand_over(order_ulid=order_ulid, now=now):
            return False
        if line.kind == ProductKind.MEMBERSHIP:
            pinned = modes.settings_for_order(line.order.settings_versions).get("partner_membership")
            settings = pinned.values if pinned else PartnerMembershipSettings()
            partner_services.start_membership(
                member_ulid=line.order.member.ulid,
                order_ulid=order_ulid,
                fee_amount=line.cash_amount,
                settings=settings,
                now=now,
            )
    return True


def membership_value(order: Order, now: dt.datetime) -> int | None:
    """What giving back this order's membership is worth now, in fen; None where it bought none.

    Used is a membership once an order at a member price was placed after it was paid, and not cancelled.
    """
    row = partner.membership_of_order(order.ulid)
    if row is None:
        return None
    used = (
        OrderLine.objects.filter(
            order__member_id=order.member_id,
            order__placed_at__gte=row.bought_at,
            level_amount__lt=F("gross_amount"),
        )
        .exclude(order__state=OrderState.CANCELLED)
        .exists()
    )
    return partner.refundable_amount(order.ulid, used=used, now=now)


class DepositUsed(DomainError):
    """Less is left of a deposit than the refund would give back."""

    code = "deposit_used"
    http_status = 422
    message = _("Of this deposit ¥{left} is left: refund at most that.")  # type: ignore[assignment]


def require_deposit(order: Order, line: OrderLine, amount: int) -> None:
    """Raise DepositUsed unless a completed order's deposit still has the `amount` fen that is to go back."""
    left = max(0, book.available(deposit_of(line.seller_ulid)))
    if order.state == OrderState.COMPLETED and amount > left:
        raise DepositUsed(left=format_yuan(left))


def give_back(order: Order, *, actor: str, now: dt.datetime) -> None:
    """A refund of this order was approved: its membership ends."""
    partner_services.end_membership(order_ulid=order.ulid, actor=actor, now=now)
