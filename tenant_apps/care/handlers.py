"""What care does when others speak. Wired in saas.config.wiring."""

from saas.kernel.clock import now
from saas.kernel.money import format_yuan
from saas.messaging.bus.services import Event
from tenant_apps.care import services
from tenant_apps.care.models import Review, Shelf
from tenant_apps.orders import selectors as orders
from tenant_apps.orders.models import Order


def on_member_closed(event: Event) -> None:
    """A closed account keeps nothing, and its reviews bear no name."""
    who = str(event.payload["member"])
    Shelf.objects.filter(member__ulid=who).delete()
    Review.objects.filter(member__ulid=who).update(is_anonymous=True)


def on_order_refunded(event: Event) -> None:
    """Money has gone back: the order's invoice follows."""
    order = orders.order(str(event.payload["order"]))
    services.follow_refunds(order=order, now=now())
    for refund in order.refunds.all():
        if refund.ulid == event.payload["refund"] and refund.amount:
            _text(order, "refund_done", refund.ulid, amount=format_yuan(refund.amount))


def on_order_shipped(event: Event) -> None:
    """The goods are on their way."""
    order = orders.order(str(event.payload["order"]))
    _text(order, "order_shipped", order.ulid, carrier=order.carrier, tracking=order.tracking_number)


def on_case_moved(event: Event) -> None:
    """The seller, the mall or the clock did something in a shopper's case."""
    _text(orders.order(str(event.payload["order"])), "case_moved", event.event_id)


def on_complaint_due(event: Event) -> None:
    """A deadline of a complaint is near, or over."""
    services.follow_complaint(talk_ulid=str(event.payload["talk"]), now=now())


def _text(order: Order, kind: str, key: str, **words: str) -> None:
    services.text_member(
        member=order.member,
        kind=kind,
        context={"number": order.number, **words},
        key=f"{kind}:{key}"[:120],
        now=now(),
    )
