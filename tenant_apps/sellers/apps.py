from django.apps import AppConfig


class SellersConfig(AppConfig):
    name = "tenant_apps.sellers"
    label = "sellers"
    default_auto_field = "django.db.models.BigAutoField"
