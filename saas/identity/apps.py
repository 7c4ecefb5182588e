from django.apps import AppConfig


class IdentityConfig(AppConfig):
    name = "saas.identity"
    label = "identity"
    default_auto_field = "django.db.models.BigAutoField"
    append_only_tables = ("identity_auditrecord",)
