"""What an export holds and means: the data dictionary, generated from the models; and what it withholds, with the reason."""

from dataclasses import dataclass
from typing import Any

import psycopg
from django.apps import apps
from django.conf import settings
from django.db.models import Field, ForeignKey, Model

from provisioning.archives.rules import KEYS, TRANSIENT, is_sealed

PASSWORD, TOKEN, SEALED, KEY, MOMENT = "password", "token", "sealed", "key", "moment"
REASONS = {
    PASSWORD: "a password's hash is a secret: people sign in by a code, or set a new password",
    TOKEN: "an address that only one installation answers",
    SEALED: "sealed for this mall by a key of this installation: it cannot be opened anywhere else",
    KEY: "a key that is wrapped for this installation",
    MOMENT: "sessions, codes and counters of the moment",
}
# Column → why it is left out and what an import writes instead (SQL).
_WITHHELD: dict[tuple[str, str], tuple[str, str]] = {
    ("identity_user", "password"): (PASSWORD, "'!'"),
    ("payments_channelcredential", "notify_token"): (TOKEN, "md5(random()::text)"),
}


@dataclass(frozen=True)
class Column:
    """A column as the catalog knows it; `instead` is what an import writes where it is withheld."""

    name: str
    type: str
    nullable: bool
    withheld: str = ""
    instead: str = ""


def columns(connection: psycopg.Connection, schema: str, table: str) -> list[Column]:
    """The columns of a table in their order; generated ones are left out, they come by themselves."""
    rows = connection.execute(
        "SELECT attname, format_type(atttypid, atttypmod), NOT attnotnull FROM pg_attribute WHERE attrelid ="
        " format('%%I.%%I', %s::text, %s::text)::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''"
        " ORDER BY attnum",
        [schema, table],
    ).fetchall()
    return [_column(table, name, kind, nullable) for name, kind, nullable in rows]


def _column(table: str, name: str, kind: str, nullable: bool) -> Column:
    if is_sealed(name):
        return Column(name, kind, nullable, SEALED, "''")
    why, instead = _WITHHELD.get((table, name), ("", ""))
    return Column(name, kind, nullable, why, instead)


def exported(table: str) -> bool:
    """Whether a table is in an export at all."""
    return table not in TRANSIENT and table not in KEYS


def withheld(found: dict[str, list[Column]]) -> list[dict[str, str]]:
    """Everything that is left out, with the reason, as the manifest names it."""
    rows = [{"table": table, "column": "*", "why": REASONS[MOMENT]} for table in sorted(TRANSIENT)]
    rows += [{"table": table, "column": "*", "why": REASONS[KEY]} for table in sorted(KEYS)]
    for table, wanted in sorted(found.items()):
        rows += [
            {"table": table, "column": column.name, "why": REASONS[column.withheld]}
            for column in wanted
            if column.withheld
        ]
    return rows


def dictionary(found: dict[str, list[Column]]) -> dict[str, Any]:
    """Tables and columns in words: what a row is, each column's type, whether it may be empty, where it points."""
    models = _models()
    return {table: _table(models.get(table), wanted) for table, wanted in sorted(found.items())}


def _models() -> dict[str, type[Model]]:
    named = set(settings.TENANT_APPS)
    return {
        model._meta.db_table: model
        for config in apps.get_app_configs()
        if config.name in named
        for model in config.get_models(include_auto_created=True)
    }


def _table(model: type[Model] | None, wanted: list[Column]) -> dict[str, Any]:
    fields = {field.column: field for field in model._meta.concrete_fields} if model else {}
    return {
        "what": _first_line(model),
        "columns": {column.name: _words(column, fields.get(column.name)) for column in wanted},
    }


def _first_line(model: type[Model] | None) -> str:
    text = (model.__doc__ or "").strip() if model else ""
    return "" if not model or text.startswith(f"{model.__name__}(") else " ".join(text.split())


def _words(column: Column, field: "Field[Any, Any] | None") -> dict[str, Any]:
    said: dict[str, Any] = {"type": column.type, "null": column.nullable}
    if column.withheld:
        said["withheld"] = REASONS[column.withheld]
    if isinstance(field, ForeignKey):
        said["points_to"] = field.related_model._meta.db_table  # type: ignore[union-attr]
    if field is not None and field.choices:
        said["values"] = [str(value) for value, _label in field.flatchoices]
    if column.name.endswith(("_amount", "_fen")):
        said["unit"] = "fen (1/100 yuan)"
    elif column.name.endswith("_ppm"):
        said["unit"] = "ppm (1 000 000 = 100 %)"
    return said
