"""One book a schema: a mall's, or the platform's own in control."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "saas.ledger"
    label = "ledger"
    default_auto_field = "django.db.models.BigAutoField"
    append_only_tables = (
        "ledger_entry",
        "ledger_posting",
        "ledger_hold",
        "ledger_holdresolution",
        "ledger_seal",
        "ledger_sealedentry",
    )
    trigger_owned_tables = ("ledger_account",)
