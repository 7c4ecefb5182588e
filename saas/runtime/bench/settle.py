"""Orders of ten awards settled a second, beside the postings a second of the same run and server."""

from collections.abc import Iterator

from saas.runtime.bench import Bench, Figure
from saas.runtime.bench.crowd import run_together
from saas.runtime.call import call
from saas.runtime.prepare import prepare
from saas.runtime.servers import using_servers

CLIENTS = 8
SECONDS = 15
ORDERS = 4000
MOST = 12


def measure(bench: Bench) -> Iterator[Figure]:
    """The posting floor, then awards, then releases, each by CLIENTS processes; statements an order are counted."""
    seconds = 3 if bench.quick else SECONDS
    with using_servers(bench.home):
        with bench.console.status("preparing"):
            prepare(bench.home, lambda line: None)
            schema = call("cell", "saas.runtime.bench.settle_inside.make_mall", bench.home)
            awards = call(
                "cell", "saas.runtime.bench.settle_inside.make_orders", bench.home, schema=schema,
                count=bench.times(ORDERS),
            )  # fmt: skip
        yield Figure("awards of an order", awards, "", "", None, "10", awards == 10)
        counted = call("cell", "saas.runtime.bench.settle_inside.count_statements", bench.home, schema=schema)
        for what, statements in zip(("award", "release"), counted, strict=True):
            yield Figure(
                f"statements to {what} an order", statements, "", "", None, f"at most {MOST}", statements <= MOST
            )
        with bench.console.status(f"postings, {CLIENTS} clients, {seconds} s"):
            floor = _run(bench, schema, "post", seconds)
        yield Figure("postings, 1 000 accounts", floor, "a second")
        for kind in ("award", "release"):
            with bench.console.status(f"{kind}, {CLIENTS} clients"):
                rate = _run(bench, schema, kind, seconds)
            yield Figure(
                f"orders {kind}ed" if kind == "award" else "orders released", rate, "a second",
                f"{floor:.0f} postings", rate / floor,
            )  # fmt: skip
        call("cell", "saas.runtime.bench.inside.drop_schemas", bench.home)


def _run(bench: Bench, schema: str, kind: str, seconds: int) -> float:
    """What CLIENTS processes that start together do a second; each divides what it did by its own time."""
    module = "saas.runtime.bench.settle_client"
    found = run_together(bench, module, schema, kind, str(seconds), clients=CLIENTS)
    return sum(int(count) / float(spent) for count, spent in found)
