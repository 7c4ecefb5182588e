"""A runner killed with -9: what it left is named, and the next plan goes on from Terraform's state."""

import os
import shutil
import subprocess
import sys

import pytest

from provisioning.infrastructure import runner, services
from tests.control.provisioning.servers.cast import NOW, work

COMMAND = (
    "import django, sys; django.setup(); from django.core.management import call_command; call_command(*sys.argv[1:])"
)


@pytest.mark.skipif(shutil.which("terraform") is None, reason="terraform is not on this machine")
@pytest.mark.parametrize("point, made", [("infrastructure.applying.begun", 0), ("infrastructure.applying.done", 3)])
def test_a_killed_runner_leaves_a_change_that_says_so(committed, place, ask, point, made):
    row = ask()
    work(place)
    services.approve_change(ulid=row.ulid, confirmation="", actor="user:a", now=NOW)
    (place / "terraform").symlink_to(place / "home")
    killed = subprocess.run(
        [sys.executable, "-c", COMMAND, "server_runner", "staging", "--once", f"--modules={place / 'modules'}"],
        env={**os.environ, "CRASH_AT": point, "MALL_HOME": str(place)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert killed.returncode == 137, killed.stderr
    row.refresh_from_db()
    assert row.state == "applying"
    runner.work(environment="staging", modules=place / "modules", home=place / "home")
    row.refresh_from_db()
    assert row.state == "failed"
    assert "plan again" in row.failure
    again = ask(reason="again")
    work(place)
    again.refresh_from_db()
    assert again.to_add == 3 - made
    assert again.state == ("applied" if made else "planned")
