"""What people were told of cards and bookings, as they read it in the mall."""

from django.db import models


class Told(models.Model):
    """One notice to a member, or to a store, written once. `facts` is what its sentence is made of when it is read."""

    key = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=24)  # of saas.messaging.notices.kinds
    member = models.ForeignKey("members.Member", on_delete=models.CASCADE, null=True, related_name="+")
    seller_ulid = models.CharField(max_length=26, blank=True, default="")  # the store that reads it; empty: the member
    facts = models.JSONField(default=dict)  # checked by rules.telling
    card_ulid = models.CharField(max_length=26)
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)  # of a store; a member marks everything on his page

    class Meta:
        app_label = "counter"
        indexes = [
            models.Index(
                fields=["member", "-at"], name="counter_told_member", condition=models.Q(member__isnull=False)
            ),
            models.Index(fields=["seller_ulid", "-at"], name="counter_told_store", condition=~models.Q(seller_ulid="")),
        ]
        constraints = [
            models.CheckConstraint(
                name="counter_told_reader",
                condition=models.Q(member__isnull=False, seller_ulid="")
                | (models.Q(member=None) & ~models.Q(seller_ulid="")),
            ),
        ]

    def __str__(self) -> str:
        return self.key
