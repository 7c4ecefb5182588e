"""Statements that the server parses and plans once a connection: the few that run in every transaction or page.

Safe across malls: PostgreSQL parses a prepared statement anew when the search path differs from the one it was planned
for (PREPARE, “Notes”), so it always means the tables of the mall that is active.
"""

from typing import Any

import psycopg
from django.db import connection as default_connection
from django.db.backends.base.base import BaseDatabaseWrapper


class _PreparedCursor(psycopg.Cursor[Any]):
    """Binds on the server and prepares at the first use."""

    def execute(self, query: Any, params: Any = None, **how: Any) -> "_PreparedCursor":
        super().execute(query, params, **{**how, "prepare": True})
        return self

    def _send_query_prepared(self, name: bytes, pgq: Any, *, binary: bool | None = None) -> None:
        self._query = pgq  # what Django's log of statements shows
        super()._send_query_prepared(name, pgq, binary=binary)


def prepared_cursor(connection: BaseDatabaseWrapper) -> Any:
    """A cursor as `connection.cursor()` gives, with its wrappers (gate, counters), whose statements are prepared."""
    if connection.connection is None or not getattr(connection, "search_path_set_schemas", True):
        connection.cursor().close()  # connects, and looks at the active mall
    raw = _PreparedCursor(connection.connection)
    wrap: Any = connection.make_debug_cursor if connection.queries_logged else connection.make_cursor
    return wrap(raw)


def prepared_rows(statement: str, parameters: Any) -> list[tuple[Any, ...]]:
    """All rows of a prepared read on the default connection."""
    with prepared_cursor(default_connection) as cursor:
        cursor.execute(statement, parameters)
        return list(cursor.fetchall())
