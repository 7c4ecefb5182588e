"""Two database servers, control and two cells, and real relay processes between them (SCALE 5)."""

import contextlib
import http.client
import json
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connections

from saas.runtime.environment import role_environment
from saas.runtime.paths import PROJECT, free_port
from saas.runtime.postgres import Postgres
from saas.runtime.redis import Redis
from tests import environment
from tests.warm import Process, Warm

# What the processes of a role import sooner or later: once, before they fork.
_MODULES = {"cell": ["saas.config.urls_cell", "saas.config.celery"], "control": ["saas.config.celery"], "relay": []}
MARK = f"MALL_TEST_RUN={uuid.uuid4().hex}"  # inherited by whatever our processes start, wherever that moves itself


def marked() -> list[int]:
    """Every living process that descends from one of ours, children of killed parents included."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            if MARK.encode() in (entry / "environ").read_bytes().split(b"\0"):
                found.append(int(entry.name))
        except OSError:
            continue
    return found


def end_marked() -> None:
    """Kill what is left of the processes that the tests started."""
    end = time.monotonic() + 20
    while left := marked():
        assert time.monotonic() < end, f"processes {left} do not end"
        for pid in left:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        time.sleep(0.02)


def wait_until(condition: Callable[[], object], *, seconds: float = 20.0, what: str = "it") -> object:
    """Poll until `condition` is truthy; fails the test after `seconds`."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := condition():
            return found
        time.sleep(0.05)
    raise AssertionError(f"{what} did not happen within {seconds} s")


@dataclass
class Platform:
    """Control and cell c1 on the first server, cell c2 on the second."""

    first: Postgres
    second: Postgres
    redis: Redis
    ports: dict[str, int]
    processes: list[subprocess.Popen | Process] = field(default_factory=list)
    forking: dict[tuple[str, str], Warm] = field(default_factory=dict)

    def server(self, name: str) -> Postgres:
        return self.second if name == "c2" else self.first

    def database(self, name: str) -> str:
        return f"cells_{name}"

    def connect(self, name: str, role: str = "mallwright_app") -> psycopg.Connection:
        """An autocommit connection to `control`, `c1` or `c2`."""
        url = self.server(name).url(self.database(name), role)
        return psycopg.connect(url, autocommit=True)

    def environment(self, role: str, cell: str = "c1", *, owner: bool = False) -> dict[str, str]:
        """Variables of a process of `role` serving `cell`."""
        values = role_environment(role, environment.HOME, cell=cell)
        values |= {"REDIS_URL": self.redis.url, "CELERY_BROKER_URL": self.redis.broker_url}
        values |= {"MALL_PORT": str(self.ports[cell]), "SANDBOX_ORIGIN": f"http://127.0.0.1:{self.ports['sandbox']}"}
        values["CELL_INTERNAL_ORIGIN"] = f"http://127.0.0.1:{self.ports[cell]}"
        who = "mallwright_owner" if owner else "mallwright_app"
        for name, place in (("CONTROL_DATABASE", "control"), ("DATABASE", cell)):
            server, database = self.server(place), self.database(place)
            if f"{name}_URL" in values:
                values[f"{name}_URL"] = server.url(database, who)
                values[f"{name}_OWNER_URL"] = server.url(database, "mallwright_owner")
        for other in ("c1", "c2"):  # what provisioning workers are given, to move malls
            values[f"CELLS_{other.upper()}_OWNER_URL"] = self.server(other).url(
                self.database(other), "mallwright_owner"
            )
            replication = self.server(other).url(self.database(other), "postgres")
            values[f"CELLS_{other.upper()}_OWNER_URL_REPLICATION"] = replication
        name, _, value = MARK.partition("=")
        return {**os.environ, **values, name: value, "DJANGO_SETTINGS_MODULE": "saas.config.settings.test"}

    def warm(self, role: str, cell: str = "c1") -> Warm:
        """What forks the processes of a role in a cell: Python and Django start once for all of them."""
        if (role, cell) not in self.forking:
            self.forking[role, cell] = Warm(self.environment(role, cell), modules=_MODULES[role])
        return self.forking[role, cell]

    def run(self, arguments: list[str], role: str, cell: str = "c1", *, owner: bool = False) -> str:
        """Run `python …` in a role to its end; its output."""
        if owner:
            command, values = [sys.executable, *arguments], self.environment(role, cell, owner=True)
            done = subprocess.run(command, env=values, cwd=PROJECT, capture_output=True, text=True)
        else:
            done = self.warm(role, cell).run(arguments)
        assert done.returncode == 0, f"{arguments}: {done.stdout[-1500:]}\n{done.stderr[-3000:]}"
        return done.stdout

    def spawn(self, arguments: list[str], role: str, cell: str = "c1") -> Process:
        """Start `python …` in a role; ended with the test."""
        # Only the worker, which provisions, has the owner's.
        without = [] if "saas.config.celery" in arguments else ["DATABASE_OWNER_URL"]
        with self.log(role, cell).open("ab") as log:
            output = log.fileno()
            process = self.warm(role, cell).start(arguments, out=output, err=output, without=without)
        self.processes.append(process)
        return process

    def log(self, role: str, cell: str) -> Path:
        """What the processes of a role said."""
        return environment.HOME / f"cells-{role}-{cell}.log"

    def web(self, cell: str) -> subprocess.Popen:
        """A cell's web process; it starts its own. It answers once `answers` is true."""
        command = [
            sys.executable,
            "-m",
            "granian",
            "--interface",
            "wsgi",
            "--host",
            "127.0.0.1",
            "--port",
            str(self.ports[cell]),
        ]
        command += ["--no-ws", "--workers", "1", "--blocking-threads", "4", "saas.config.wsgi:application"]
        values = self.environment("cell", cell)
        values.pop("DATABASE_OWNER_URL", None)
        with self.log("web", cell).open("ab") as log:
            process = subprocess.Popen(command, env=values, cwd=PROJECT, stdout=log, stderr=log, start_new_session=True)
        self.processes.append(process)
        return process

    def answers(self, cell: str) -> bool:
        """Whether a cell's web answers."""
        return self.get(cell, "nobody.localhost") is not None

    def worker(self, role: str, cell: str = "c1") -> Process:
        """A worker of control or of a cell."""
        command = ["-m", "celery", "-A", "saas.config.celery", "worker", "--pool", "prefork", "--concurrency", "1"]
        name = f"{role}-{cell}@%h"
        return self.spawn(
            [*command, "-B", "-s", f"{environment.HOME}/beat-{role}-{cell}", "--hostname", name], role, cell
        )

    def get(self, cell: str, host: str, path: str = "/") -> int | None:
        """The status that a cell's web answers for a host; None if nothing answers."""
        connection = http.client.HTTPConnection("127.0.0.1", self.ports[cell], timeout=30)
        try:
            connection.request("GET", path, headers={"Host": host})
            return connection.getresponse().status
        except OSError:
            return None
        finally:
            connection.close()

    def call(self, code: str, role: str, cell: str = "c1") -> Any:
        """Run Python in a role, after django.setup(); what it hands to `answer(…)`."""
        head = "import json, django; django.setup()\ndef answer(it): print('answer:' + json.dumps(it))\n"
        said = self.run(["-c", head + code], role, cell)
        lines = [line[7:] for line in said.splitlines() if line.startswith("answer:")]
        return json.loads(lines[-1]) if lines else None

    def end(self, process: subprocess.Popen | Process, *, kill: bool = False) -> None:
        """Stop a process, by SIGTERM or, with everything that it started, by kill -9."""
        if kill:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        else:
            process.terminate()
        process.wait(timeout=20)
        self.processes.remove(process)


@pytest.fixture(scope="session")
def servers() -> Iterator[Platform]:
    """The databases, migrated."""
    second = Postgres(Path(f"{environment.HOME}-2"), durable=False)
    for server in (environment.SERVER, second):
        server.start()
        with server.connect() as connection:
            level = connection.execute("SHOW wal_level").fetchone()[0]
        if level != "logical":  # started before moves by replication were known
            connections.close_all()
            server.stop()
            server.start()
    redis = Redis(Path(f"{environment.HOME}-2"))
    redis.start()
    taken = {
        name: free_port(environment.PORTS + 10 + 3 * number, host="127.0.0.1")
        for number, name in enumerate(("c1", "c2", "sandbox"))
    }
    made = Platform(environment.SERVER, second, redis, taken)
    for name in ("control", "c1", "c2"):
        made.server(name).ensure_database(made.database(name), drop=True)
    made.run(["-m", "django", "migrate_public", "--verbosity", "0"], "control", owner=True)
    for cell in ("c1", "c2"):
        made.run(["-m", "django", "migrate_public", "--verbosity", "0"], "cell", cell, owner=True)
    yield made
    end_marked()
    redis.stop()
    second.stop()


@pytest.fixture
def platform(servers: Platform) -> Iterator[Platform]:
    """The databases, with empty outboxes and inboxes; whatever the test spawned is ended."""
    for name in ("control", "c1", "c2"):
        with servers.connect(name, "mallwright_owner") as connection:
            connection.execute("TRUNCATE bus_outboxevent, bus_inboxevent, bus_consumption")
    yield servers
    for process in list(servers.processes):
        servers.end(process, kill=True)
