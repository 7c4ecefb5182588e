"""What the cell's processes and its database spend while something runs: CPU and statements."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from saas.runtime.bench.load import cpu_seconds
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
    cpu_ms: float = 0.0
    statements: float = 0.0


class Meter:
    """Looks at one cell from outside, on a connection of the launcher's, which is not counted."""

    def __init__(self, home: Path, database: str, processes: Callable[[], list[int]]) -> None:
        self.connection = Postgres(home).connect(database)
        self.connection.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
        self.processes = processes

    def close(self) -> None:
        self.connection.close()

    @contextmanager
    def spent(self) -> Iterator[Spent]:
        """What is spent inside the block; filled in at its end."""
        found, before = Spent(), self._now()
        yield found
        after = self._now()
        found.seconds, found.cpu_ms, found.statements = (b - a for a, b in zip(before, after, strict=True))

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
        """Return as soon as the order is paid. Raises RuntimeError after a minute."""
        query = f"SELECT state FROM {schema}.orders_order WHERE ulid = %s"
        for _ in range(12_000):
            row = self.connection.execute(query, [order]).fetchone()
            if row and row[0] != "pending_payment":
                return
            time.sleep(0.005)
        raise RuntimeError("the order was never paid")

    def _now(self) -> tuple[float, float, float]:
        row = self.connection.execute(_STATEMENTS, [_APP]).fetchone()
        return time.perf_counter(), cpu_seconds(self.processes()) * 1000, float(row[0] if row else 0)
