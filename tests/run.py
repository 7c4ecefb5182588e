"""`make test`: both halves of the suite at once; the last line counts both together.

The cell's half has WORKERS processes (3), control's, which is short, one besides: the two longest files of the cell start
servers and browsers and wait for them, so two processes leave two cores idle for a good part. What control says is shown
when it has ended. Files go to the processes whole, the longest first, so that none is left over at the end: by the
seconds of the last run here, which are kept beside the databases of the tests (tests.order).

CASES multiplies the generated cases, SEED repeats a run, arguments go to pytest.
"""

import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TextIO
from xml.etree import ElementTree

from saas.runtime.paths import PROJECT, home
from saas.runtime.servers import Servers
from tests import order

_NO_TESTS = 5


def main() -> int:
    """Run, print the counts and the seed; 0 when everything passed."""
    seed = os.environ.get("SEED") or str(random.randrange(2**32))
    workers = os.environ.get("WORKERS", "3")
    place = Path(os.environ.get("MALL_TEST_HOME", str(home()) + "-test"))
    print(f"seed {seed}, CASES={os.environ.get('CASES', '1')}", flush=True)
    started, totals = time.monotonic(), {"passed": 0, "failed": 0, "skipped": 0}
    seconds: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        said = Path(folder) / "control.txt"
        with said.open("w") as output:
            halves = {
                "control": _half("control", place, Path(folder), "1", seed, output),
                "cell": _half("cell", place, Path(folder), workers, seed, None),
            }
            try:
                codes = {role: half.wait() for role, half in reversed(halves.items())}
            except KeyboardInterrupt:  # the terminal tells both; each ends what it has begun
                codes = {role: half.wait() or 1 for role, half in halves.items()}
            finally:
                Servers(place).stop_if_unused()
        print(f"\n=== control ===\n{said.read_text()}", flush=True)
        for role in halves:
            _count(Path(folder) / f"{role}.xml", totals, seconds)
    failed = any(code not in (0, _NO_TESTS) for code in codes.values())
    if len(sys.argv) == 1:
        order.remember(place, seconds)
    print(f"\nseed {seed}: repeat with `make test SEED={seed}`; {time.monotonic() - started:.0f} s")
    print(f"{totals['passed']} passed, {totals['failed']} failed, {totals['skipped']} skipped")
    return 1 if failed or not totals["passed"] else 0


def _half(
    role: str, place: Path, folder: Path, workers: str, seed: str, output: TextIO | None
) -> subprocess.Popen[bytes]:
    """Begin the tests of a role. Its processes keep their bytecode: some hundreds of others start in its course."""
    command = [sys.executable, "-m", "pytest", "-q", f"--hypothesis-seed={seed}", f"--junitxml={folder / role}.xml"]
    command += ["-n", workers, "--dist", "loadfile", "--no-loadscope-reorder", *sys.argv[1:]]
    values = {**os.environ, "ROLE": role, "MALL_TEST_HOME": str(place)}
    values.pop("PYTHONDONTWRITEBYTECODE", None)
    return subprocess.Popen(command, cwd=PROJECT, env=values, stdout=output, stderr=output)


def _count(report: Path, totals: dict[str, int], seconds: dict[str, float]) -> None:
    if not report.exists():
        return
    for case in ElementTree.parse(report).getroot().iter("testcase"):
        file = order.file_of(case.get("classname", ""))
        seconds[file] = seconds.get(file, 0.0) + float(case.get("time", 0))
    for suite in ElementTree.parse(report).getroot().iter("testsuite"):
        tests, skipped = int(suite.get("tests", 0)), int(suite.get("skipped", 0))
        bad = int(suite.get("failures", 0)) + int(suite.get("errors", 0))
        totals["failed"] += bad
        totals["skipped"] += skipped
        totals["passed"] += tests - bad - skipped


if __name__ == "__main__":
    sys.exit(main())
