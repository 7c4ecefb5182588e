from django.apps import AppConfig


class CourierConfig(AppConfig):
    name = "tenant_apps.courier"
    label = "courier"
    default_auto_field = "django.db.models.BigAutoField"
