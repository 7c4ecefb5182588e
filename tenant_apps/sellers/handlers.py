"""Events about sellers. Wired in saas.config.wiring."""

from saas.kernel.clock import now
from saas.messaging.bus.services import Event
from tenant_apps.sellers import services


def on_selling_changed(event: Event) -> None:
    """A seller was opened, paused, closed or changed: his goods appear in lists, or go."""
    services.show_goods(seller_ulid=event.payload["seller"], now=now())
