"""`mall bench`: figures, each beside a floor measured in the same run, so that a slow machine does not matter.

A bench is a function `measure(bench: Bench) -> Iterator[Figure]`, entered in BENCHES by its dotted name. It works in a
home of its own (`Bench.home`), where the servers run while it measures.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

BENCHES: dict[str, str] = {
    "malls": "saas.runtime.bench.malls.measure",
    "ledger": "saas.runtime.bench.ledger.measure",
    "settle": "saas.runtime.bench.settle.measure",
    "pages": "saas.runtime.bench.pages.measure",
    "preview": "saas.runtime.bench.preview.measure",
    "subsidy": "saas.runtime.bench.subsidy.measure",
    "rollout": "saas.runtime.bench.rollout.measure",
    "move": "saas.runtime.bench.move.measure",
    "shop": "saas.runtime.bench.shop.measure",
    "import": "saas.runtime.bench.importing.measure",
    "processes": "saas.runtime.bench.processes.measure",
}


@dataclass(frozen=True)
class Figure:
    """One measured thing. `ratio` compares it with the floor; `aim` says what is wanted, `is_met` whether it is so."""

    what: str
    value: float
    unit: str
    floor: str = ""
    ratio: float | None = None
    aim: str = ""
    is_met: bool | None = None


@dataclass(frozen=True)
class Bench:
    """What a bench is given. `quick` asks for a tenth of the work, to see that it runs."""

    home: Path
    console: Console
    quick: bool = False

    def times(self, count: int) -> int:
        """`count`, or a tenth of it (3 at least) when quick."""
        return max(3, count // 10) if self.quick else count


def run(bench: Bench, names: list[str]) -> Iterator[tuple[str, Figure]]:
    """Measure each named bench; its figures as they come."""
    from importlib import import_module

    for name in names:
        module, _, function = BENCHES[name].rpartition(".")
        for figure in getattr(import_module(module), function)(bench):
            yield name, figure
