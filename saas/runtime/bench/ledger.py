"""Postings a second through the service, beside pgbench's TPC-B with as many clients on the same server."""

import re
import subprocess
from collections.abc import Iterator

from saas.runtime.bench import Bench, Figure
from saas.runtime.bench.crowd import run_together
from saas.runtime.call import call
from saas.runtime.prepare import prepare
from saas.runtime.servers import Servers, using_servers

CLIENTS = 8
SECONDS = 15
_DATABASE = "bench_tpcb"


def measure(bench: Bench) -> Iterator[Figure]:
    """pgbench, then many accounts, then one hot account; each for SECONDS with CLIENTS."""
    seconds = 3 if bench.quick else SECONDS
    with using_servers(bench.home) as servers:
        with bench.console.status("preparing"):
            prepare(bench.home, lambda line: None)
            schema = call("cell", "saas.runtime.bench.inside.make_ledger", bench.home)
        with bench.console.status(f"pgbench, {CLIENTS} clients, {seconds} s"):
            floor = _pgbench(servers, seconds)
        yield Figure("pgbench TPC-B, scale 10", floor, "tps")
        with bench.console.status(f"postings to many accounts, {CLIENTS} clients, {seconds} s"):
            many = _postings(bench, schema, "many", seconds)
        yield Figure(
            "postings, 1 000 accounts", many, "a second", f"pgbench {floor:.0f} tps", many / floor,
            "at least 0.25", many / floor >= 0.25,
        )  # fmt: skip
        with bench.console.status(f"postings to one hot account, {CLIENTS} clients, {seconds} s"):
            hot = _postings(bench, schema, "hot", seconds)
        yield Figure(
            "postings, one account in each", hot, "a second", f"{many:.0f} over many", hot / many,
            "at least 0.9", hot / many >= 0.9,
        )  # fmt: skip
        call("cell", "saas.runtime.bench.inside.drop_schemas", bench.home)


def _pgbench(servers: Servers, seconds: int) -> float:
    postgres = servers.postgres
    postgres.ensure_database(_DATABASE, drop=True)
    url = postgres.url(_DATABASE, "mallwright_owner")
    program = str(postgres.binaries / "pgbench")
    subprocess.run([program, "-q", "-i", "-s", "10", url], check=True, capture_output=True)
    command = [program, "-c", str(CLIENTS), "-j", "2", "-T", str(seconds), "-M", "prepared", url]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    postgres.ensure_database(_DATABASE, drop=True)
    found = re.search(r"tps = ([\d.]+)", output)
    if found is None:
        raise RuntimeError(output[-500:])
    return float(found[1])


def _postings(bench: Bench, schema: str, kind: str, seconds: int) -> float:
    """Postings a second of CLIENTS processes that start together when all are ready."""
    module = "saas.runtime.bench.ledger_client"
    found = run_together(bench, module, schema, kind, str(seconds), clients=CLIENTS)
    return sum(int(count) for (count,) in found) / seconds
