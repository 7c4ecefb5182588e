"""Facts from cells about runs."""

from provisioning.orchestrator import services
from saas.kernel.clock import now
from saas.messaging.bus.services import Event


def on_step_finished(event: Event) -> None:
    """A step began, ended, failed or waits for another try."""
    services.apply_step_fact(fact=event.payload, now=now())
