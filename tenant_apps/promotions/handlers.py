"""What promotions do when members speak. Wired in saas.config.wiring."""

from saas.kernel.clock import now
from saas.messaging.bus.services import Event
from tenant_apps.promotions import services


def on_member_joined(event: Event) -> None:
    """Somebody has registered: an invitation may bring coupons."""
    services.give_for_registration(invited_ulid=str(event.payload["member"]), now=now())
