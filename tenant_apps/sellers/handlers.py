"""Events about sellers. Wired in saas.config.wiring."""

from saas.kernel.clock import now
from saas.messaging.bus.services import Event
from tenant_apps.sellers import services
from tenant_apps.sellers.rules import Asked


def on_selling_changed(event: Event) -> None:
    """A seller was opened, paused, closed or changed: his goods appear in lists, or go."""
    services.show_goods(seller_ulid=event.payload["seller"], now=now())


def on_order_completed(event: Event) -> None:
    """A seller's deposit has been paid for good: his shop may open."""
    for line in event.payload["lines"]:
        if line["kind"] == Asked.DEPOSIT and line["seller"]:
            services.finish_application(seller_ulid=line["seller"], paid_amount=line["cash"], now=now())
