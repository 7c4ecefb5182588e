"""Memberships that were paid. A member's level and its end (members.Member) follow from the live ones."""

from django.db import models
from django.db.models import F, Q


class Membership(models.Model):
    """One paid term of a member; a renewal begins where the term before it ends. Ended: given back."""

    ulid = models.CharField(max_length=26, unique=True)
    member_ulid = models.CharField(max_length=26)
    order_ulid = models.CharField(max_length=26, unique=True)
    fee_amount = models.BigIntegerField()
    days = models.PositiveSmallIntegerField()
    cooling_off_days = models.PositiveSmallIntegerField()
    bought_at = models.DateTimeField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "partner_membership"
        indexes = [models.Index(fields=["member_ulid", "ends_at"], name="membership_of_member")]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gte=F("starts_at")), name="membership_runs_forward"),
            models.CheckConstraint(condition=Q(fee_amount__gte=0, days__gte=1), name="membership_positive"),
        ]

    def __str__(self) -> str:
        return self.ulid
