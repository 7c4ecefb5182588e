from django.apps import AppConfig


class InfrastructureConfig(AppConfig):
    name = "provisioning.infrastructure"
    label = "infrastructure"
    default_auto_field = "django.db.models.BigAutoField"
