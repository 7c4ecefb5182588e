from django.apps import AppConfig


class VendorAccountConfig(AppConfig):
    name = "saas.account"
    label = "vendor_account"
    default_auto_field = "django.db.models.BigAutoField"
