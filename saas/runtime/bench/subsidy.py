"""The universal subsidy: a period with few and with very many lots, a member's page, a projection.

A period touches cohorts only, so 10 000 000 lots must cost no more than 10 000 (at most half as much again).
"""

import time
from collections.abc import Iterator

from saas.runtime.bench import Bench, Figure
from saas.runtime.call import call
from saas.runtime.prepare import prepare
from saas.runtime.servers import using_servers
from tenant_apps.modes.subsidy import plans, projection
from tenant_apps.modes.subsidy.plans import Plan, Run

FEW, MANY = 10_000, 10_000_000
PERIODS = 9
MOST_RATIO = 1.5
MOST_STATEMENTS = 10
MEMBER_LOTS = 500
PROJECTION_SECONDS = 0.3
FAR = Plan(runs=(Run(periods=60, growth_ppm=150_000), Run(periods=199, growth_ppm=0)), first=10_000_000)
_INSIDE = "saas.runtime.bench.subsidy_inside"


def measure(bench: Bench) -> Iterator[Figure]:
    """The projection first (no server), then a mall with few lots and one with many."""
    yield from _projection()
    many = MANY // 20 if bench.quick else MANY
    with using_servers(bench.home):
        with bench.console.status("preparing"):
            prepare(bench.home, lambda line: None)
        try:
            yield from _periods(bench, many)
        finally:
            call("cell", "saas.runtime.bench.inside.drop_schemas", bench.home)


def _projection() -> Iterator[Figure]:
    """CPU time, best of three, of 260 periods that turn 10^11 yuan over under the default terms."""
    turnover = FAR.turnovers()
    found = []
    for _ in range(3):
        started = time.process_time()
        projection.project(plans.FULLY_RESERVED, concession_ppm=FAR.concession_ppm, turnover=turnover)
        found.append(time.process_time() - started)
    floor = _floor(len(turnover))
    yield Figure(
        f"projection, {len(turnover)} periods, {sum(turnover) / 10**13:.1f} × 10^11 yuan",
        min(found) * 1000, "ms CPU", f"as many integer steps alone: {floor * 1000:.0f} ms", min(found) / floor,
        f"under {PROJECTION_SECONDS * 1000:.0f} ms", min(found) < PROJECTION_SECONDS,
    )  # fmt: skip


def _floor(periods: int) -> float:
    """The multiplications and divisions that the cohorts of one needs-pass a period cost, and nothing else."""
    started = time.process_time()
    total = 0
    for _ in range(periods):
        for weight in range(1, 83):
            total += (weight * 10**9 * 5_000_000_000 * 40) // 10**12
    return max(time.process_time() - started, 1e-6)


def _periods(bench: Bench, many: int) -> Iterator[Figure]:
    took: dict[int, float] = {}
    for lots in (FEW, many):
        with bench.console.status(f"a mall with {lots:,} lots"):
            schema = call("cell", f"{_INSIDE}.make_mall", bench.home)
            loaded = call("cell", f"{_INSIDE}.load", bench.home, schema=schema, count=lots)
        with bench.console.status(f"{PERIODS} periods over {lots:,} lots"):
            ran = call("cell", f"{_INSIDE}.run_periods", bench.home, schema=schema, times=PERIODS)
        took[lots] = ran["median_ms"]
        yield Figure(
            f"a period with {lots:,} lots in {ran['cohorts']} cohorts (median of {PERIODS}; {ran['statements']} statements)",
            took[lots], "ms",
            f"{took[FEW]:.1f} ms with {FEW:,} lots" if lots != FEW else "",
            took[lots] / took[FEW] if lots != FEW else None,
            f"at most {MOST_RATIO} ×" if lots != FEW else "",
            took[lots] <= MOST_RATIO * took[FEW] if lots != FEW else None,
        )  # fmt: skip
        if lots == many:
            yield Figure(f"loading {lots:,} lots", loaded["seconds"], "s", f"{loaded['megabytes']:,} MB of lots")
            yield from _page(bench, schema)


def _page(bench: Bench, schema: str) -> Iterator[Figure]:
    """What a member's page of vouchers reads, in the mall with the many lots."""
    page = call("cell", f"{_INSIDE}.read_page", bench.home, schema=schema, lots=MEMBER_LOTS)
    for what, key in (("with new vouchers to draw", "first"), ("with nothing new", "again")):
        statements, milliseconds = page[key]
        yield Figure(
            f"reads of the voucher page of a member with {MEMBER_LOTS} lots, {what} ({milliseconds:.0f} ms)",
            statements, "statements", "", None,
            f"at most {MOST_STATEMENTS}",
            statements <= MOST_STATEMENTS,
        )  # fmt: skip
