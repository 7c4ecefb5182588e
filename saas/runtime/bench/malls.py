"""A new mall: the schema step against the same schema by migrations, with 2 malls and with 200; and the whole run."""

from collections.abc import Iterator
from statistics import median

from saas.runtime import session
from saas.runtime.bench import Bench, Figure
from saas.runtime.call import call
from saas.runtime.prepare import prepare
from saas.runtime.processes import Ports
from saas.runtime.servers import using_servers

_INSIDE = "saas.runtime.bench.inside"
MALLS = 200


def measure(bench: Bench) -> Iterator[Figure]:
    """Schema step (median of 20), migrations (median of 3), schema step beside 200 malls, whole runs."""
    with using_servers(bench.home):
        with bench.console.status("preparing"):
            prepare(bench.home, lambda line: None)
            call("cell", f"{_INSIDE}.drop_schemas", bench.home)
        count = bench.times(20)
        # Before the migrations, whose databases are dropped: a file system looks long for room beside what was just deleted.
        with bench.console.status("template replay with 2 malls"):
            call("cell", f"{_INSIDE}.by_replay", bench.home, times=2)
            few = median(call("cell", f"{_INSIDE}.by_replay", bench.home, times=count))
        with bench.console.status("migrations"):
            slow = median(call("cell", f"{_INSIDE}.by_migrations", bench.home, times=bench.times(3)))
        yield Figure(
            f"schema step, median of {count}", few * 1000, "ms", f"migrations {slow:.1f} s",
            slow / few, "at least 10 times faster", slow / few >= 10,
        )  # fmt: skip
        with bench.console.status(f"making {MALLS} malls"):
            call("cell", f"{_INSIDE}.by_replay", bench.home, times=bench.times(MALLS) - count - 2)
            many = median(call("cell", f"{_INSIDE}.by_replay", bench.home, times=count))
        yield Figure(
            f"schema step beside {bench.times(MALLS)} malls", many * 1000, "ms", f"{few * 1000:.0f} ms beside 2",
            many / few, "at most 1.5 times slower", many / few <= 1.5,
        )  # fmt: skip
        with bench.console.status("tidying up"):
            call("cell", f"{_INSIDE}.drop_schemas", bench.home)
    yield from _whole_runs(bench)


def _whole_runs(bench: Bench) -> Iterator[Figure]:
    seconds: list[float] = []

    def work(ports: Ports) -> bool:
        stamp = call("control", f"{_INSIDE}.stamp", bench.home)
        for number in range(bench.times(5)):
            run = call(
                "control",
                "saas.runtime.inside_control.open_mall",
                bench.home,
                extra=ports.addresses(),
                key=f"bench:{stamp}:{number}",
                name=f"Bench {number}",
                subdomain=f"bench-{stamp}-{number}",
                owner=f"bench-{stamp}-{number}@example.com",
            )
            if run["state"] != "succeeded":
                raise RuntimeError(run["log"])
            seconds.append(run["seconds"])
        return False

    wanted = {"control": 18000, "cell": 18100, "sandbox": 18300}
    code = session.run(bench.home, bench.console, wanted=wanted, host="127.0.0.1", sandbox=False, work=work)
    if code or not seconds:
        raise RuntimeError("the runs did not succeed")
    yield Figure(
        f"whole run, request to smoke test, median of {len(seconds)}", median(seconds), "s", "", None,
        "at most 10 s to a usable mall", median(seconds) <= 10,
    )  # fmt: skip
