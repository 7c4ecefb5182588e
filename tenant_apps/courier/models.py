"""Accounts at courier and tracking services, errands, followed parcels, and callbacks as received."""

from django.db import models
from django.db.models import Q

from tenant_apps.courier.rules import ENDED, OPEN, ErrandState, Provider
from tenant_apps.courier.tracking import WatchState


class CourierAccount(models.Model):
    """The mall's account at a courier service. `app_secret_sealed` is opened by services alone, never shown."""

    ulid = models.CharField(max_length=26, unique=True)
    provider = models.CharField(max_length=10, choices=[(p.value, p.value) for p in Provider])
    purpose = models.CharField(max_length=12)  # as payments.Purpose: a rehearsal calls the sandbox
    active = models.BooleanField(default=True)
    notify_token = models.CharField(max_length=43, unique=True)  # in the callback's address
    app_key = models.CharField(max_length=64)
    source_id = models.CharField(max_length=32, blank=True, default="")  # of Dada
    app_secret_sealed = models.TextField()
    shown = models.JSONField(default=dict)  # last four characters of the secret
    shops = models.JSONField(default=dict)  # seller ULID, empty for the mall → the shop's number at the service
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=60)

    class Meta:
        app_label = "courier"
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "purpose"], condition=Q(active=True), name="courier_account_one_active"
            ),
        ]


class Errand(models.Model):
    """One call of a courier for an order. Amounts in fen; `number` is what the service knows it by."""

    ulid = models.CharField(max_length=26, unique=True)
    number = models.CharField(max_length=32, unique=True)
    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, related_name="+")
    payer_ulid = models.CharField(max_length=26, blank=True, default="")  # the store that pays; empty: the mall
    provider = models.CharField(max_length=10, choices=[(p.value, p.value) for p in Provider])
    account = models.ForeignKey(CourierAccount, on_delete=models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=10, choices=[(s.value, s.value) for s in ErrandState])
    task = models.JSONField(default=dict)  # what was asked: shop, weight, position, note
    rider_name = models.CharField(max_length=40, blank=True, default="")
    rider_phone = models.CharField(max_length=20, blank=True, default="")
    fee_amount = models.BigIntegerField(default=0)
    deduct_amount = models.BigIntegerField(default=0)
    booked_amount = models.BigIntegerField(default=0)
    parcel_ulid = models.CharField(max_length=26, blank=True, default="")
    reason = models.CharField(
        max_length=200, blank=True, default=""
    )  # of the last word: why cancelled, refused, unclear
    events = models.JSONField(default=list)  # [{"at": …, "state": …, "by": …}], the oldest first
    called_by = models.CharField(max_length=60)
    called_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "courier"
        indexes = [models.Index(fields=["order"], name="courier_errand_order")]
        constraints = [
            models.UniqueConstraint(
                fields=["order"], condition=Q(state__in=sorted(OPEN)), name="courier_errand_one_open"
            ),
            models.CheckConstraint(
                name="courier_errand_ended",
                condition=Q(state__in=sorted(ENDED), ended_at__isnull=False)
                | Q(state__in=sorted(OPEN), ended_at__isnull=True),
            ),
            models.CheckConstraint(
                name="courier_errand_amounts",
                condition=Q(fee_amount__gte=0, deduct_amount__gte=0, booked_amount__gte=0),
            ),
        ]


class CourierNotice(models.Model):
    """A service's callback exactly as it came, stored once: of an errand, or of a parcel that is followed.

    What a courier's says is asked for, never taken from it: it is signed with no secret. A tracking service's is.
    """

    ulid = models.CharField(max_length=26, unique=True)
    account = models.ForeignKey(CourierAccount, on_delete=models.PROTECT, related_name="+")
    notice_id = models.CharField(max_length=64)
    errand = models.ForeignKey(Errand, on_delete=models.PROTECT, null=True, related_name="+")
    watch = models.ForeignKey("courier.ParcelWatch", on_delete=models.PROTECT, null=True, related_name="+")
    body = models.BinaryField()
    received_at = models.DateTimeField()
    processed_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=60, blank=True, default="")

    class Meta:
        app_label = "courier"
        constraints = [
            models.UniqueConstraint(fields=["account", "notice_id"], name="courier_notice_once"),
            models.CheckConstraint(
                name="courier_notice_of",
                condition=Q(errand__isnull=False, watch=None) | Q(errand=None, watch__isnull=False),
            ),
        ]


class ParcelWatch(models.Model):
    """A carrier's parcel that the tracking service follows, or is asked to. What it says stands with the parcel."""

    ulid = models.CharField(max_length=26, unique=True)
    parcel = models.OneToOneField("orders.Parcel", on_delete=models.PROTECT, related_name="+")
    account = models.ForeignKey(CourierAccount, on_delete=models.PROTECT, related_name="+")
    company = models.CharField(max_length=40)  # the carrier's code at the service
    number = models.CharField(max_length=40)
    state = models.CharField(max_length=10, choices=[(s.value, s.value) for s in WatchState])
    reason = models.CharField(max_length=200, blank=True, default="")  # why refused or over, what an answer lacked
    rounds = models.PositiveSmallIntegerField(default=1)  # how often it was taken up anew
    asked_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField()

    class Meta:
        app_label = "courier"
        indexes = [models.Index(fields=["number"], name="courier_watch_number")]

    def __str__(self) -> str:
        return f"{self.company} {self.number}"
