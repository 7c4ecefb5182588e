"""What members keep of what orders tell: turnover by day. Wired in saas.config.wiring."""

import datetime as dt
from typing import Any

from django.utils import timezone

from saas.kernel.clock import now
from saas.messaging.bus.services import Event
from tenant_apps.members import services


def on_order_completed(event: Event) -> None:
    """Completed purchases of goods count, fees never do."""
    _count(event.payload, key=str(event.payload["order"]), reason="completed", sign=1)


def on_order_refunded(event: Event) -> None:
    """What goes back of a completed order is taken off the day on which it counted."""
    if event.payload["completed_at"]:
        _count(event.payload, key=str(event.payload["refund"]), reason="refunded", sign=-1)


def _count(told: dict[str, Any], *, key: str, reason: str, sign: int) -> None:
    completed_at = dt.datetime.fromisoformat(told["completed_at"])
    services.add_turnover(
        member_ulid=told["member"],
        referrer_ulid=told["referrer"],
        day=timezone.localdate(completed_at),
        amount=sign * sum(line["cash"] for line in told["lines"] if line["kind"] == "goods"),
        key=key,
        reason=reason,
        now=now(),
    )
