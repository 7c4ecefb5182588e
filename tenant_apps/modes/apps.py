from django.apps import AppConfig


class ModesConfig(AppConfig):
    name = "tenant_apps.modes"
    label = "modes"
    default_auto_field = "django.db.models.BigAutoField"
    append_only_tables = ("modes_settingsversion",)
