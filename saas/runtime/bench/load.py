"""A small load generator and a CPU meter, so that a page is measured the way its floor is (DESIGN 8)."""

import glob
import http.client
import os
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

Act = Callable[[http.client.HTTPConnection], None]
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Result:
    """What a run of requests cost. CPU is that of the named processes, their children and the database backends."""

    requests: int
    seconds: float
    cpu_seconds: float
    median_ms: float
    p95_ms: float

    @property
    def per_second(self) -> float:
        return self.requests / self.seconds

    @property
    def cpu_ms(self) -> float:
        """CPU of one request, in milliseconds."""
        return self.cpu_seconds * 1000 / self.requests


def cpu_seconds(pids: Iterable[int]) -> float:
    """User and system time spent so far by these processes (threads included), in seconds."""
    total = 0
    for pid in pids:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        total += int(fields[11]) + int(fields[12])
    return total / TICKS


def exact_cpu_seconds(pids: Iterable[int]) -> float:
    """As `cpu_seconds`, in nanoseconds instead of ticks, without threads that have ended: for short spans of steady processes."""
    total = 0
    for pid in pids:
        for file in glob.glob(f"/proc/{pid}/task/*/schedstat"):
            try:
                total += int(Path(file).read_text().split()[0])
            except (OSError, IndexError):
                continue
    return total / 1e9


def tree(root: int) -> list[int]:
    """A process and all its descendants."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
            except OSError:
                continue
            children.setdefault(parent, []).append(int(entry.name))
    found, waiting = [], [root]
    while waiting:
        pid = waiting.pop()
        found.append(pid)
        waiting += children.get(pid, [])
    return found


def measure(
    act: Act,
    *,
    port: int,
    clients: int,
    requests: int,
    processes: Callable[[], list[int]],
) -> Result:
    """Run `act` `requests` times over `clients` keep-alive connections to a loopback port; `processes` are metered."""
    times: list[float] = []
    failures: list[BaseException] = []
    left = iter(range(requests))
    lock = threading.Lock()

    def client() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        while not failures:
            with lock:
                if next(left, None) is None:
                    break
            start = time.perf_counter()
            try:
                act(connection)
            except BaseException as error:
                failures.append(error)
                return
            times.append(time.perf_counter() - start)
        connection.close()

    pids = processes()
    before, start = cpu_seconds(pids), time.perf_counter()
    threads = [threading.Thread(target=client) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - start
    if failures:
        raise failures[0]
    cpu = cpu_seconds(set(pids) | set(processes())) - before
    ordered = sorted(times)
    return Result(len(times), seconds, cpu, median(ordered) * 1000, ordered[int(len(ordered) * 0.95)] * 1000)


def get(path: str, host: str, cookie: str = "") -> Act:
    """An act: GET `path` of `host` as a browser asks, taking it packed; anything but 200 is a failure."""
    headers = {
        "Host": host,
        "Accept-Language": "zh-CN",
        "Accept-Encoding": "gzip, br",
        **({"Cookie": cookie} if cookie else {}),
    }

    def act(connection: http.client.HTTPConnection) -> None:
        connection.request("GET", path, headers=headers)
        response = connection.getresponse()
        body = response.read()
        if response.status != 200:
            raise RuntimeError(f"GET {path}: {response.status} {body[:200]!r}")

    return act
