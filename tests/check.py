"""`make check`: what can be said about the code without running the suite. Every check runs, then the verdict."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from saas.runtime.environment import role_environment
from saas.runtime.paths import PROJECT

_BIN = Path(sys.executable).parent
PACKAGES = ("saas", "tenant_apps", "provisioning", "billing")


@dataclass(frozen=True)
class Outcome:
    """How one check ended."""

    name: str
    passed: bool
    output: str
    seconds: float


def main() -> int:
    """Run all checks, two at a time; 0 when all passed."""
    with tempfile.TemporaryDirectory() as folder:
        checks: dict[str, Callable[[], tuple[bool, str]]] = {
            "mypy": lambda: _run([str(_BIN / "mypy"), *PACKAGES], _settings("cell", folder)),
            "ruff": lambda: _run([str(_BIN / "ruff"), "check", "."]),
            "format": lambda: _run([str(_BIN / "ruff"), "format", "--check", "."]),
            "layers": lambda: _run([str(_BIN / "lint-imports")]),
            "lock": _lock_names_no_host,
            "migrations of control": lambda: _migrations("control", folder),
            "migrations of a cell": lambda: _migrations("cell", folder),
            "architecture of control": lambda: _architecture("control", folder),
            "architecture of a cell": lambda: _architecture("cell", folder),
        }
        with ThreadPoolExecutor(max_workers=2) as pool:
            outcomes = list(pool.map(lambda item: _outcome(*item), checks.items()))
    failures = [outcome for outcome in outcomes if not outcome.passed]
    for outcome in failures:
        print(f"\n--- {outcome.name} ---\n{outcome.output[-6000:]}")
    print(f"\n{len(outcomes) - len(failures)} passed, {len(failures)} failed")
    return 1 if failures else 0


def _outcome(name: str, check: Callable[[], tuple[bool, str]]) -> Outcome:
    started = time.monotonic()
    passed, output = check()
    outcome = Outcome(name, passed, output, time.monotonic() - started)
    print(f"{'ok  ' if passed else 'FAIL'} {outcome.seconds:6.1f} s  {name}", flush=True)
    return outcome


def _run(command: list[str], environment: dict[str, str] | None = None) -> tuple[bool, str]:
    done = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True)
    return done.returncode == 0, done.stdout + done.stderr


def _settings(role: str, folder: str) -> dict[str, str]:
    """Settings that name servers which nobody asks anything."""
    values = role_environment(role, Path(folder))
    return {**os.environ, **values, "DJANGO_SETTINGS_MODULE": "saas.config.settings.test"}


def _migrations(role: str, folder: str) -> tuple[bool, str]:
    command = [sys.executable, "-W", "ignore", "-m", "django", "makemigrations", "--check", "--dry-run"]
    return _run(command, _settings(role, folder))


def _architecture(role: str, folder: str) -> tuple[bool, str]:
    command = [sys.executable, "-m", "pytest", "-q", "tests/architecture", "-p", "no:cacheprovider"]
    return _run(command, {**_settings(role, folder), "MALL_TESTS_WITHOUT_DATABASE": "1"})


def _lock_names_no_host() -> tuple[bool, str]:
    lines = (PROJECT / "requirements.lock").read_text().splitlines()
    bad = [f"{number}: {line}" for number, line in enumerate(lines, 1) if ":/" + "/" in line]
    return not bad, "\n".join(bad)


if __name__ == "__main__":
    sys.exit(main())
