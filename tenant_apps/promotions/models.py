"""Tables of promotions: a coupon, full reduction or flash sale as it is offered, and one number of a coupon in a member's hands."""

from django.db import models
from django.db.models import F, Q

from tenant_apps.promotions.rules import Audience, CouponKind, CouponState, Scope


class Coupon(models.Model):
    """A coupon as the mall or a seller offers it, or a full reduction or flash sale, which apply without being taken: terms
    in fen and ppm, fixed once made; it can only be ended. Of a flash sale `amount` is the price, `total_qty` its pieces,
    `taken_qty` those sold, `scope_values` the offer's key and its product's ULID, `threshold_amount` the usual price when it was
    made, up to which the mall bears the difference of a seller's goods.
    """

    ulid = models.CharField(max_length=26, unique=True)
    title = models.CharField(max_length=40)
    seller_ulid = models.CharField(max_length=26, blank=True, default="")  # who pays it; empty: the mall
    kind = models.CharField(max_length=8, choices=[(k.value, k.value) for k in CouponKind])
    amount = models.BigIntegerField(default=0)
    off_ppm = models.PositiveIntegerField(default=0)
    cap_amount = models.BigIntegerField(default=0)
    threshold_amount = models.BigIntegerField(default=0)
    scope = models.CharField(max_length=12, choices=[(s.value, s.value) for s in Scope], default=Scope.ALL)
    scope_values = models.JSONField(default=list)  # slugs, ULIDs or zones, validated by rules.draft_fault
    audience = models.CharField(max_length=16, choices=[(a.value, a.value) for a in Audience], default=Audience.ALL)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    valid_days = models.PositiveSmallIntegerField(default=0)
    total_qty = models.PositiveIntegerField()
    person_limit = models.PositiveSmallIntegerField(default=1)
    day_limit = models.PositiveSmallIntegerField(
        default=0
    )  # by invitation: how many an inviter is given a day; 0: no limit
    steps = models.JSONField(default=list)  # of a full reduction: [from goods of, off], both rising
    taken_qty = models.PositiveIntegerField(default=0)
    created_by = models.CharField(max_length=60)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        app_label = "promotions"
        indexes = [models.Index(fields=["seller_ulid", "-id"], name="promotions_coupon_seller")]
        constraints = [
            models.CheckConstraint(name="promotions_coupon_taken", condition=Q(taken_qty__lte=F("total_qty"))),
            models.CheckConstraint(name="promotions_coupon_time", condition=Q(ends_at__gt=F("starts_at"))),
            models.CheckConstraint(
                name="promotions_coupon_worth",
                condition=Q(kind=CouponKind.AMOUNT, amount__gt=0, off_ppm=0, cap_amount=0)
                | Q(kind=CouponKind.PERCENT, amount=0, off_ppm__range=(1, 1_000_000), cap_amount__gt=0)
                | Q(kind=CouponKind.STEPS, amount=0, off_ppm=0, cap_amount=0, taken_qty=0)
                | Q(kind=CouponKind.FLASH, amount__gt=0, off_ppm=0, cap_amount=0),
            ),
        ]

    def __str__(self) -> str:
        return self.title


class MemberCoupon(models.Model):
    """One number of a coupon, a member's. `document` is the payment document of the one purchase that holds or used it."""

    ulid = models.CharField(max_length=26, unique=True)
    coupon = models.ForeignKey(Coupon, on_delete=models.PROTECT, related_name="held")
    member = models.ForeignKey("members.Member", on_delete=models.PROTECT, related_name="+")
    seller_ulid = models.CharField(max_length=26, blank=True, default="")  # the coupon's: one an issuer in a purchase
    number = models.PositiveIntegerField()
    person_number = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=8, choices=[(s.value, s.value) for s in CouponState], default=CouponState.TAKEN)
    document = models.CharField(max_length=40, blank=True, default="")
    amount = models.BigIntegerField(default=0)  # what it took off there
    taken_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    invited_ulid = models.CharField(max_length=26, blank=True, default="")  # by invitation: who was invited
    cause_order = models.CharField(max_length=26, blank=True, default="")  # by invitation: his first paid order
    revoked_at = models.DateTimeField(null=True, blank=True)  # that order was refunded before the coupon was used

    class Meta:
        app_label = "promotions"
        indexes = [
            models.Index(fields=["member", "-id"], name="promotions_held_member"),
            models.Index(fields=["cause_order"], name="promotions_held_cause", condition=~Q(cause_order="")),
        ]
        constraints = [
            models.UniqueConstraint(fields=["coupon", "number"], name="promotions_held_number"),
            models.UniqueConstraint(fields=["coupon", "member", "person_number"], name="promotions_held_person"),
            models.UniqueConstraint(
                fields=["document", "seller_ulid"], name="promotions_held_one_each", condition=~Q(document="")
            ),
            models.UniqueConstraint(
                fields=["coupon", "invited_ulid"], name="promotions_held_once_invited", condition=~Q(invited_ulid="")
            ),
            models.CheckConstraint(
                name="promotions_held_state",
                condition=Q(state=CouponState.TAKEN, document="", amount=0, used_at=None)
                | Q(state=CouponState.RESERVED, document__gt="", amount__gt=0, used_at=None)
                | Q(state=CouponState.USED, document__gt="", amount__gt=0, used_at__isnull=False)
                | Q(state=CouponState.VOID, document="", amount=0, used_at=None, revoked_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.coupon_id}/{self.number}"
