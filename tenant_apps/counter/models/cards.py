"""Cards that a store sells: terms as they are offered, cards in members' hands, and every use of one."""

from django.db import models
from django.db.models import F, Q

from tenant_apps.counter.rules.cards import MAX_CARD, CardKind

_KINDS = [(kind.value, kind.value) for kind in CardKind]


class CardTerms(models.Model):
    """What a card product promises, in writing. Never changed: an edit adds a row, a card keeps the one it was sold under."""

    ulid = models.CharField(max_length=26, unique=True)
    kind = models.CharField(max_length=12, choices=_KINDS)
    product_ulid = models.CharField(max_length=26)
    sku_ulid = models.CharField(max_length=26)
    seller_ulid = models.CharField(max_length=26)
    title = models.CharField(max_length=60)
    visits = models.PositiveSmallIntegerField(default=0)
    valid_days = models.PositiveSmallIntegerField(default=0)  # 0: for good
    stores = models.JSONField(default=list)  # ULIDs of the stores that honour it, the seller's own first
    text = models.TextField()
    filing_number = models.CharField(max_length=40, blank=True, default="")
    created_by = models.CharField(max_length=60)
    created_at = models.DateTimeField()

    class Meta:
        app_label = "counter"
        indexes = [models.Index(fields=["product_ulid", "-id"], name="counter_terms_product")]
        constraints = [
            models.CheckConstraint(
                name="counter_terms_kind",
                condition=Q(kind=CardKind.VISIT, visits__gt=0)
                | Q(kind=CardKind.STORED, visits=0, valid_days=0, filing_number__gt=""),
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Card(models.Model):
    """A card in a member's hands. Amounts in fen; `used_amount` is what its uses came to. Sold by one order line, once."""

    ulid = models.CharField(max_length=26, unique=True)
    number = models.CharField(max_length=16, unique=True)
    kind = models.CharField(max_length=12, choices=_KINDS)
    terms = models.ForeignKey(CardTerms, on_delete=models.PROTECT, related_name="+")
    member = models.ForeignKey("members.Member", on_delete=models.PROTECT, related_name="+")
    seller_ulid = models.CharField(max_length=26)
    order_ulid = models.CharField(max_length=26)
    line_ulid = models.CharField(max_length=26, unique=True)
    visits = models.PositiveSmallIntegerField(default=0)
    visits_used = models.PositiveSmallIntegerField(default=0)
    value_amount = models.BigIntegerField()
    used_amount = models.BigIntegerField(default=0)
    returned_amount = models.BigIntegerField(default=0)  # of money on it, paid back to the holder
    code = models.CharField(max_length=12, blank=True, default="")  # on the member's phone at the moment
    code_until = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField()  # when the buyer accepted the written terms
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)  # what was left has been paid back

    class Meta:
        app_label = "counter"
        indexes = [
            models.Index(fields=["member", "-id"], name="counter_card_member"),
            models.Index(fields=["seller_ulid", "-id"], name="counter_card_seller"),
            models.Index(
                fields=["expires_at"],
                name="counter_card_ends",
                condition=Q(expires_at__isnull=False, closed_at=None),
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["code"], name="counter_card_code", condition=~Q(code="")),
            models.CheckConstraint(
                name="counter_card_visits",
                condition=Q(kind=CardKind.STORED, visits=0, visits_used=0)
                | Q(kind=CardKind.VISIT, visits__gt=0, visits_used__lte=F("visits")),
            ),
            models.CheckConstraint(
                name="counter_card_value",
                condition=Q(value_amount__range=(0, MAX_CARD), used_amount__gte=0, returned_amount__gte=0)
                & Q(used_amount__lte=F("value_amount") - F("returned_amount")),
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def visits_left(self) -> int:
        return 0 if self.closed_at else self.visits - self.visits_used

    @property
    def left(self) -> int:
        """Visits, or fen, that can still be used."""
        if self.kind == CardKind.VISIT:
            return self.visits_left
        return 0 if self.closed_at else self.value_amount - self.used_amount - self.returned_amount


class CardUse(models.Model):
    """One use of a card: by a code at a store, each code once; or of its money, by an order."""

    ulid = models.CharField(max_length=26, unique=True)
    card = models.ForeignKey(Card, on_delete=models.PROTECT, related_name="uses")
    visits = models.PositiveSmallIntegerField(default=0)
    amount = models.BigIntegerField()  # fen; below zero where an order gave back what it had taken
    code = models.CharField(max_length=12, blank=True, default="")
    document = models.CharField(max_length=64, blank=True, default="")  # the order, or the refund, of a use by money
    store_ulid = models.CharField(max_length=26, blank=True, default="")
    actor = models.CharField(max_length=60)
    used_at = models.DateTimeField()

    class Meta:
        app_label = "counter"
        indexes = [
            models.Index(fields=["card", "-id"], name="counter_use_card"),
            models.Index(fields=["store_ulid", "-id"], name="counter_use_store", condition=~Q(store_ulid="")),
        ]
        constraints = [
            models.UniqueConstraint(fields=["code"], name="counter_use_code", condition=~Q(code="")),
            models.UniqueConstraint(
                fields=["card", "document"], name="counter_use_document", condition=~Q(document="")
            ),
        ]

    def __str__(self) -> str:
        return self.ulid

    @property
    def given_back(self) -> int:
        """Fen that came back to the card."""
        return max(0, -self.amount)
