"""Rows as parts of larger statements: one INSERT that a caller joins with others, where a trip a row costs too much."""

from typing import Any

from django.db import connection
from django.db.models import Model
from django.db.models.expressions import DatabaseDefault


def insert_part(row: Model) -> tuple[str, list[Any]]:
    """`INSERT INTO … SELECT …` of an unsaved row and its parameters: a FROM or WHERE may follow. Signals are not sent."""
    columns, values = [], []
    for field in row._meta.concrete_fields:
        value = field.pre_save(row, add=True)
        if field.primary_key or isinstance(value, DatabaseDefault):
            continue
        columns.append(connection.ops.quote_name(str(field.column)))
        values.append(field.get_db_prep_save(value, connection))
    marks = ", ".join(["%s"] * len(values))
    return f"INSERT INTO {row._meta.db_table} ({', '.join(columns)}) SELECT {marks}", values
