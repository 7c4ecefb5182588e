"""What people read of a store besides its place and terms, which are the seller's own columns."""

from django.db import models
from django.db.models import Q

from tenant_apps.counter.rules.credit import FACTOR_PPM, MAX_FACTOR_PPM


class StoreProfile(models.Model):
    """Hours, closed days, services and the franchise checklist of a store; without a row nothing is known of them."""

    seller_ulid = models.CharField(max_length=26, unique=True)
    intro = models.CharField(max_length=300, blank=True, default="")
    hours = models.JSONField(default=list)  # rules.hours.week_to_json
    closings = models.JSONField(default=list)  # rules.hours.closings_to_json
    services = models.JSONField(default=list)  # names, as shown
    franchise = models.JSONField(default=dict)  # rules.franchise.to_json
    credit_factor_ppm = models.IntegerField(default=FACTOR_PPM)  # of its deposit: goods it may have on credit
    updated_at = models.DateTimeField()

    class Meta:
        app_label = "counter"
        constraints = [
            models.CheckConstraint(name="counter_profile_store", condition=~Q(seller_ulid="")),
            models.CheckConstraint(
                name="counter_profile_credit", condition=Q(credit_factor_ppm__range=(0, MAX_FACTOR_PPM))
            ),
        ]
