"""Facts from cells about runs."""

from provisioning.orchestrator import services
from saas.kernel.clock import now
from saas.messaging.bus.services import Event


def on_step_finished(event: Event) -> None:
    """A step began, ended, failed or waits for another try."""
    services.apply_step_fact(fact=event.payload, now=now())


def on_retire_due(event: Event) -> None:
    """The days are over for which the copy that a move left behind is kept. Raises while another run is under way."""
    services.retire_copy(run_ulid=str(event.payload["run"]), reason="", actor="system", now=now())


def on_rollout_progressed(event: Event) -> None:
    """A wave of a rollout is done, or the rollout is."""
    services.apply_rollout_fact(fact=event.payload, now=now())
