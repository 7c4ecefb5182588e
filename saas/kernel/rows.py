"""Rows as parts of larger statements: one INSERT that a caller joins with others, where a trip a row costs too much."""

import functools
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Field, Model
from django.db.models.expressions import DatabaseDefault


def insert_part(row: Model) -> tuple[str, list[Any]]:
    """`INSERT INTO … SELECT …` of an unsaved row and its parameters: a FROM or WHERE may follow. Signals are not sent."""
    columns, values = [], []
    connection = connections[DEFAULT_DB_ALIAS]
    for field, column in _columns(type(row)):
        value = field.pre_save(row, add=True)
        if isinstance(value, DatabaseDefault):
            continue
        columns.append(column)
        values.append(field.get_db_prep_save(value, connection))
    marks = ", ".join(["%s"] * len(values))
    return f"INSERT INTO {row._meta.db_table} ({', '.join(columns)}) SELECT {marks}", values


@functools.cache
def _columns(model: type[Model]) -> tuple[tuple["Field[Any, Any]", str], ...]:
    """The fields of a model that an INSERT may name, each with its quoted column."""
    quote = connections[DEFAULT_DB_ALIAS].ops.quote_name
    return tuple((field, quote(str(field.column))) for field in model._meta.concrete_fields if not field.primary_key)
