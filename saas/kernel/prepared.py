"""Statements that the server parses and plans once a connection: the few that run in every transaction or page.

Safe across malls: PostgreSQL parses a prepared statement anew when the search path differs from the one it was planned
for (PREPARE, “Notes”), so it always means the tables of the mall that is active.
"""

from collections.abc import Callable, Mapping
from operator import itemgetter
from typing import Any, Generic, TypeVar

import psycopg
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model, QuerySet
from django.db.models.query import get_related_populators
from django.db.transaction import TransactionManagementError

_M = TypeVar("_M", bound=Model)


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
    with prepared_cursor(connections[DEFAULT_DB_ALIAS]) as cursor:
        cursor.execute(statement, parameters)
        return list(cursor.fetchall())


class PreparedRead(Generic[_M]):
    """A queryset that is compiled once a process and prepared once a connection, then read with other values.

    `PreparedRead(lambda number: Order.objects.filter(number=number), number="?number")`: the named values are samples
    of the right type, distinct, that occur nowhere else in the query. For the reads of every page, where building and
    compiling a queryset costs more than its statement. The text names no schema, so it means the mall that is active.
    Not for prefetches, `values()`, or lists of values.
    """

    def __init__(self, build: Callable[..., QuerySet[_M]], **samples: Any) -> None:
        self._build, self._samples = build, samples
        self._compiled: _Compiled | None = None

    def rows(self, **values: Any) -> list[_M]:
        """The model instances that the query finds for these values (one statement)."""
        made = self._compiled
        if made is None:
            made = self._compiled = _Compiled(self._build(**self._samples), self._samples)
        return made.rows(values)

    def first(self, **values: Any) -> _M | None:
        """The first of `rows`."""
        return next(iter(self.rows(**values)), None)


class _Compiled:
    """What of a queryset does not depend on its values (django.db.models.query.ModelIterable, taken apart)."""

    def __init__(self, queryset: QuerySet[Any], samples: Mapping[str, Any]) -> None:
        self.compiler: Any = queryset.query.get_compiler(DEFAULT_DB_ALIAS)
        self.statement, parameters = self.compiler.as_sql()
        self.parts = [_part(parameter, samples) for parameter in parameters]
        if missing := [name for name, sample in samples.items() if sample not in parameters]:
            raise ValueError(f"not in the query: {missing}")
        info = self.compiler.klass_info
        fields = info["select_fields"]
        self.model, self.fields = info["model"], slice(fields[0], fields[-1] + 1)
        self.names = [selected[0].target.attname for selected in self.compiler.select[self.fields]]
        self.related = get_related_populators(info, self.compiler.select, DEFAULT_DB_ALIAS)  # type: ignore[call-arg]
        self.annotations = dict(self.compiler.annotation_col_map or {})
        chosen = [selected[0] for selected in self.compiler.select[: self.compiler.col_count]]
        self.converters = self.compiler.get_converters(chosen)

    def rows(self, values: Mapping[str, Any]) -> list[Any]:
        if self.compiler.query.select_for_update and not connections[DEFAULT_DB_ALIAS].in_atomic_block:
            raise TransactionManagementError("a row is locked outside of a transaction")
        found = prepared_rows(self.statement, [part(values) for part in self.parts])
        ready = self.compiler.apply_converters(found, self.converters) if self.converters else found
        return [self._instance(row) for row in ready]

    def _instance(self, row: Any) -> Any:
        made = self.model.from_db(DEFAULT_DB_ALIAS, self.names, row[self.fields])
        for populator in self.related:
            populator.populate(row, made)
        for name, at in self.annotations.items():
            setattr(made, name, row[at])
        return made


def _part(parameter: Any, samples: Mapping[str, Any]) -> Callable[[Mapping[str, Any]], Any]:
    for name, sample in samples.items():
        if parameter == sample:
            return itemgetter(name)
    return lambda values: parameter
