"""psycopg's pool, but the connection that was used last is taken first."""

from typing import Any

from psycopg_pool import ConnectionPool


class LastUsedFirst(ConnectionPool):
    """psycopg's takes turns, so that every backend of a quiet process stays cold: its catalogue caches and prepared
    statements are per backend, and filling them costs more than the statements. What is not needed falls idle and is closed.
    """

    def _get_ready_connection(self, timeout: float | None) -> Any:  # the pool's lock is held
        self._pool.rotate(1)  # the right end is where connections come back to
        return super()._get_ready_connection(timeout)
