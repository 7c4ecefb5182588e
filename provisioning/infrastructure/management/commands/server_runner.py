"""`mall django control server_runner`: plan and apply what the console asks for, until it is stopped."""

import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from provisioning.infrastructure import runner
from provisioning.infrastructure.rules import ENVIRONMENTS

_POLL_SECONDS = 3.0


class Command(BaseCommand):
    help = "Plan and apply changes of servers. Run it where terraform and the cloud's credentials are."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("environment", choices=ENVIRONMENTS)
        parser.add_argument("--modules", type=Path, default=settings.BASE_DIR / "terraform" / "environments")
        parser.add_argument("--backend", action="append", default=[], metavar="KEY=VALUE", help="of terraform init")
        parser.add_argument("--once", action="store_true", help="take what waits, then end")

    def handle(self, *args: Any, **options: Any) -> None:
        pairs = [one.split("=", 1) for one in options["backend"]]
        if any(len(pair) != 2 for pair in pairs):
            raise CommandError("--backend: KEY=VALUE")
        while True:
            taken = runner.work(
                environment=options["environment"],
                modules=options["modules"],
                home=Path(settings.HOME) / "terraform",
                backend={key: value for key, value in pairs},
            )
            if taken:
                self.stdout.write(f"{taken} taken")
            if options["once"]:
                return
            time.sleep(_POLL_SECONDS)
