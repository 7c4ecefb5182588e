"""Facts from cells and ends of runs."""

from provisioning.lifecycle.services import arrivals, deletions, demos, exports, reports
from provisioning.orchestrator import services as orchestrator
from saas.kernel.clock import now
from saas.messaging.bus.services import Event
from saas.tenants.vendors.rules import PlaceState


def on_backup_reported(event: Event) -> None:
    """A backup was taken, failed or was deleted."""
    reports.note_backup(fact=event.payload)


def on_demo_reported(event: Event) -> None:
    """A demo was made anew, or could not be."""
    demos.note_reset(fact=event.payload)


def on_drill_reported(event: Event) -> None:
    """A drill is over."""
    reports.note_drill(fact=event.payload)


def on_export_ready(event: Event) -> None:
    """An export lies in the storage."""
    exports.note_ready(fact=event.payload, now=now())


def on_run_ended(event: Event) -> None:
    """A run of an export, an import or a deletion is over. Payload: `run`, `kind`, `state`."""
    run, state = str(event.payload["run"]), str(event.payload["state"])
    if event.payload["kind"] == "export":
        exports.note_run_ended(run=run, state=state)
    elif event.payload["kind"] == "import":
        arrivals.note_run_ended(run=run, state=state)
    elif event.payload["kind"] == "delete":
        deletions.note_run_ended(run=run, state=state, now=now())


def on_closing_facts(event: Event) -> None:
    """What is still open in a mall whose deletion was asked for."""
    deletions.note_answer(fact=event.payload, now=now())


def on_opened_again(event: Event) -> None:
    """A held mall works. Payload: `state` of the mall in its cell."""
    wanted = PlaceState.LIVE if event.payload["live"] else PlaceState.REHEARSAL
    orchestrator.note_opened(mall=event.mall, wanted=wanted, now=now())
