from django.apps import AppConfig


class Link21Config(AppConfig):
    name = "tenant_apps.modes.link21"
    label = "link21"
    default_auto_field = "django.db.models.BigAutoField"
