"""`manage cell rotate_keyring` (`manage control …` for the platform's own): a new key-encryption key, and every data key
wrapped again. Resumable."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django_tenants.utils import schema_context

from saas.kernel.keyring import LocalKeyring, Undecryptable
from saas.tenants.malls.activation import in_mall
from saas.tenants.malls.models import Mall
from saas.tenants.malls.rules import MallState
from saas.tenants.vault import services


class Command(BaseCommand):
    help = "Add a key to the keyring and wrap every mall's data keys under it. With --resume, finish an earlier run."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--resume", action="store_true", help="add no key; wrap what is still under an older one")

    def handle(self, *args: Any, resume: bool = False, **options: Any) -> None:
        ring = services.keyring()
        if not resume and isinstance(ring, LocalKeyring):  # AWS makes new key material by itself
            self.stdout.write(f"keyring: key {ring.add_version()} is now current")
        if settings.ROLE == "control":
            self.stdout.write(f"platform: {services.rewrap_data_keys()} wrapped again")
            return
        with schema_context("public"):
            malls = list(
                Mall.objects.exclude(
                    state__in=[MallState.CREATING, MallState.ARRIVING, MallState.MOVED, MallState.GONE]
                )
            )
        failed = 0
        for mall in malls:
            try:
                with in_mall(mall):
                    self.stdout.write(f"{mall.ulid}: {services.rewrap_data_keys()} wrapped again")
            except Undecryptable as error:
                failed += 1
                self.stderr.write(f"{mall.ulid}: {error}")
        if failed:
            raise SystemExit(1)
