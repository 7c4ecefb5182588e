"""What the app role may do in a schema: everything but what the guarded tables withhold. The owner role runs this."""

from collections.abc import Iterable
from typing import Any

from django.apps import apps
from psycopg import sql

APP_ROLE = "mallwright_app"


_RIGHTS = """
SELECT c.relname, c.relkind::text, array_remove(ARRAY[
    CASE WHEN has_table_privilege(%(role)s, c.oid, 'SELECT') THEN 'SELECT' END,
    CASE WHEN c.relkind <> 'S' AND has_table_privilege(%(role)s, c.oid, 'INSERT') THEN 'INSERT' END,
    CASE WHEN c.relkind <> 'S' AND has_table_privilege(%(role)s, c.oid, 'UPDATE') THEN 'UPDATE' END,
    CASE WHEN c.relkind <> 'S' AND has_table_privilege(%(role)s, c.oid, 'DELETE') THEN 'DELETE' END,
    CASE WHEN c.relkind = 'S' AND has_sequence_privilege(%(role)s, c.oid, 'USAGE') THEN 'USAGE' END], NULL)
FROM pg_class c WHERE c.relnamespace = %(schema)s::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'S')
"""
_TABLE = {"SELECT", "INSERT", "UPDATE", "DELETE"}
_GUARDED = {"SELECT", "INSERT"}
_SEQUENCE = {"SELECT", "USAGE"}


def lacking_grants(cursor: Any, schema: str, installed: Iterable[str]) -> list[sql.Composed]:
    """What of `grant_statements` is not so in `schema`, as statements that make it so; empty in a sound mall.

    Granting what is granted already rewrites the catalog row of every table: a rollout over many malls asks first.
    """
    cursor.execute(_RIGHTS, {"role": APP_ROLE, "schema": schema})
    guarded = set(_guarded_tables(installed))
    names = {"schema": sql.Identifier(schema), "role": sql.Identifier(APP_ROLE)}
    found: list[sql.Composed] = []
    for name, kind, rights in cursor.fetchall():
        wanted = _SEQUENCE if kind == "S" else _GUARDED if name in guarded else _TABLE
        what = sql.SQL("SEQUENCE {schema}.{name}" if kind == "S" else "{schema}.{name}")
        on = what.format(name=sql.Identifier(name), **names)
        for change, listed in (
            ("REVOKE {rights} ON {on} FROM {role}", set(rights) - wanted),
            ("GRANT {rights} ON {on} TO {role}", wanted - set(rights)),
        ):
            if listed:
                granted = sql.SQL(", ".join(sorted(listed)))
                found.append(sql.SQL(change).format(rights=granted, on=on, role=names["role"]))
    return found


def _guarded_tables(installed: Iterable[str]) -> Iterable[str]:
    wanted = set(installed)
    for config in apps.get_app_configs():
        if config.name in wanted:
            for attribute in ("append_only_tables", "trigger_owned_tables"):
                yield from getattr(config, attribute, ())


def grant_statements(schema: str, installed: Iterable[str]) -> Iterable[sql.Composed]:
    """GRANT and REVOKE statements for the tables of the `installed` apps (dotted names) in `schema`, in order.

    An app config may name `append_only_tables` (SELECT and INSERT) and `trigger_owned_tables` (the same: their rows
    are changed by SECURITY DEFINER triggers alone).
    """
    names = {"schema": sql.Identifier(schema), "role": sql.Identifier(APP_ROLE)}
    yield sql.SQL("GRANT USAGE ON SCHEMA {schema} TO {role}").format(**names)
    yield sql.SQL("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {role}").format(**names)
    yield sql.SQL("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {schema} TO {role}").format(**names)
    for table in _guarded_tables(installed):
        yield sql.SQL("REVOKE UPDATE, DELETE, TRUNCATE ON {schema}.{table} FROM {role}").format(
            table=sql.Identifier(table), **names
        )
