"""What link 2+1 does when an order goes back. Joining is called by settlement at completion. Wired in saas.config.wiring."""

from saas.kernel.clock import now
from saas.messaging.bus.services import Event
from tenant_apps.modes.link21 import services


def on_order_refunded(event: Event) -> None:
    """A direct whose order came back no longer counts."""
    services.take_back(told=event.payload, now=now())
