"""Tables of care for shoppers: reviews, what a member keeps for himself. Checks tie a text to its instant."""

from django.db import models
from django.db.models import Q

from tenant_apps.care.rules import MAX_STARS


class Review(models.Model):
    """What a buyer says of a line of his order; once added to by himself, once answered, hidden by staff with a reason."""

    ulid = models.CharField(max_length=26, unique=True)
    line = models.OneToOneField("orders.OrderLine", on_delete=models.PROTECT, related_name="+")
    member = models.ForeignKey("members.Member", on_delete=models.PROTECT, related_name="+")
    product_ulid = models.CharField(max_length=26)
    seller_ulid = models.CharField(max_length=26, blank=True, default="")  # empty: the mall's own goods
    option_text = models.CharField(max_length=200, blank=True, default="")
    is_anonymous = models.BooleanField(default=False)
    stars = models.PositiveSmallIntegerField()
    text = models.CharField(max_length=500, blank=True, default="")
    photos = models.JSONField(default=list)  # names in the mall's private folder
    follow_text = models.CharField(max_length=500, blank=True, default="")
    follow_photos = models.JSONField(default=list)
    follow_at = models.DateTimeField(null=True, blank=True)
    reply = models.CharField(max_length=500, blank=True, default="")
    replied_by = models.CharField(max_length=60, blank=True, default="")
    replied_at = models.DateTimeField(null=True, blank=True)
    hidden_reason = models.CharField(max_length=200, blank=True, default="")
    hidden_by = models.CharField(max_length=60, blank=True, default="")
    hidden_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        app_label = "care"
        indexes = [
            models.Index(
                fields=["product_ulid", "-id"], include=["stars"], name="care_review_shown", condition=Q(hidden_at=None)
            ),
            models.Index(fields=["seller_ulid", "-id"], include=["stars"], name="care_review_seller"),
            models.Index(fields=["member", "-id"], name="care_review_member"),
        ]
        constraints = [
            models.CheckConstraint(name="care_review_stars", condition=Q(stars__range=(1, MAX_STARS))),
            models.CheckConstraint(
                name="care_review_follow",
                condition=Q(follow_at=None, follow_text="") | Q(follow_at__isnull=False) & ~Q(follow_text=""),
            ),
            models.CheckConstraint(
                name="care_review_reply",
                condition=Q(replied_at=None, reply="") | Q(replied_at__isnull=False) & ~Q(reply=""),
            ),
            models.CheckConstraint(
                name="care_review_hidden",
                condition=Q(hidden_at=None, hidden_reason="") | Q(hidden_at__isnull=False) & ~Q(hidden_reason=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.stars}/{MAX_STARS} {self.product_ulid}"


class Shelf(models.Model):
    """What a member keeps for himself: products and sellers that he likes, the products he looked at last."""

    member = models.OneToOneField("members.Member", on_delete=models.CASCADE, related_name="+")
    products = models.JSONField(default=list)  # ULIDs, newest first, at most rules.KEPT_PRODUCTS
    sellers = models.JSONField(default=list)
    history = models.JSONField(default=list)  # ULIDs of products, the last seen first
    notices_read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        app_label = "care"
