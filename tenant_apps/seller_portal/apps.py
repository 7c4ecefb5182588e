from django.apps import AppConfig


class SellerPortalConfig(AppConfig):
    name = "tenant_apps.seller_portal"
    label = "seller_portal"
    default_auto_field = "django.db.models.BigAutoField"
