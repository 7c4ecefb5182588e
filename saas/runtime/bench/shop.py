"""The shop as shoppers use it: malls with 10 000 products each, a mix of pages over all of them, purchases at once.

F is the bare view of the bench of pages (DESIGN 8), measured in the same run.
"""

import http.client
import itertools
from collections.abc import Iterator
from functools import partial
from importlib import import_module
from typing import Any
from urllib.parse import quote

from saas.runtime import session
from saas.runtime.bench import Bench, Figure, running
from saas.runtime.bench.buyer import Buyer, purchases
from saas.runtime.bench.load import Act, get, tree
from saas.runtime.bench.meter import Meter
from saas.runtime.call import call
from saas.runtime.processes import Ports

MALLS, PRODUCTS, BUYERS = 3, 10_000, 4
MIX = ("home", "list", "product", "search", "product", "list", "product", "search", "list", "product")
_INSIDE = "saas.runtime.bench.shop_inside"


def measure(bench: Bench) -> Iterator[Figure]:
    """Requests and orders a second, the slowest twentieth, CPU in units of F and statements, each page and the mix."""
    found: list[Figure] = []

    def work(ports: Ports) -> bool:
        found.extend(_measure(bench, ports))
        return False

    code = session.run(bench.home, bench.console, wanted=running.WANTED, host="127.0.0.1", sandbox=True, work=work)
    if code or not found:
        raise RuntimeError("the shop could not be measured")
    yield from found


def _measure(bench: Bench, ports: Ports) -> Iterator[Figure]:
    goods = bench.times(PRODUCTS)
    malls = [_make(bench, ports, goods) for _ in range(MALLS)]
    backends, pids, count = running.backends(bench), running.by_name(), bench.times(1500)
    floor = running.floor(bench, count, backends)
    yield Figure(f"F: 20 rows as JSON, {running.CLIENTS} clients", floor.cpu_ms, "ms CPU", f"{goods:,} products a mall")
    yield Figure("F: requests a second", floor.per_second, "", f"p95 {floor.p95_ms:.0f} ms")
    pages = {kind: itertools.cycle(_acts(kind, malls)) for kind in ("home", "list", "search", "product")}
    for kind in (*pages, "mix"):
        act = partial(_next, itertools.cycle([pages[one] for one in (MIX if kind == "mix" else [kind])]))
        result, statements = running.measured(bench, act, ports.cell, count, backends)
        share = result.per_second / floor.per_second
        yield Figure(f"{kind}: requests a second", result.per_second, "", f"{floor.per_second:.0f} a second", share)
        yield Figure(f"  {kind}: p95", result.p95_ms, "ms", f"{floor.p95_ms:.0f} ms", result.p95_ms / floor.p95_ms)
        yield Figure(f"  {kind}: CPU", result.cpu_ms / floor.cpu_ms, "F")
        yield Figure(f"  {kind}: statements", statements, "")
    yield from _buying(bench, ports, malls, floor.cpu_ms, pids)
    yield from _weights(ports, malls[0])


def _weights(ports: Ports, mall: dict[str, Any]) -> Iterator[Figure]:
    """What a phone fetches for goods that have pictures; nothing where there is no browser to ask."""
    try:
        weight = import_module("saas.runtime.bench.weight")
    except ModuleNotFoundError:
        yield Figure("phone pages: not weighed, playwright is not installed", 0, "")
        return
    at = f"http://{mall['host']}:{ports.cell}"
    paths = {
        "home": "/",
        "list": f"/c/{mall['category']}",
        "search": "/search?q=果",
        "product": f"/p/{mall['product']}",
    }
    pages = ((name, at + path) for name, path in paths.items())
    for name, scales in weight.weigh(f"{at}/?preview={mall['preview']}", pages):
        total, scripts = scales.total / 1024, scales.scripts / 1024
        most, most_scripts = weight.MOST_BYTES / 1024, weight.MOST_SCRIPT_BYTES / 1024
        aim = f"at most {most:.0f} KB"
        yield Figure(f"phone, first view of {name}", total, "KB", scales.told(), None, aim, total <= most)
        aim = f"at most {most_scripts:.0f} KB"
        yield Figure("  of it JavaScript", scripts, "KB", "", None, aim, scripts <= most_scripts)


def _buying(
    bench: Bench, ports: Ports, malls: list[dict[str, Any]], floor_ms: float, pids: dict[str, int]
) -> Iterator[Figure]:
    """Buyers of all malls at once, with everything that follows a purchase."""
    roots = {name: pids[name] for name in ("web-cell", "worker-cell", "deliverer", "relay")}
    find = running.backends(bench)
    meters = [
        Meter(bench.home, "cell_c1", lambda: {**{name: tree(root) for name, root in roots.items()}, "backends": find()})
        for _ in range(BUYERS)
    ]
    buyers = []
    for place, meter in enumerate(meters):
        mall = malls[place % len(malls)]
        shopper = mall["shoppers"][place // len(malls)]
        wait = partial(meter.wait_until_paid, mall["schema"])
        buyers.append(Buyer(mall["host"], mall, shopper, ports, place, BUYERS, wait))
    for buyer in buyers:
        buyer.buy()  # its first form token, caches, the ledger's accounts
    meters[0].settle()
    with meters[0].spent() as spent:
        result = purchases(buyers, bench.times(200))
        meters[0].settle()
    yield Figure(f"purchase, {BUYERS} buyers in {MALLS} malls: orders a second", result.per_second, "")
    yield Figure("  purchase: p95, first cart request to paid", result.p95_ms, "ms")
    yield Figure("  with all that follows (awards, events): CPU", spent.cpu_ms / result.requests / floor_ms, "F")
    yield Figure("  with all that follows: statements", spent.statements / result.requests, "")
    for meter in meters:
        meter.close()


def _make(bench: Bench, ports: Ports, goods: int) -> dict[str, Any]:
    """A mall with so many products more, brought by the import a vendor would use; what there is to look at and buy."""
    made = running.open_mall(bench, ports)
    with bench.console.status(f"{goods:,} products"):
        shelf = call("cell", f"{_INSIDE}.fill", bench.home, extra=ports.addresses(), mall=made["mall"], count=goods)
    facts = call("cell", f"{running.INSIDE}.make_shoppers", bench.home, mall=made["mall"], count=BUYERS)
    return {**facts, **shelf, "host": made["host"]}


def _acts(kind: str, malls: list[dict[str, Any]]) -> list[Act]:
    """Pages of that kind, one mall after the other."""
    found: list[Act] = []
    for place in range(60):
        mall = malls[place % len(malls)]
        words, categories, products = mall["words"], mall["categories"], mall["products"]
        path = {
            "home": "/",
            "list": f"/c/{categories[place % len(categories)]}?page={1 + place % 3}",
            "search": f"/search?q={quote(words[place % len(words)])}",
            "product": f"/p/{products[place % len(products)]}",
        }[kind]
        found.append(get(path, mall["host"], f"preview={mall['preview']}"))
    return found


def _next(kinds: "itertools.cycle[itertools.cycle[Act]]", connection: http.client.HTTPConnection) -> None:
    next(next(kinds))(connection)
