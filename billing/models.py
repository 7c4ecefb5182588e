"""What the platform sells (control)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from billing.rules import Period


class Plan(models.Model):
    """A plan on the price list. `features` is a rules.PlanFeatures."""

    code = models.SlugField(max_length=30, unique=True)
    position = models.PositiveSmallIntegerField(default=0)
    name = models.CharField(max_length=40)
    name_en = models.CharField(max_length=40)
    description = models.TextField()
    description_en = models.TextField()
    price_fen = models.PositiveBigIntegerField()
    period = models.CharField(max_length=8, choices=[(p.value, p.value) for p in Period], default=Period.MONTH)
    highlighted = models.BooleanField(default=False)
    on_sale = models.BooleanField(default=True)
    features = models.JSONField()

    class Meta:
        app_label = "billing"
        verbose_name = _("plan")
        verbose_name_plural = _("plans")

    def __str__(self) -> str:
        return self.name
