from django.apps import AppConfig


class GiftPackConfig(AppConfig):
    name = "tenant_apps.modes.gift_pack"
    label = "gift_pack"
    default_auto_field = "django.db.models.BigAutoField"
