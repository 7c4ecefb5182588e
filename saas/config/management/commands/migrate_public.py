"""Migrate this database's public schema (a cell's registry, or all of control). Run it as the owner role."""

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.core.management.commands.migrate import Command as CoreMigrate
from django.db import connection, transaction

from saas.tenants.backend.first_migrations import rendered_late
from saas.tenants.backend.grants import grant_statements


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        with rendered_late():
            call_command(CoreMigrate(), verbosity=options["verbosity"], interactive=False)
        installed = settings.SHARED_APPS if settings.ROLE == "cell" else settings.CONTROL_APPS
        with transaction.atomic(), connection.cursor() as cursor:
            for statement in grant_statements("public", installed):
                cursor.execute(statement)
