"""Memory of each process of a running installation, and the time from a web process's start to its first answer."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from saas.runtime import paths, session
from saas.runtime.bench import Bench, Figure
from saas.runtime.processes import Ports, choose_ports, tree
from saas.runtime.servers import using_servers

_WANTED = {"control": 18000, "cell": 18100, "sandbox": 18300}


def measure(bench: Bench) -> Iterator[Figure]:
    """A bare Python is the floor of memory, a bare Django the floor of the first answer."""
    memory: dict[str, float] = {}

    def work(ports: Ports) -> bool:
        time.sleep(5)  # pools and workers fork after the first answer
        memory.update(_memory_by_name(bench.home, ports))
        return False

    code = session.run(bench.home, bench.console, wanted=_WANTED, host="127.0.0.1", sandbox=True, work=work)
    if code:
        raise RuntimeError("the installation did not start")
    floor = _bare_python()
    for name, size in memory.items():
        yield Figure(f"memory of {name}", size, "MB", f"bare Python {floor:.0f} MB", size / floor)
    total = sum(memory.values())
    yield Figure("memory of all processes, servers apart", total, "MB", "", None, "at most 2 GB", total <= 2048)
    yield from _first_answer(bench)


def _first_answer(bench: Bench) -> Iterator[Figure]:
    with using_servers(bench.home):
        ports = choose_ports(wanted=_WANTED)
        web = next(child for child in tree(bench.home, ports) if child.name == "web-cell")
        found = []
        for _ in range(bench.times(3)):
            started = time.perf_counter()
            process = subprocess.Popen(
                web.command,
                env=dict(web.environment),
                cwd=paths.PROJECT,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            session.wait_until_answering(ports.cell)
            found.append(time.perf_counter() - started)
            process.terminate()
            process.wait()
        started = time.perf_counter()
        command = [web.command[0], "-c", "import django; django.setup()"]
        subprocess.run(command, env=dict(web.environment), cwd=paths.PROJECT, check=True)
        floor = time.perf_counter() - started
    value = median(found)
    yield Figure(
        f"start to first answer of web-cell, median of {len(found)}",
        value,
        "s",
        f"django.setup() {floor:.1f} s",
        value / floor,
    )


def _memory_by_name(home: Path, ports: Ports) -> dict[str, float]:
    """MB that each child of the tree and its own children take alone (shared pages split: PSS)."""
    by_command = {child.command: child.name for child in tree(home, ports)}
    found: dict[str, float] = {}
    for pid in _children(os.getpid()):
        command = tuple(Path(f"/proc/{pid}/cmdline").read_bytes().decode().rstrip("\0").split("\0"))
        name = by_command.get(command)
        if name is not None:
            found[name] = sum(_pss(one) for one in [pid, *_descendants(pid)])
    return found


def _children(pid: int) -> list[int]:
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        found += [int(one) for one in (task / "children").read_text().split()]
    return found


def _descendants(pid: int) -> list[int]:
    return [one for child in _children(pid) for one in (child, *_descendants(child))]


def _pss(pid: int) -> float:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    return 0.0


def _bare_python() -> float:
    code = "print(open('/proc/self/smaps_rollup').read())"
    command = [sys.executable, "-c", code]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return next(int(line.split()[1]) / 1024 for line in output.splitlines() if line.startswith("Pss:"))
