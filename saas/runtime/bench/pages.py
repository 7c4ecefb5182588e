"""The list, the product page and a whole purchase over HTTP, beside F: a bare view that selects 20 rows (DESIGN 8)."""

import http.client
import itertools
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any
from urllib.parse import urlencode

import psycopg

from saas.runtime import paths, session
from saas.runtime.bench import Bench, Figure
from saas.runtime.bench.floor import TABLE
from saas.runtime.bench.load import Result, get, tree
from saas.runtime.bench.load import measure as load
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
        yield from _figures(what, "requests", result, statements, floor, aim, most)
    processes = [pids["web-cell"], pids["worker-cell"], pids["relay"]]
    buyers = [Buyer(mall["host"], facts, one, ports, number) for number, one in enumerate(facts["shoppers"])]
    for buyer in buyers:
        buyer.buy()
    result, statements = _counted(
        bench,
        lambda: _purchases(
            buyers, bench.times(80), lambda: [*(one for pid in processes for one in tree(pid)), *backends()]
        ),
    )
    yield from _figures("purchase, cart to paid", "orders", result, statements, floor, 60.0, 45)


def _figures(
    what: str, unit: str, result: Result, statements: float, floor: Result, aim: float, most: int
) -> Iterator[Figure]:
    cost = result.cpu_ms / floor.cpu_ms
    rate = f"F: {floor.per_second:.0f} a second" if unit == "requests" else ""
    yield Figure(f"{what}: {unit} a second", result.per_second, "", rate)
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
        for name, mark in (("web", "granian"), ("worker", " worker "), ("relay", "saas.messaging.relay")):
            if mark in command and role:
                key = name if name == "relay" else f"{name}-{role.group(1)}"
                found[key] = min(pid, found.get(key, pid))
    return found


def _backends(bench: Bench) -> Callable[[], list[int]]:
    """A function that finds the database backends of now."""
    server = Postgres(bench.home)

    def find() -> list[int]:
        with server.connect() as connection:
            rows = connection.execute(
                "SELECT pid FROM pg_stat_activity WHERE datname LIKE 'cell%' OR datname = 'floor'"
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


class Buyer:
    """A signed-in member who buys one piece at a time: cart, checkout, order, channel, cashier, paid."""

    def __init__(self, host: str, facts: dict[str, Any], shopper: dict[str, str], ports: Ports, number: int) -> None:
        self.host = host
        self.product = f"/p/{facts['product']}"  # its form brings the first token
        self.skus = itertools.cycle(facts["skus"][number::BUYERS])
        self.address = shopper["address"]
        self.cookies = {"preview": facts["preview"], "sessionid": shopper["session"]}
        self.shop = http.client.HTTPConnection("127.0.0.1", ports.cell, timeout=30)
        self.cashier = http.client.HTTPConnection("127.0.0.1", ports.sandbox, timeout=30)

    def buy(self) -> None:
        """One order from the first cart request to paid. Raises RuntimeError when a step does not answer as it should."""
        sku = next(self.skus)
        self._post("/cart/add", {"sku": sku, "quantity": "1"}, page=self.product)
        checkout = self._get(f"/checkout?sku={sku}")
        fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', checkout))
        placed = self._post("/checkout", {**fields, "address": self.address})
        path = placed.headers["location"]
        begun = self._post(f"{path}/start", {"method": "native"}, wanted=(200,))
        token = re.search(r"/(?:qr|cashier)/([\w-]+)", begun.text)
        if token is None:
            raise RuntimeError(f"no cashier in the answer of {path}/start")
        self._pay(token.group(1))
        for _ in range(600):
            answer = self._request("GET", f"{path}/state")
            if answer.status != 204:
                return
            time.sleep(0.1)
        raise RuntimeError("the order was never paid")

    def _pay(self, token: str) -> None:
        body = urlencode({"do": "pay", "back": ""})
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        self.cashier.request("POST", f"/cashier/{token}", body, headers)
        answer = self.cashier.getresponse()
        answer.read()
        if answer.status >= 400:
            raise RuntimeError(f"the cashier answered {answer.status}")

    def _get(self, path: str) -> str:
        answer = self._request("GET", path)
        if answer.status != 200:
            raise RuntimeError(f"GET {path}: {answer.status}")
        return answer.text

    def _post(
        self, path: str, fields: dict[str, str], *, page: str = "", wanted: Sequence[int] = (302, 303)
    ) -> "Answer":
        if "csrftoken" not in self.cookies:
            self._get(page)
        token = self.cookies.get("csrftoken", "")
        answer = self._request("POST", path, urlencode({**fields, "csrfmiddlewaretoken": token}))
        if answer.status not in wanted:
            raise RuntimeError(f"POST {path}: {answer.status} {answer.text[:300]}")
        return answer

    def _request(self, method: str, path: str, body: str = "") -> "Answer":
        headers = {
            "Host": self.host,
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            **({"Content-Type": "application/x-www-form-urlencoded"} if body else {}),
        }
        self.shop.request(method, path, body or None, headers)
        response = self.shop.getresponse()
        text = response.read().decode(errors="replace")
        for line in response.headers.get_all("Set-Cookie") or []:
            name, _, value = line.split(";")[0].partition("=")
            self.cookies[name] = value
        return Answer(response.status, text, {name.lower(): value for name, value in response.headers.items()})


class Answer:
    """What a page answered."""

    def __init__(self, status: int, text: str, headers: dict[str, str]) -> None:
        self.status, self.text, self.headers = status, text, headers


def _purchases(buyers: list[Buyer], count: int, processes: Callable[[], list[int]]) -> Result:
    waiting = list(buyers)

    def act(connection: http.client.HTTPConnection) -> None:
        buyer = waiting.pop()
        try:
            buyer.buy()
        finally:
            waiting.append(buyer)

    return load(act, port=0, clients=len(buyers), requests=count, processes=processes)
