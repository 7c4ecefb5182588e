from django.apps import AppConfig


class AdvertisingConfig(AppConfig):
    name = "tenant_apps.modes.advertising"
    label = "advertising"
    default_auto_field = "django.db.models.BigAutoField"
