"""Orders of the mall that stores were asked to bring."""

from django.db import models
from django.db.models import Q

from tenant_apps.counter.rules.dispatch import OPEN, OfferState


class StoreOffer(models.Model):
    """One store asked for one order, once; an order is offered to, or brought by, one store at a time."""

    ulid = models.CharField(max_length=26, unique=True)
    order_ulid = models.CharField(max_length=26)
    store_ulid = models.CharField(max_length=26)
    state = models.CharField(
        max_length=10, choices=[(s.value, s.value) for s in OfferState], default=OfferState.OFFERED
    )
    fee_amount = models.BigIntegerField()  # fen that the mall pays the store when the order completes
    pieces = models.JSONField(default=dict)  # what was taken from the store's goods on credit: row → pieces
    offered_at = models.DateTimeField()
    due_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    answered_by = models.CharField(max_length=60, blank=True, default="")

    class Meta:
        app_label = "counter"
        indexes = [
            models.Index(fields=["store_ulid", "-id"], name="counter_offer_store", condition=Q(state__in=sorted(OPEN)))
        ]
        constraints = [
            models.UniqueConstraint(fields=["order_ulid", "store_ulid"], name="counter_offer_once"),
            models.UniqueConstraint(
                fields=["order_ulid"], name="counter_offer_open", condition=Q(state__in=sorted(OPEN))
            ),
            models.CheckConstraint(name="counter_offer_fee", condition=Q(fee_amount__gte=0)),
            models.CheckConstraint(
                name="counter_offer_answered",
                condition=Q(state=OfferState.OFFERED, answered_at=None)
                | (~Q(state=OfferState.OFFERED) & Q(answered_at__isnull=False)),
            ),
        ]
