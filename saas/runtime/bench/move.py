"""A mall of 100 000 orders moves between two database servers under four writers: there by dump, back by replication."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from saas.runtime import environment, paths
from saas.runtime.bench import Bench, Figure
from saas.runtime.call import call
from saas.runtime.postgres import Postgres
from saas.runtime.prepare import prepare
from saas.runtime.servers import using_servers

ORDERS = 100_000
WRITERS = 4
_INSIDE = "saas.runtime.bench.move_inside"
_CLIENT = "saas.runtime.bench.move_client"


def measure(bench: Bench) -> Iterator[Figure]:
    """Seconds of each move and of its write freeze, errors of the writers, acknowledged writes that are missing."""
    second = Postgres(bench.home.with_name(bench.home.name + "-c2"))
    with using_servers(bench.home) as servers:
        second.start()
        try:
            with bench.console.status("preparing"):
                prepare(bench.home, lambda line: None)
                second.ensure_database("cell_c2", drop=True)
                cells = {"c1": _cell(servers.postgres, second, "c1"), "c2": _cell(servers.postgres, second, "c2")}
                call("cell", "saas.runtime.inside.migrate", bench.home, migrating=True, extra=cells["c2"])
            orders = bench.times(ORDERS)
            with bench.console.status(f"making a mall of {orders} orders"):
                mall = call("cell", f"{_INSIDE}.make_mall", bench.home, extra=cells["c1"], orders=orders)
            for epoch, (way, source, target) in enumerate((("dump", "c1", "c2"), ("replication", "c2", "c1")), start=1):
                with bench.console.status(f"moving it by {way} under {WRITERS} writers"):
                    yield from _move(bench, cells, mall, way, source, target, epoch, orders)
            with bench.console.status("tidying up"):
                call("cell", "saas.runtime.bench.inside.drop_schemas", bench.home)
        finally:
            second.stop()


def _move(
    bench: Bench, cells: dict[str, dict[str, str]], mall: dict[str, str], way: str, source: str, target: str, epoch: int,
    orders: int,
) -> Iterator[Figure]:  # fmt: skip
    books = {cell: bench.home / f"writers-{way}-{cell}" for cell in (source, target)}
    writers = [
        _writers(bench, cells[cell], mall["mall"], books[cell], waits=cell == target) for cell in (source, target)
    ]
    time.sleep(2)
    moved: dict[str, Any] = call(
        "cell", f"{_INSIDE}.move", bench.home, extra=cells[target], mall=mall, way=way, source=source, target=target,
        epoch=epoch,
    )  # fmt: skip
    for process in writers:
        process.wait(120)
    lines = [line.split() for book in books.values() for line in _lines(book)]
    acked = [line[1] for line in lines if line[0] == "acked"]
    errors = sum(line[0] == "error" for line in lines)
    missing = call("cell", f"{_INSIDE}.missing", bench.home, extra=cells[target], schema=mall["schema"], books=[
        str(book.with_suffix(f".{number}")) for book in books.values() for number in range(WRITERS)
    ])  # fmt: skip
    call("cell", f"{_INSIDE}.retire", bench.home, extra=cells[source], mall=mall, way=way, source=source, target=target,
         epoch=epoch)  # fmt: skip
    yield Figure(f"{way}: move of {orders} orders, {moved['megabytes']:.0f} MB", moved["seconds"], "s")
    yield Figure(f"{way}: writes refused for", moved["frozen"], "s", f"{len(acked)} writes acknowledged meanwhile")
    yield Figure(f"{way}: errors of writers but “is moving”", errors, "", "", None, "none", errors == 0)
    yield Figure(f"{way}: acknowledged writes missing", missing, "", "", None, "none", missing == 0)


def _cell(first: Postgres, second: Postgres, cell: str) -> dict[str, str]:
    servers = {"c1": first, "c2": second}
    found = {"CELL": cell}
    for name, server in servers.items():
        found[f"CELLS_{name.upper()}_OWNER_URL"] = server.url(f"cell_{name}", "mallwright_owner")
        found[f"CELLS_{name.upper()}_OWNER_URL_REPLICATION"] = server.url(f"cell_{name}", "postgres")
    found["DATABASE_URL"] = servers[cell].url(f"cell_{cell}")
    found["DATABASE_OWNER_URL"] = servers[cell].url(f"cell_{cell}", "mallwright_owner")
    return found


def _writers(bench: Bench, extra: dict[str, str], mall: str, book: Path, *, waits: bool) -> subprocess.Popen[str]:
    for number in range(WRITERS):
        book.with_suffix(f".{number}").unlink(missing_ok=True)
    values = environment.process_environment("cell", bench.home, {**extra, "LOG_LEVEL": "ERROR", "DATABASE_POOL": "1"})
    data = json.dumps({"mall": mall, "book": str(book), "crowd": WRITERS, "waits": waits})
    process = subprocess.Popen(
        [sys.executable, "-m", _CLIENT, data], env=values, cwd=paths.PROJECT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    process.stdout.readline()
    return process


def _lines(book: Path) -> list[str]:
    return [
        line for number in range(WRITERS) for line in book.with_suffix(f".{number}").read_text().splitlines() if line
    ]
