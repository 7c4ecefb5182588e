"""What gift packs do when an order completes or goes back. Wired in saas.config.wiring."""

from saas.kernel.clock import now
from saas.messaging.bus.services import Event
from tenant_apps.modes.gift_pack import services


def on_order_completed(event: Event) -> None:
    """Give what the order's packs grant."""
    services.grant(told=event.payload, now=now())


def on_order_refunded(event: Event) -> None:
    """Take back what returned packs granted."""
    services.take_back(told=event.payload, now=now())
