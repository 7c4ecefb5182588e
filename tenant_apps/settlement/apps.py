from django.apps import AppConfig


class SettlementConfig(AppConfig):
    name = "tenant_apps.settlement"
    label = "settlement"
    default_auto_field = "django.db.models.BigAutoField"
    append_only_tables = ("settlement_settledrefund", "settlement_clawback")
