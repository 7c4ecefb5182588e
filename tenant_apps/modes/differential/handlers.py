"""When turnover changed, and when a month is over. Wired in saas.config.wiring."""

from saas.kernel.clock import now
from saas.messaging.bus.services import Event
from tenant_apps.modes.differential import services


def on_turnover_changed(event: Event) -> None:
    """A completed order may have lifted its buyer, or who referred him."""
    if event.payload["reason"] == "completed":
        services.raise_ranks(member_ulids=event.payload["members"], now=now())


def on_month_end(event: Event) -> None:
    """Ranks that turnover no longer supports."""
    services.lower_ranks(now=now())
