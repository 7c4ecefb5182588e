from django.apps import AppConfig


class DomainsConfig(AppConfig):
    name = "provisioning.domains"
    label = "domains"
    default_auto_field = "django.db.models.BigAutoField"
