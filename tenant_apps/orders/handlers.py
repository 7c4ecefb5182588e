"""What orders do when payments, refunds or the clock speak. Wired in saas.config.wiring."""

from django.db.models import Sum

from saas.kernel.clock import now
from saas.messaging.bus.services import Event
from tenant_apps.catalog import services as catalog
from tenant_apps.orders import services
from tenant_apps.orders.models import OrderLine, Refund

_ORDER = "order:"
_PURCHASE = "purchase:"


def on_payment_confirmed(event: Event) -> None:
    """Money for a document has come; other documents' payments are not ours."""
    document = str(event.payload["document"])
    payment, amount = str(event.payload["payment"]), int(event.payload["amount"])
    if document.startswith(_ORDER):
        services.mark_paid(order_ulid=document.removeprefix(_ORDER), payment=payment, amount=amount, now=now())
    elif document.startswith(_PURCHASE):
        purchase = document.removeprefix(_PURCHASE)
        services.mark_purchase_paid(purchase=purchase, payment=payment, amount=amount, now=now())


def on_payment_due(event: Event) -> None:
    """The time to pay is over."""
    services.cancel_if_unpaid(order_ulid=str(event.payload["order"]), now=now())


def on_paid(event: Event) -> None:
    """Count the sale on the products' cards; a fee has nothing to ship, a membership begins, and a first order may bring coupons."""
    services.begin_fee(order_ulid=str(event.payload["order"]), now=now())
    services.give_for_first_order(order_ulid=str(event.payload["order"]), now=now())
    pieces = (
        OrderLine.objects.filter(order__ulid=event.payload["order"])
        .values("product_ulid")
        .annotate(pieces=Sum("qty"))
        .values_list("product_ulid", "pieces")
    )
    catalog.record_sold(dict(pieces))


def on_receive_due(event: Event) -> None:
    """Nobody has confirmed receipt in time."""
    services.receive_if_due(order_ulid=str(event.payload["order"]), now=now())


def on_complete_due(event: Event) -> None:
    """The after-sales window has closed."""
    services.complete_if_due(order_ulid=str(event.payload["order"]), now=now())


def on_case_due(event: Event) -> None:
    """The time of whoever had to act in an after-sales case is over."""
    services.advance_if_due(refund_ulid=str(event.payload["refund"]), now=now())


def on_refunded(event: Event) -> None:
    """A refund's money has arrived; refunds of other documents are not ours."""
    if Refund.objects.filter(ulid=event.payload["refund"]).exists():
        services.mark_refunded(refund_ulid=str(event.payload["refund"]), now=now())
