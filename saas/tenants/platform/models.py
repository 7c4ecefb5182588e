"""What the platform says of itself (control): one row, entered in the console."""

from django.db import models


class Profile(models.Model):
    """Name, company, bank and filing numbers. Empty fields fall back to the environment's settings."""

    name = models.CharField(max_length=40, blank=True, default="")
    company = models.CharField(max_length=80, blank=True, default="")
    company_en = models.CharField(max_length=120, blank=True, default="")
    bank = models.TextField(blank=True, default="")  # account holder, bank and number, as lines
    icp_number = models.CharField(max_length=60, blank=True, default="")
    police_number = models.CharField(max_length=60, blank=True, default="")
    support_phone = models.CharField(max_length=30, blank=True, default="")
    support_email = models.EmailField(blank=True, default="")
    base_domain = models.CharField(max_length=253, blank=True, default="")  # of new malls; empty: PLATFORM_DOMAIN
    former_domains = models.JSONField(blank=True, default=list)  # bases under which older malls answer
    changed_at = models.DateTimeField()
    changed_by = models.CharField(max_length=60)

    class Meta:
        app_label = "platform"
        constraints = [models.CheckConstraint(name="platform_one_row", condition=models.Q(id=1))]
