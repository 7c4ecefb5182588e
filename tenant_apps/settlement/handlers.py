"""Events of orders → settlement. Each ensures what it needs, so they may come twice and in any order."""

from saas.kernel.clock import now
from saas.messaging.bus.services import Event
from tenant_apps.settlement import facts, services
from tenant_apps.settlement.services import coins, subsidy_closing


def on_order_paid(event: Event) -> None:
    """Freeze the awards of a paid order."""
    services.award_order(order=facts.paid_order(event.payload["order"]), now=now())


def on_area_changed(event: Event) -> None:
    """A paid order goes to another area: its agents' awards are made again there."""
    services.award_order(order=facts.paid_order(event.payload["order"]), now=now())


def on_order_completed(event: Event) -> None:
    """Hand out the money of a completed order."""
    services.release_order(order=facts.paid_order(event.payload["order"]), now=now())


def on_refund_approved(event: Event) -> None:
    """Lay a refund on its bearers and send the money back."""
    order_ulid, refund = facts.approved_refund(event.payload["refund"])
    services.apply_refund(order=facts.paid_order(order_ulid), refund=refund, now=now())


def on_order_refunded(event: Event) -> None:
    """Everything of an order has gone back and it will never complete: what its escrow still holds is handed out."""
    if event.payload["closed"]:
        services.release_order(order=facts.paid_order(event.payload["order"]), now=now())


def on_member_closed(event: Event) -> None:
    """An account was closed: its lots of the subsidy are void, its vouchers lapse, its coins end."""
    subsidy_closing.close_lots(member_ulid=event.payload["member"], now=now())
    coins.close(member_ulid=event.payload["member"], now=now())
