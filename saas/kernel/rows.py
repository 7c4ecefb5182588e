"""Rows without the ORM's detours, on the paths whose cost is counted: an INSERT as part of a larger statement, or alone."""

import functools
from collections.abc import Sequence
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Field, Model
from django.db.models.expressions import DatabaseDefault

from saas.kernel.prepared import prepared_cursor

_PREPARED_ROWS = 3  # each number of rows is a statement of its own


def insert_part(row: Model) -> tuple[str, list[Any]]:
    """`INSERT INTO … SELECT …` of an unsaved row and its parameters: a FROM or WHERE may follow. Signals are not sent."""
    columns, values = _content(row)
    marks = ", ".join(["%s"] * len(values))
    return f"INSERT INTO {row._meta.db_table} ({', '.join(columns)}) SELECT {marks}", values


def insert_rows(rows: Sequence[Model]) -> None:
    """Write unsaved rows of one model (at least one), which learn their keys: one prepared statement. No signals are sent.

    What the database fills in by default is not read back.
    """
    columns, _ = _content(rows[0])
    marks = ", ".join([f"({', '.join(['%s'] * len(columns))})"] * len(rows))
    table, key = rows[0]._meta.db_table, rows[0]._meta.pk
    statement = f"INSERT INTO {table} ({', '.join(columns)}) VALUES {marks} RETURNING {key.column}"  # noqa: S608 - ours
    connection = connections[DEFAULT_DB_ALIAS]
    with prepared_cursor(connection) if len(rows) <= _PREPARED_ROWS else connection.cursor() as cursor:
        cursor.execute(statement, [value for row in rows for value in _content(row)[1]])
        for row, (found,) in zip(rows, cursor.fetchall(), strict=True):
            row.pk, row._state.adding, row._state.db = found, False, DEFAULT_DB_ALIAS


def _content(row: Model) -> tuple[list[str], list[Any]]:
    columns, values = [], []
    connection = connections[DEFAULT_DB_ALIAS]
    for field, column in _columns(type(row)):
        value = field.pre_save(row, add=True)
        if isinstance(value, DatabaseDefault):
            continue
        columns.append(column)
        values.append(field.get_db_prep_save(value, connection))
    return columns, values


@functools.cache
def _columns(model: type[Model]) -> tuple[tuple["Field[Any, Any]", str], ...]:
    """The fields of a model that an INSERT may name, each with its quoted column."""
    quote = connections[DEFAULT_DB_ALIAS].ops.quote_name
    return tuple((field, quote(str(field.column))) for field in model._meta.concrete_fields if not field.primary_key)
