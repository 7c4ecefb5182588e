from pathlib import Path

from django.apps import AppConfig
from django.conf import settings

from saas.kernel.keyring import LocalKeyring


class VaultConfig(AppConfig):
    name = "saas.tenants.vault"
    label = "vault"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """A keyring that others can read stops the process here, before it can be used."""
        LocalKeyring(Path(settings.KEYRING_FILE)).check()
