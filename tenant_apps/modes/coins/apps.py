from django.apps import AppConfig


class CoinsConfig(AppConfig):
    name = "tenant_apps.modes.coins"
    label = "coins"
    default_auto_field = "django.db.models.BigAutoField"
