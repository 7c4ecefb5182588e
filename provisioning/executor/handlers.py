"""Orders from control."""

from django.db import transaction

from provisioning.executor import services, tasks
from saas.kernel.clock import real_now as now
from saas.messaging.bus.services import Event


def on_provision_requested(event: Event) -> None:
    """Make a mall. (If the message to the worker is lost, the sweeper starts the run.)"""
    _accept(event)


def on_rollback_requested(event: Event) -> None:
    """Unmake a mall."""
    _accept(event)


def on_cancel_requested(event: Event) -> None:
    """Stop before the next step."""
    services.cancel_order(run=str(event.payload["run"]), serial=int(event.payload["serial"]))


def _accept(event: Event) -> None:
    execution = services.accept_order(order=event.payload, now=now())
    if execution is not None:
        run = execution.run
        transaction.on_commit(lambda: tasks.run.apply_async(kwargs={"run": run}, retry=False), robust=True)
