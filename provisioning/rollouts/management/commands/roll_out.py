"""Bring the malls of this cell to the code's migrations: take up the rollout under way, or begin one with --start."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import connection

from provisioning.rollouts import engine, selectors, services
from saas.kernel.clock import now
from saas.kernel.ids import new_ulid


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--start", action="store_true", help="begin one if none is under way")
        parser.add_argument("--by", default="system")
        parser.add_argument("--reason", default="")

    def handle(self, *args: Any, **options: Any) -> None:
        connection.set_schema_to_public()  # type: ignore[attr-defined]
        if not services.take_lead():
            self.stdout.write("another process works on the rollout of this cell")
            return
        rollout = selectors.running()
        if rollout is None and options["start"]:
            rollout = services.start_rollout(ulid=new_ulid(), actor=options["by"], reason=options["reason"], now=now())
        if rollout is not None and rollout.finished_at is None:
            engine.roll_out(rollout, tell=self.stdout.write)
        services.give_up_lead()
        if rollout is not None:
            self.stdout.write(f"rollout {rollout.ulid}: {selectors.summary(rollout.ulid)}")
