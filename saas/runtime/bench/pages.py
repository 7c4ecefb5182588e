"""The list, the product page and a whole purchase over HTTP, beside F: a bare view that selects 20 rows (DESIGN 8)."""

import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from saas.runtime import session
from saas.runtime.bench import Bench, Figure, running
from saas.runtime.bench.buyer import Buyer, purchases
from saas.runtime.bench.load import Result, get, tree
from saas.runtime.bench.meter import Meter, Spent
from saas.runtime.bench.running import CLIENTS
from saas.runtime.call import call
from saas.runtime.processes import Ports

BUYERS = 4


def measure(bench: Bench) -> Iterator[Figure]:
    """Requests or orders a second, CPU of app and database in units of F, and statements, each."""
    found: list[Figure] = []

    def work(ports: Ports) -> bool:
        found.extend(_measure(bench, ports))
        return False

    code = session.run(bench.home, bench.console, wanted=running.WANTED, host="127.0.0.1", sandbox=True, work=work)
    if code or not found:
        raise RuntimeError("the pages could not be measured")
    yield from found


def _measure(bench: Bench, ports: Ports) -> Iterator[Figure]:
    mall = running.open_mall(bench, ports)
    facts = call("cell", f"{running.INSIDE}.make_shoppers", bench.home, mall=mall["mall"], count=BUYERS)
    backends = running.backends(bench)
    pids = running.by_name()
    count = bench.times(1500)
    floor = running.floor(bench, count, backends)
    yield Figure(f"F: 20 rows as JSON, {CLIENTS} clients", floor.cpu_ms, "ms CPU", "", None, "", None)
    cookie = f"preview={facts['preview']}"
    for what, path, aim, most in (
        ("list of 20", f"/c/{facts['category']}", 6.0, 4),
        ("product page", f"/p/{facts['product']}", 8.0, 6),
    ):
        act = get(path, mall["host"], cookie)
        result, statements = running.measured(bench, act, ports.cell, count, backends)
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
        at_once = purchases(buyers, bench.times(80))
        meter.settle()
    yield Figure(f"purchase, {BUYERS} buyers: orders a second", at_once.per_second, "")
    orders = at_once.requests
    yield Figure("  with all that follows (awards, events, polls): CPU", everything.cpu_ms / orders / floor.cpu_ms, "F")
    yield Figure("  with all that follows: statements", everything.statements / orders, "")
    idle, alone = _alone(meter, buyers[0], bench.times(30), tree(roots["deliverer"]))
    yield Figure("idle: CPU", idle.cpu_ms / idle.seconds, "ms a second", "taken off below")
    yield Figure("idle: statements", idle.statements / idle.seconds, "a second", "taken off below")
    yield from _judged("purchase, first cart request to paid", alone.cpu_ms, alone.statements, floor, 60.0, 45)
    for name, spent in alone.parts.items():
        yield Figure(f"  of it {name}: CPU", spent / floor.cpu_ms, "F")
    for one in meters:
        one.close()


def _alone(meter: Meter, buyer: Buyer, count: int, deliverer: list[int]) -> tuple[Spent, Spent]:
    """What the installation spends idle, and what one purchase adds to that until it is paid (the mean of `count`).

    The deliverer goes on with awards and counts the moment an order is paid: it is held while the figures are read.
    """
    with meter.spent() as idle:
        time.sleep(10)
    total = Spent()
    meter.pause, meter.held = 0.0005, deliverer
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
