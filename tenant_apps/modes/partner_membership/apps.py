from django.apps import AppConfig


class PartnerMembershipConfig(AppConfig):
    name = "tenant_apps.modes.partner_membership"
    label = "partner_membership"
    default_auto_field = "django.db.models.BigAutoField"
