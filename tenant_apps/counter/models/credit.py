"""Goods of the mall that lie in a store on credit, and what happened to them. Money is in the ledger and in statements."""

from django.db import models
from django.db.models import F, Q

from tenant_apps.counter.rules.credit import MoveKind


class CreditStock(models.Model):
    """Pieces of one SKU lent to a store at one price (fen a piece, owed when sold); another price is another row."""

    ulid = models.CharField(max_length=26, unique=True)
    seller_ulid = models.CharField(max_length=26)
    sku_ulid = models.CharField(max_length=26)
    title = models.CharField(max_length=200)
    unit_amount = models.BigIntegerField()
    qty = models.PositiveIntegerField(default=0)  # in the store now
    charged_qty = models.PositiveIntegerField(default=0)  # sold or missing, less found again
    reorder_qty = models.PositiveIntegerField(default=0)  # at so many or fewer it is time to send more; 0: never
    created_at = models.DateTimeField()

    class Meta:
        app_label = "counter"
        constraints = [
            models.UniqueConstraint(fields=["seller_ulid", "sku_ulid", "unit_amount"], name="counter_credit_once"),
            models.CheckConstraint(name="counter_credit_price", condition=Q(unit_amount__gt=0)),
        ]

    @property
    def worth_amount(self) -> int:
        """What the pieces in the store are worth, in fen."""
        return self.qty * self.unit_amount

    @property
    def is_low(self) -> bool:
        """Whether it is time to send more."""
        return bool(self.reorder_qty) and self.qty <= self.reorder_qty


class CreditMove(models.Model):
    """One change of a row of goods on credit: pieces with their sign, and what was charged (or given back) for them."""

    ulid = models.CharField(max_length=26, unique=True)
    stock = models.ForeignKey(CreditStock, on_delete=models.PROTECT, related_name="moves")
    kind = models.CharField(max_length=8, choices=[(k.value, k.value) for k in MoveKind])
    qty = models.IntegerField()
    qty_after = models.PositiveIntegerField()
    amount = models.BigIntegerField(default=0)  # fen charged to the store; negative: given back
    note = models.CharField(max_length=200, blank=True, default="")
    actor = models.CharField(max_length=60)
    approved_by = models.CharField(max_length=60, blank=True, default="")
    moved_at = models.DateTimeField()

    class Meta:
        app_label = "counter"
        constraints = [
            models.CheckConstraint(
                name="counter_creditmove_sign",
                condition=Q(kind__in=[MoveKind.LENT, MoveKind.FOUND], qty__gt=0)
                | Q(kind__in=[MoveKind.SOLD, MoveKind.RETURNED, MoveKind.MISSING], qty__lt=0),
            ),
            models.CheckConstraint(name="counter_creditmove_left", condition=Q(qty_after__gte=F("qty"))),
        ]
