"""Coins that members hold: lots with an end, and what orders took out of them. The book has the same sums (asset COIN)."""

from django.db import models
from django.db.models import F, Q

from tenant_apps.modes.coins.rules import UseState


class CoinLot(models.Model):
    """Coins that a member got at once. `basis` of an order's: line ULID → [fen paid, coins], what refunds are measured on."""

    ulid = models.CharField(max_length=26, unique=True)
    member_ulid = models.CharField(max_length=26)
    source = models.CharField(
        max_length=40, unique=True
    )  # order:<ulid>, or refund:<ulid> for coins that came back late
    basis = models.JSONField(default=dict)
    granted = models.PositiveIntegerField()
    left = models.PositiveIntegerField()
    expired = models.PositiveIntegerField(default=0)
    granted_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    noticed_at = models.DateTimeField(null=True)  # the member was told that it will end

    class Meta:
        app_label = "coins"
        indexes = [
            models.Index(fields=["member_ulid", "expires_at"], name="coins_lot_member", condition=Q(left__gt=0)),
            models.Index(fields=["expires_at"], name="coins_lot_end", condition=Q(left__gt=0)),
        ]
        constraints = [
            models.CheckConstraint(name="coins_lot_left", condition=Q(granted__gte=F("left") + F("expired")))
        ]


class CoinUse(models.Model):
    """Coins of a lot that an order set aside or spent, and how many of them came back."""

    lot = models.ForeignKey(CoinLot, on_delete=models.PROTECT, related_name="uses")
    order_ulid = models.CharField(max_length=26)
    coins = models.PositiveIntegerField()
    returned = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=8, choices=[(s.value, s.value) for s in UseState], default=UseState.RESERVED)
    used_at = models.DateTimeField()

    class Meta:
        app_label = "coins"
        constraints = [
            models.UniqueConstraint(fields=["order_ulid", "lot"], name="coins_use_once"),
            models.CheckConstraint(name="coins_use_returned", condition=Q(coins__gt=0, returned__lte=F("coins"))),
        ]
