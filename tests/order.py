"""Which test file begins first: the longest, by the seconds of the last whole run on this machine, else by what is known."""

import json
from collections.abc import Sequence
from pathlib import Path

_FILE = "seconds.json"
_A_TEST = 0.3  # seconds of a test that nothing is known of
# Before the first whole run: files that start processes, browsers or servers, in seconds of a quiet machine.
_KNOWN = {
    "tests/journeys/test_journeys.py": 300.0,
    "tests/cells/test_cells.py": 250.0,
    "tests/isolation/test_canary.py": 60.0,
    "tests/provisioning": 40.0,
    "tests/saas/runtime": 40.0,
    "tests/saas/config/test_deliverer.py": 20.0,
    "tests/control/provisioning": 30.0,
    "tests/control/billing": 30.0,
    "tests/properties": 30.0,
}


def arrange(items: list, home: Path) -> None:  # type: ignore[type-arg]
    """Sort collected tests by file, the longest file first; the order within a file stays. The same in every process."""
    known = _read(home)
    counts: dict[str, int] = {}
    for item in items:
        counts[_file(item)] = counts.get(_file(item), 0) + 1
    weights = {file: known.get(file, _guess(file, count)) for file, count in counts.items()}
    items.sort(key=lambda item: (-weights[_file(item)], _file(item)))


def remember(home: Path, seconds: dict[str, float]) -> None:
    """Keep what each file took."""
    (home / _FILE).write_text(json.dumps({**_read(home), **{file: round(took, 1) for file, took in seconds.items()}}))


def file_of(classname: str) -> str:
    """The file of a test in a JUnit report, which names its module (and its class, if it has one)."""
    parts: Sequence[str] = classname.split(".")
    while parts and parts[-1][:1].isupper():
        parts = parts[:-1]
    return "/".join(parts) + ".py"


def _file(item: object) -> str:
    return str(item.nodeid).partition("::")[0]  # type: ignore[attr-defined]


def _read(home: Path) -> dict[str, float]:
    try:
        return dict(json.loads((home / _FILE).read_text()))
    except (OSError, ValueError):
        return {}


def _guess(file: str, count: int) -> float:
    known = [seconds for place, seconds in _KNOWN.items() if file.startswith(place)]
    return max([*known, count * _A_TEST])
