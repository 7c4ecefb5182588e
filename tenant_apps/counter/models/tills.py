"""What staff at a till ask a shopper to pay. What he then pays is an order like any other."""

from django.db import models
from django.db.models import Q

from tenant_apps.counter.rules.till import ChargeState


class TillCharge(models.Model):
    """An amount (fen) asked of a member whose code was scanned; answered by one order at most."""

    ulid = models.CharField(max_length=26, unique=True)
    seller_ulid = models.CharField(max_length=26)
    member = models.ForeignKey("members.Member", on_delete=models.PROTECT, related_name="+")
    amount = models.BigIntegerField()
    note = models.CharField(max_length=40, blank=True, default="")
    state = models.CharField(
        max_length=10, choices=[(s.value, s.value) for s in ChargeState], default=ChargeState.ASKED
    )
    order_ulid = models.CharField(max_length=26, blank=True, default="")
    asked_by = models.CharField(max_length=60)
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "counter"
        indexes = [
            models.Index(fields=["member", "-id"], name="counter_charge_asked", condition=Q(state=ChargeState.ASKED)),
        ]
        constraints = [
            models.CheckConstraint(name="counter_charge_amount", condition=Q(amount__gt=0)),
            models.CheckConstraint(
                name="counter_charge_answered",
                condition=Q(state=ChargeState.ASKED, answered_at=None, order_ulid="")
                | Q(state=ChargeState.ORDERED, answered_at__isnull=False, order_ulid__gt="")
                | Q(state=ChargeState.DECLINED, answered_at__isnull=False, order_ulid="")
                | Q(state=ChargeState.WITHDRAWN, answered_at__isnull=False),
            ),
            models.UniqueConstraint(fields=["order_ulid"], name="counter_charge_order", condition=~Q(order_ulid="")),
        ]
