"""Facts from control, and instants that were waited for."""

from saas.kernel.clock import now
from saas.messaging.bus.services import Event
from tenant_apps.modes import operators


def on_mode_ruled(event: Event) -> None:
    """Control has ruled about a mode of this mall (saas.config.facts brings it here)."""
    operators.receive_ruling(fact=event.payload, now=now())


def on_ruling_due(event: Event) -> None:
    """The time of an approval or a stop is over."""
    due = event.payload
    operators.note_end(kind=due["kind"], subject=due["subject"], version=int(due["version"]), now=now())
