"""What the cell's processes and its database spend while something runs: CPU and statements."""

import os
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from saas.runtime.bench.load import exact_cpu_seconds
from saas.runtime.postgres import Postgres

_APP = "mallwright_app"
_STATEMENTS = """
SELECT coalesce(sum(calls), 0) FROM pg_stat_statements
  WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) AND userid = %s::regrole"""
_DUE = "SELECT count(*) FROM public.bus_outboxevent WHERE destination = 'local' AND done_at IS NULL AND available_at <= now()"


@dataclass
class Spent:
    """Seconds that passed, CPU milliseconds of processes and backends, statements of the app's role.

    SET, BEGIN and COMMIT are not among the statements (pg_stat_statements.track_utility is off).
    """

    seconds: float = 0.0
    statements: float = 0.0
    parts: dict[str, float] = field(default_factory=dict)

    @property
    def cpu_ms(self) -> float:
        """The CPU of all parts together."""
        return sum(self.parts.values())


class Meter:
    """Looks at one cell from outside, on a connection of the launcher's, which is not counted.

    `processes` names the parts whose CPU is told apart, each with its processes of now.
    """

    def __init__(self, home: Path, database: str, processes: Callable[[], Mapping[str, list[int]]]) -> None:
        self.connection = Postgres(home).connect(database)
        self.connection.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
        self.processes = processes
        self.pause = 0.005  # seconds between two looks at an order
        self.held: list[int] = []  # processes that stand still from `paid` until the figures are read

    def close(self) -> None:
        self.connection.close()

    @contextmanager
    def spent(self) -> Iterator[Spent]:
        """What is spent inside the block; filled in at its end."""
        known = {name: list(pids) for name, pids in self.processes().items()}
        found, before = Spent(), self._now(known)
        try:
            yield found
            after = self._now(known)
        finally:
            for pid in self.held:
                os.kill(pid, signal.SIGCONT)
        found.seconds, found.statements = after.seconds - before.seconds, after.statements - before.statements
        for name, pids in self.processes().items():  # what was started meanwhile spent all of its time in the block
            after.parts[name] += exact_cpu_seconds(set(pids) - set(known[name])) * 1000
        found.parts = {name: spent - before.parts[name] for name, spent in after.parts.items()}

    def settle(self) -> None:
        """Wait until no event is due any more and a moment longer. Raises RuntimeError after a minute."""
        for _ in range(600):
            row = self.connection.execute(_DUE).fetchone()
            if row == (0,):
                time.sleep(0.2)
                return
            time.sleep(0.1)
        raise RuntimeError("events stay due")

    def wait_until_paid(self, schema: str, order: str) -> None:
        """Return as soon as the order is paid, what follows held still. Raises RuntimeError after a minute."""
        query = f"SELECT state FROM {schema}.orders_order WHERE ulid = %s"
        end = time.monotonic() + 60
        while time.monotonic() < end:
            row = self.connection.execute(query, [order], prepare=True).fetchone()
            if row and row[0] != "pending_payment":
                for pid in self.held:
                    os.kill(pid, signal.SIGSTOP)
                return
            time.sleep(self.pause)
        raise RuntimeError("the order was never paid")

    def _now(self, known: Mapping[str, list[int]]) -> Spent:
        parts = {name: exact_cpu_seconds(pids) * 1000 for name, pids in known.items()}
        row = self.connection.execute(_STATEMENTS, [_APP]).fetchone()
        return Spent(time.perf_counter(), float(row[0] if row else 0), parts)
