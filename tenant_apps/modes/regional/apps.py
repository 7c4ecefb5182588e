from django.apps import AppConfig


class RegionalConfig(AppConfig):
    name = "tenant_apps.modes.regional"
    label = "regional"
    default_auto_field = "django.db.models.BigAutoField"
