"""What control asks of a cell's files."""

from provisioning.archives import demos, services, shelves
from saas.kernel.clock import real_now
from saas.messaging.bus.services import Event


def on_backup_requested(event: Event) -> None:
    """Take a backup now: the sweeper does. Payload: `mall`, `ulid`, `reason`, `actor`."""
    part = event.payload
    services.ask_backup(
        mall=str(part["mall"]),
        ulid=str(part["ulid"]),
        reason=str(part["reason"]),
        actor=str(part["actor"]),
        now=real_now(),
    )


def on_drill_requested(event: Event) -> None:
    """Prove the newest backup: the sweeper does. Payload: `mall`, `ulid`, `actor`."""
    part = event.payload
    services.ask_drill(mall=str(part["mall"]), ulid=str(part["ulid"]), actor=str(part["actor"]), now=real_now())


def on_demo_switched(event: Event) -> None:
    """A mall is a public demo from now on, or no more. Payload: `mall`, `hour` (None: no demo), `seed`, `actor`."""
    part = event.payload
    demos.follow_switch(
        mall=str(part["mall"]), hour=part["hour"], seed=str(part["seed"]), actor=str(part["actor"]), now=real_now()
    )


def on_demo_reset_asked(event: Event) -> None:
    """Make a demo anew now. Payload: `mall`, `actor`. While another job runs the event comes again."""
    demos.start_reset(mall=str(event.payload["mall"]), actor=str(event.payload["actor"]), now=real_now())


def on_export_expired(event: Event) -> None:
    """The time of an export is over: delete the file. Payload: `mall`, `name`."""
    name, mall = str(event.payload["name"]), str(event.payload["mall"])
    if name.startswith(shelves.export_folder(mall)):
        shelves.delete(name)
