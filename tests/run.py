"""`make test`: both halves of the suite, one after the other; the last line counts both together.

Files go to the processes whole, the longest first, so that none is left over at the end: by the seconds of the last run
here, which are kept beside the databases of the tests (tests.order). While the first half runs, the databases of the second are made.

CASES multiplies the generated cases, SEED repeats a run, WORKERS sets the number of processes (2), arguments go to pytest.
"""

import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from xml.etree import ElementTree

from saas.runtime.paths import PROJECT, home
from saas.runtime.servers import Servers
from tests import order

ROLES = ("control", "cell")
_NO_TESTS = 5


def main() -> int:
    """Run, print the counts and the seed; 0 when everything passed."""
    seed = os.environ.get("SEED") or str(random.randrange(2**32))
    workers = os.environ.get("WORKERS", "2")
    place = Path(os.environ.get("MALL_TEST_HOME", str(home()) + "-test"))
    print(f"seed {seed}, CASES={os.environ.get('CASES', '1')}", flush=True)
    started, totals, failed = time.monotonic(), {"passed": 0, "failed": 0, "skipped": 0}, False
    seconds: dict[str, float] = {}
    ahead = _make_ready(ROLES[-1], place)
    try:
        for role in ROLES:
            print(f"\n=== {role} ===", flush=True)
            with tempfile.TemporaryDirectory() as folder:
                report = Path(folder) / "report.xml"
                command = [sys.executable, "-m", "pytest", "-q", f"--hypothesis-seed={seed}", f"--junitxml={report}"]
                command += ["-n", workers, "--dist", "loadfile", "--no-loadscope-reorder", *sys.argv[1:]]
                values = {**os.environ, "ROLE": role, "MALL_TEST_HOME": str(place)}
                code = subprocess.call(command, cwd=PROJECT, env=values)
                failed = failed or code not in (0, _NO_TESTS)
                _count(report, totals, seconds)
    finally:
        ahead.wait()
        Servers(place).stop_if_unused()
    if len(sys.argv) == 1:
        order.remember(place, seconds)
    print(f"\nseed {seed}: repeat with `make test SEED={seed}`; {time.monotonic() - started:.0f} s")
    print(f"{totals['passed']} passed, {totals['failed']} failed, {totals['skipped']} skipped")
    return 1 if failed or not totals["passed"] else 0


def _make_ready(role: str, place: Path) -> subprocess.Popen[bytes]:
    """Make the base of a role's databases, beside whatever runs."""
    command = [sys.executable, "-c", "import tests.environment"]
    values = {**os.environ, "ROLE": role, "MALL_TEST_HOME": str(place), "PYTEST_XDIST_WORKER": "ahead"}
    return subprocess.Popen(command, cwd=PROJECT, env=values, stdout=subprocess.DEVNULL)


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
