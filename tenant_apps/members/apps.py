from django.apps import AppConfig


class MembersConfig(AppConfig):
    name = "tenant_apps.members"
    label = "members"
    default_auto_field = "django.db.models.BigAutoField"
