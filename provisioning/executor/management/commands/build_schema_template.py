"""Migrate the template schema in the (throw-away) database of DATABASE_URL."""

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.core.management.commands.migrate import Command as CoreMigrate
from django.db import connection

from provisioning.executor.schema import TEMPLATE_SCHEMA
from saas.tenants.backend.first_migrations import rendered_late


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
            cursor.execute(f"CREATE SCHEMA {TEMPLATE_SCHEMA}")
        connection.ungated = True  # type: ignore[attr-defined]
        connection.set_schema(TEMPLATE_SCHEMA)  # type: ignore[attr-defined]
        with rendered_late():
            call_command(CoreMigrate(), verbosity=0, interactive=False)
