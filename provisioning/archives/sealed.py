"""Sealed columns of a copied mall that nobody seals anew: they are blanked, since they open nowhere any more."""

import psycopg
from psycopg import sql

from provisioning.executor import schema as template

RESEALED = frozenset({"payouts_withdrawal"})  # tenant_apps.payouts.services.reseal_payees


def blank(schema: str, *, but: frozenset[str] = frozenset()) -> list[str]:
    """Empty every `*_sealed` column of the schema's tables, those in `but` aside; the columns that held something."""
    done = []
    with psycopg.connect(template.owner_url()) as connection:
        found = connection.execute(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = %s"
            " AND column_name LIKE %s ORDER BY 1, 2",
            [schema, "%\\_sealed"],
        ).fetchall()
        for table, column in found:
            if table in but:
                continue
            statement = sql.SQL("UPDATE {} SET {} = '' WHERE {} <> ''").format(
                sql.Identifier(schema, table), sql.Identifier(column), sql.Identifier(column)
            )
            if connection.execute(statement).rowcount:
                done.append(f"{table}.{column}")
    return done
