from django.apps import AppConfig


class SendersConfig(AppConfig):
    name = "saas.tenants.senders"
    label = "senders"
    default_auto_field = "django.db.models.BigAutoField"
