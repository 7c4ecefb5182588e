"""What the app role may do in a schema: everything but what the guarded tables withhold. The owner role runs this."""

from collections.abc import Iterable

from django.apps import apps
from psycopg import sql

APP_ROLE = "mallwright_app"


def grant_statements(schema: str, installed: Iterable[str]) -> Iterable[sql.Composed]:
    """GRANT and REVOKE statements for the tables of the `installed` apps (dotted names) in `schema`, in order.

    An app config may name `append_only_tables` (SELECT and INSERT) and `trigger_owned_tables` (the same: their rows
    are changed by SECURITY DEFINER triggers alone).
    """
    names = {"schema": sql.Identifier(schema), "role": sql.Identifier(APP_ROLE)}
    yield sql.SQL("GRANT USAGE ON SCHEMA {schema} TO {role}").format(**names)
    yield sql.SQL("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {role}").format(**names)
    yield sql.SQL("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {schema} TO {role}").format(**names)
    wanted = set(installed)
    for config in apps.get_app_configs():
        if config.name not in wanted:
            continue
        for attribute in ("append_only_tables", "trigger_owned_tables"):
            for table in getattr(config, attribute, ()):
                yield sql.SQL("REVOKE UPDATE, DELETE, TRUNCATE ON {schema}.{table} FROM {role}").format(
                    table=sql.Identifier(table), **names
                )
