"""An import of 10 000 products from a Shopify file: the check, then the products, as the job's events bring them.

The floor inserts as many rows of products and SKUs by COPY, without any of what makes them goods.
"""

from collections.abc import Iterator

from saas.runtime.bench import Bench, Figure
from saas.runtime.call import call
from saas.runtime.prepare import prepare
from saas.runtime.servers import using_servers

PRODUCTS = 10_000
MOST_SECONDS = 180
MOST_MEGABYTES = 120
_INSIDE = "saas.runtime.bench.importing_inside"


def measure(bench: Bench) -> Iterator[Figure]:
    """Seconds and products a second of both phases, and how much memory the process grew by beside a tenth of it."""
    count = bench.times(PRODUCTS)
    with using_servers(bench.home):
        with bench.console.status("preparing"):
            prepare(bench.home, lambda line: None)
        try:
            small = _run(bench, count // 10)
            large = _run(bench, count)
        finally:
            call("cell", "saas.runtime.bench.inside.drop_schemas", bench.home)
    seconds = large["check_seconds"] + large["apply_seconds"]
    yield Figure(
        f"import of {count:,} products ({large['skus']:,} SKUs): check {large['check_seconds']:.1f} s, then apply",
        seconds, "s", f"rows alone by COPY: {large['floor_seconds']:.2f} s", seconds / large["floor_seconds"],
        f"under {MOST_SECONDS} s", seconds < MOST_SECONDS,
    )  # fmt: skip
    yield Figure("products a second, both phases", count / seconds, "/s")
    grown = large["grown_megabytes"]
    yield Figure(
        f"memory grown by, of a process that began with {large['begun_megabytes']:.0f} MB", grown, "MB",
        f"{small['grown_megabytes']:.0f} MB with {count // 10:,} products", None,
        f"under {MOST_MEGABYTES} MB", grown < MOST_MEGABYTES,
    )  # fmt: skip
    yield Figure("largest step (one transaction)", large["longest_seconds"], "s")


def _run(bench: Bench, count: int) -> dict[str, float]:
    with bench.console.status(f"importing {count:,} products"):
        found: dict[str, float] = call("cell", f"{_INSIDE}.import_products", bench.home, count=count)
    return found
