from django.apps import AppConfig


class VendorsConfig(AppConfig):
    name = "saas.tenants.vendors"
    label = "vendors"
    default_auto_field = "django.db.models.BigAutoField"
    append_only_tables = ("vendors_agreementacceptance", "vendors_ruling")
