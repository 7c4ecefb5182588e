"""The list, the product page and a whole purchase over HTTP, beside F: a bare view that selects 20 rows (DESIGN 8)."""

import http.client
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import psycopg

from saas.runtime import paths, session
from saas.runtime.bench import Bench, Figure
from saas.runtime.bench.buyer import Buyer
from saas.runtime.bench.floor import TABLE
from saas.runtime.bench.load import Result, get, tree
from saas.runtime.bench.load import measure as load
from saas.runtime.bench.meter import Meter, Spent
from saas.runtime.call import call
from saas.runtime.postgres import Postgres
from saas.runtime.processes import Ports

_INSIDE = "saas.runtime.bench.inside"
_WANTED = {"control": 18000, "cell": 18100, "sandbox": 18300}
CLIENTS, BUYERS = 8, 4
Act = Callable[[http.client.HTTPConnection], None]


def measure(bench: Bench) -> Iterator[Figure]:
    """Requests or orders a second, CPU of app and database in units of F, and statements, each."""
    found: list[Figure] = []

    def work(ports: Ports) -> bool:
        found.extend(_measure(bench, ports))
        return False

    code = session.run(bench.home, bench.console, wanted=_WANTED, host="127.0.0.1", sandbox=True, work=work)
    if code or not found:
        raise RuntimeError("the pages could not be measured")
    yield from found


def _measure(bench: Bench, ports: Ports) -> Iterator[Figure]:
    mall = _open_mall(bench, ports)
    facts = call("cell", f"{_INSIDE}.make_shoppers", bench.home, mall=mall["mall"], count=BUYERS)
    backends = _backends(bench)
    pids = _by_name()
    count = bench.times(1500)
    floor = _floor(bench, count, backends)
    yield Figure(f"F: 20 rows as JSON, {CLIENTS} clients", floor.cpu_ms, "ms CPU", "", None, "", None)
    cookie = f"preview={facts['preview']}"
    for what, path, aim, most in (
        ("list of 20", f"/c/{facts['category']}", 6.0, 4),
        ("product page", f"/p/{facts['product']}", 8.0, 6),
    ):
        act = get(path, mall["host"], cookie)
        _warm(act, ports.cell)
        web = partial(
            load,
            act,
            port=ports.cell,
            clients=CLIENTS,
            requests=count,
            processes=lambda: [*tree(pids["web-cell"]), *backends()],
        )
        result, statements = _counted(bench, web)
        yield Figure(f"{what}: requests a second", result.per_second, "", f"F: {floor.per_second:.0f} a second")
        yield from _judged(what, result.cpu_ms, statements, floor, aim, most)
    yield from _buying(bench, ports, mall["host"], facts, pids, backends, floor)


def _buying(
    bench: Bench,
    ports: Ports,
    host: str,
    facts: dict[str, Any],
    pids: dict[str, int],
    backends: Callable[[], list[int]],
    floor: Result,
) -> Iterator[Figure]:
    """Whole purchases: some at once for their rate, then one at a time for what each costs until it is paid."""
    roots = {name: pids[name] for name in ("web-cell", "worker-cell", "deliverer", "relay")}

    def processes() -> dict[str, list[int]]:
        return {**{name: tree(root) for name, root in roots.items()}, "backends": backends()}

    meters = [Meter(bench.home, "cell_c1", processes) for _ in range(BUYERS)]
    buyers = [
        Buyer(host, facts, one, ports, place, BUYERS, partial(meters[place].wait_until_paid, facts["schema"]))
        for place, one in enumerate(facts["shoppers"])
    ]
    for buyer in buyers:
        buyer.buy()  # its first form token, caches, the ledger's accounts
    meter = meters[0]
    meter.settle()
    with meter.spent() as everything:
        at_once = _purchases(buyers, bench.times(80))
        meter.settle()
    yield Figure(f"purchase, {BUYERS} buyers: orders a second", at_once.per_second, "")
    orders = at_once.requests
    yield Figure("  with all that follows (awards, events, polls): CPU", everything.cpu_ms / orders / floor.cpu_ms, "F")
    yield Figure("  with all that follows: statements", everything.statements / orders, "")
    idle, alone = _alone(meter, buyers[0], bench.times(30))
    yield Figure("idle: CPU", idle.cpu_ms / idle.seconds, "ms a second", "taken off below")
    yield Figure("idle: statements", idle.statements / idle.seconds, "a second", "taken off below")
    yield from _judged("purchase, first cart request to paid", alone.cpu_ms, alone.statements, floor, 60.0, 45)
    for name, spent in alone.parts.items():
        yield Figure(f"  of it {name}: CPU", spent / floor.cpu_ms, "F")
    for one in meters:
        one.close()


def _alone(meter: Meter, buyer: Buyer, count: int) -> tuple[Spent, Spent]:
    """What the installation spends idle, and what one purchase adds to that until it is paid (the mean of `count`)."""
    with meter.spent() as idle:
        time.sleep(10)
    total = Spent()
    for _ in range(count):
        meter.settle()
        with meter.spent() as one:
            buyer.buy()
        total.seconds += one.seconds
        total.statements += one.statements - idle.statements * one.seconds / idle.seconds
        for name, spent in one.parts.items():
            more = spent - idle.parts.get(name, 0.0) * one.seconds / idle.seconds
            total.parts[name] = total.parts.get(name, 0.0) + more
    parts = {name: spent / count for name, spent in total.parts.items()}
    return idle, Spent(total.seconds / count, total.statements / count, parts)


def _judged(what: str, cpu_ms: float, statements: float, floor: Result, aim: float, most: int) -> Iterator[Figure]:
    cost = cpu_ms / floor.cpu_ms
    yield Figure(f"{what}: CPU", cost, "F", f"F = {floor.cpu_ms:.2f} ms", cost, f"at most {aim:.0f} F", cost <= aim)
    yield Figure(f"{what}: statements", statements, "", "", None, f"at most {most}", statements <= most)


def _open_mall(bench: Bench, ports: Ports) -> dict[str, Any]:
    stamp = call("control", f"{_INSIDE}.stamp", bench.home)
    mall: dict[str, Any] = call(
        "control", "saas.runtime.inside_control.open_mall", bench.home, extra=ports.addresses(), key=f"bench:{stamp}",
        name="Bench", subdomain=f"bench-{stamp}", owner=f"bench-{stamp}@example.com",
    )  # fmt: skip
    call(
        "cell", "saas.runtime.inside_cell.seed_mall", bench.home, extra=ports.addresses(), mall=mall["mall"],
        seed="saas.runtime.demo_seed.seed", kind="grocery", owner="", password="bench-password-1", most=30,
    )  # fmt: skip
    return mall


def _warm(act: Act, port: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    for _ in range(30):
        act(connection)
    connection.close()


def _counted(bench: Bench, run: Callable[[], Result]) -> tuple[Result, float]:
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


def _by_name() -> dict[str, int]:
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


def _backends(bench: Bench) -> Callable[[], list[int]]:
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


def _floor(bench: Bench, count: int, backends: Callable[[], list[int]]) -> Result:
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
        _warm(act, port)
        return load(
            act, port=port, clients=CLIENTS, requests=count, processes=lambda: [*tree(process.pid), *backends()]
        )
    finally:
        process.terminate()
        process.wait()


def _purchases(buyers: list[Buyer], count: int) -> Result:
    waiting = list(buyers)

    def act(connection: http.client.HTTPConnection) -> None:
        buyer = waiting.pop()
        try:
            buyer.buy()
        finally:
            waiting.append(buyer)

    return load(act, port=0, clients=len(buyers), requests=count, processes=list)
