"""The people of a mall who shop and refer, and where they have goods sent. Signing in is saas.identity's."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from saas.identity.phones import shown_phone
from tenant_apps.members.rules import TOP_RANK, PromoterState


class Member(models.Model):
    """A shopper. `referrer` is bound once; the check keeps every chain running from younger to elder, so never in a loop."""

    ulid = models.CharField(max_length=26, unique=True)
    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="member")
    referrer = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="referees")
    referrer_bound_at = models.DateTimeField(null=True, blank=True)
    # Whose link he came by, where the mall binds with the first order or payment; gone once he is bound.
    candidate = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    candidate_at = models.DateTimeField(null=True, blank=True)
    share_code = models.CharField(max_length=8, unique=True)
    level = models.CharField(max_length=32, default="ordinary")  # price rights: ordinary, partner
    level_until = models.DateTimeField(null=True, blank=True)
    rank = models.PositiveSmallIntegerField(default=0)  # V1 to V3, the right to differential awards; 0: none
    store_ulid = models.CharField(max_length=26, blank=True, default="")  # the store he is bound to
    has_coupons = models.BooleanField(default=False)  # whether he ever took one: checkout asks for them only then
    name = models.CharField(max_length=40, blank=True, default="")
    avatar = models.ImageField(upload_to="avatars/", blank=True, default="")
    promoter_state = models.CharField(
        max_length=12, choices=[(s.value, s.value) for s in PromoterState], default=PromoterState.NONE
    )
    promoter_at = models.DateTimeField(null=True, blank=True)
    joined_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        app_label = "members"
        constraints = [
            models.CheckConstraint(
                condition=Q(referrer=None) | Q(referrer__lt=F("id")), name="members_referrer_is_elder"
            ),
            models.CheckConstraint(
                condition=Q(referrer=None) | Q(referrer_bound_at__isnull=False), name="members_referrer_has_time"
            ),
            models.CheckConstraint(
                condition=Q(candidate=None, candidate_at=None) | Q(candidate__lt=F("id"), candidate_at__isnull=False),
                name="members_candidate_is_elder",
            ),
        ]
        indexes = [models.Index(fields=["-joined_at"], name="members_newest")]

    def __str__(self) -> str:
        return self.name or self.share_code

    @property
    def promoter(self) -> bool:
        """Whether the member may earn: applied for free, approved, account open."""
        return self.promoter_state == PromoterState.APPROVED and self.closed_at is None


class Turnover(models.Model):
    """What a member's and his direct customers' orders completed on a day came to, less what was refunded of them."""

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    day = models.DateField()  # on which the orders were completed
    own_amount = models.BigIntegerField(default=0)
    direct_amount = models.BigIntegerField(default=0)

    class Meta:
        app_label = "members"
        constraints = [models.UniqueConstraint(fields=["member", "day"], name="members_turnover_once")]


class RankGrant(models.Model):
    """A rank and the ground it stands on. `Member.rank` is the highest that is not withdrawn."""

    ulid = models.CharField(max_length=26, unique=True)
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    rank = models.PositiveSmallIntegerField()
    ground = models.CharField(max_length=40)  # turnover, staff, gift_pack:<order>
    reason = models.CharField(max_length=200, blank=True, default="")
    granted_by = models.CharField(max_length=60)
    granted_at = models.DateTimeField()
    withdrawn_by = models.CharField(max_length=60, blank=True, default="")
    withdrawn_reason = models.CharField(max_length=200, blank=True, default="")
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "members"
        constraints = [
            models.CheckConstraint(condition=Q(rank__range=(1, TOP_RANK)), name="members_rank_known"),
            models.UniqueConstraint(
                fields=["member", "ground", "rank"], condition=Q(withdrawn_at=None), name="members_rank_once"
            ),
        ]

    def __str__(self) -> str:
        return f"V{self.rank}"


class Address(models.Model):
    """A delivery address; names are stored beside codes, since divisions are renamed."""

    ulid = models.CharField(max_length=26, unique=True)
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="addresses")
    name = models.CharField(max_length=40)
    phone = models.CharField(max_length=20)
    province_code = models.CharField(max_length=6)
    city_code = models.CharField(max_length=6)
    district_code = models.CharField(max_length=6)
    province = models.CharField(max_length=32)
    city = models.CharField(max_length=32)
    district = models.CharField(max_length=32)
    street_code = models.CharField(max_length=9, blank=True, default="")  # nine digits, or not given
    street = models.CharField(max_length=40, blank=True, default="")
    detail = models.CharField(max_length=120)
    is_default = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    class Meta:
        app_label = "members"
        constraints = [
            models.UniqueConstraint(fields=["member"], condition=Q(is_default=True), name="members_one_default_address")
        ]

    def __str__(self) -> str:
        return f"{self.province}{self.city}{self.district}{self.street}{self.detail}"

    @property
    def shown_phone(self) -> str:
        """The number without the country code of mainland China."""
        return shown_phone(self.phone)
