from django.apps import AppConfig


class SubsidyConfig(AppConfig):
    name = "tenant_apps.modes.subsidy"
    label = "subsidy"
    default_auto_field = "django.db.models.BigAutoField"
