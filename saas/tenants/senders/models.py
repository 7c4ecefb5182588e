"""The accounts with which a mall, or in control the platform, sends SMS and e-mail."""

from django.db import models

from saas.tenants.senders.rules import Medium, Provider


class Sender(models.Model):
    """One account a medium. `sealed` holds its secrets (vault), `values` the rest, `shown` what a screen may say of both."""

    ulid = models.CharField(max_length=26, unique=True)
    medium = models.CharField(max_length=8, unique=True, choices=[(m.value, m.value) for m in Medium])
    provider = models.CharField(max_length=12, choices=[(p.value, p.value) for p in Provider])
    values = models.JSONField(default=dict)
    sealed = models.TextField()
    shown = models.JSONField(default=dict)  # secret's name → last characters and fingerprint
    templates = models.JSONField(default=dict)  # kind → {"template", "parameters", "approved", "detail"}
    ceiling = models.PositiveIntegerField(null=True)  # text messages a calendar month (China); null: none of our own
    month = models.CharField(max_length=7, default="")  # which month `used` counts
    used = models.PositiveIntegerField(default=0)
    days = models.JSONField(
        default=dict
    )  # ISO day (China) → messages, of the last days: what the plan's use is counted by
    told_month = models.CharField(max_length=7, default="")  # in which staff were told of the ceiling
    told_percent = models.PositiveSmallIntegerField(default=0)  # of which part of it: 80, 100
    report_token = models.CharField(max_length=64, unique=True)  # in the address to which delivery reports come
    healthy = models.BooleanField(default=True)
    detail = models.CharField(max_length=200, default="")
    checked_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        app_label = "senders"
