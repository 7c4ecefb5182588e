"""What benches of a running installation share: a mall in it, its processes, its statements, and the floor F."""

import http.client
import os
import re
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

import psycopg

from saas.runtime import paths, session
from saas.runtime.bench import Bench
from saas.runtime.bench.floor import TABLE
from saas.runtime.bench.load import Act, Result, get, tree
from saas.runtime.bench.load import measure as load
from saas.runtime.call import call
from saas.runtime.postgres import Postgres
from saas.runtime.processes import Ports

INSIDE = "saas.runtime.bench.inside"
WANTED = {"control": 18000, "cell": 18100, "sandbox": 18300}
CLIENTS = 8


def open_mall(bench: Bench, ports: Ports) -> dict[str, Any]:
    """A mall by the real pipeline, with a few of the demo's goods: what the run told."""
    stamp = call("control", f"{INSIDE}.stamp", bench.home)
    mall: dict[str, Any] = call(
        "control", "saas.runtime.inside_control.open_mall", bench.home, extra=ports.addresses(), key=f"bench:{stamp}",
        name="Bench", subdomain=f"bench-{stamp}", owner=f"bench-{stamp}@example.com",
    )  # fmt: skip
    call(
        "cell", "saas.runtime.inside_cell.seed_mall", bench.home, extra=ports.addresses(), mall=mall["mall"],
        seed="saas.runtime.demo_seed.seed", kind="grocery", owner="", password="bench-password-1", most=30,
    )  # fmt: skip
    return mall


def warm(act: Act, port: int) -> None:
    """Ask thirty times before anything is measured."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    for _ in range(30):
        act(connection)
    connection.close()


def counted(bench: Bench, run: Callable[[], Result]) -> tuple[Result, float]:
    """A run and its statements in the cell's database, each; SET, BEGIN and COMMIT are not among them."""
    with Postgres(bench.home).connect("cell_c1") as connection:
        connection.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
        connection.execute("SELECT pg_stat_statements_reset()")
        result = run()
        query = (
            "SELECT coalesce(sum(calls), 0) FROM pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid"
            " WHERE d.datname = current_database() AND query NOT LIKE '%pg_stat%'"
        )
        row = connection.execute(query).fetchone()
    return result, int(row[0] if row else 0) / result.requests


def measured(bench: Bench, act: Act, port: int, count: int, backends: Callable[[], list[int]]) -> tuple[Result, float]:
    """`count` requests of the cell's web after a warming up, and the statements of each; its processes are metered."""
    warm(act, port)
    web = by_name()["web-cell"]
    run = partial(load, act, port=port, clients=CLIENTS, requests=count, processes=lambda: [*tree(web), *backends()])
    return counted(bench, run)


def by_name() -> dict[str, int]:
    """The pids of this process's own children of interest."""
    found: dict[str, int] = {}
    for pid in tree(os.getpid())[1:]:
        try:
            with open(f"/proc/{pid}/cmdline") as handle:
                command = handle.read().replace("\0", " ")
            with open(f"/proc/{pid}/environ") as handle:
                role = re.search(r"(?:^|\0)ROLE=(\w+)", handle.read())
        except OSError:
            continue
        for name, mark in (
            ("web", "granian"),
            ("worker", " worker "),
            ("deliverer", "saas.config.deliverer"),
            ("relay", "saas.messaging.relay"),
        ):
            if mark in command and role:
                key = name if name in ("deliverer", "relay") else f"{name}-{role.group(1)}"
                found[key] = min(pid, found.get(key, pid))
    return found


def backends(bench: Bench) -> Callable[[], list[int]]:
    """A function that finds the database backends of now."""
    server = Postgres(bench.home)

    def find() -> list[int]:
        with server.connect() as connection:
            rows = connection.execute(
                "SELECT pid FROM pg_stat_activity"
                " WHERE (datname LIKE 'cell%' OR datname = 'floor') AND usename = 'mallwright_app'"
            )
            return [pid for (pid,) in rows.fetchall()]

    return find


def floor(bench: Bench, count: int, backends: Callable[[], list[int]]) -> Result:
    server = Postgres(bench.home)
    server.ensure_database("floor")
    with psycopg.connect(server.url("floor", "mallwright_owner"), autocommit=True) as connection:
        connection.execute(TABLE)
    port = paths.free_port(18500, host="127.0.0.1")
    command = [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port), "--no-ws",
        "--workers", "2", "--blocking-threads", "4", "saas.runtime.bench.floor:application",
    ]  # fmt: skip
    environment = {**os.environ, "FLOOR_DATABASE_URL": server.url("floor")}
    process = subprocess.Popen(
        command, env=environment, cwd=paths.PROJECT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        session.wait_until_answering(port)
        act = get("/floor", "localhost")
        warm(act, port)
        return load(
            act, port=port, clients=CLIENTS, requests=count, processes=lambda: [*tree(process.pid), *backends()]
        )
    finally:
        process.terminate()
        process.wait()
