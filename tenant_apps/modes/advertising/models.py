"""Advertising (MODES 13a): ads that members watch, income that funds them, and days with what they released.

Ad points are an asset of the book, not a table. Amounts in fen, points in centi-points.
"""

from django.db import models
from django.db.models import F, Q


class AdTask(models.Model):
    """An ad that staff show to members."""

    ulid = models.CharField(max_length=26, unique=True)
    title = models.CharField(max_length=80)
    text = models.CharField(max_length=500)
    advertiser = models.CharField(max_length=80)
    link = models.URLField(max_length=300, blank=True, default="")
    seconds = models.PositiveSmallIntegerField(default=15)  # how long it is looked at before it counts
    first_day = models.DateField()
    last_day = models.DateField(null=True)
    stopped_at = models.DateTimeField(null=True)
    created_by = models.CharField(max_length=60)
    created_at = models.DateTimeField()

    class Meta:
        app_label = "advertising"
        constraints = [
            models.CheckConstraint(condition=Q(seconds__range=(5, 300)), name="advertising_seconds"),
            models.CheckConstraint(
                condition=Q(last_day=None) | Q(last_day__gte=F("first_day")), name="advertising_days_run"
            ),
        ]

    def __str__(self) -> str:
        return self.title


class AdIncome(models.Model):
    """Ad income as staff booked it, on the day they did; below zero: a correction of earlier income."""

    ulid = models.CharField(max_length=26, unique=True)
    day = models.DateField(db_index=True)
    amount = models.BigIntegerField()
    advertiser = models.CharField(max_length=80)
    reference = models.CharField(max_length=80)  # number of the bank transfer, or of what is corrected
    note = models.CharField(max_length=200, blank=True, default="")
    booked_by = models.CharField(max_length=60)
    booked_at = models.DateTimeField()

    class Meta:
        app_label = "advertising"
        constraints = [models.CheckConstraint(condition=~Q(amount=0), name="advertising_income_moves")]


class AdDay(models.Model):
    """A day whose releases are computed, once: its income, what may be released of it, and what has been so far."""

    day = models.DateField(unique=True)
    settings_version = models.CharField(max_length=26, blank=True, default="")
    booked_amount = models.BigIntegerField()
    deficit_amount = models.BigIntegerField()  # of corrections, for later days to make up
    budget_amount = models.BigIntegerField()
    wanted_amount = models.BigIntegerField()  # what the finished ads come to, before the budget
    released_amount = models.BigIntegerField(default=0)
    views = models.PositiveIntegerField()
    computed_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "advertising"
        constraints = [
            models.CheckConstraint(
                condition=Q(released_amount__gte=0, released_amount__lte=F("budget_amount")),
                name="advertising_within_budget",
            )
        ]


class AdView(models.Model):
    """A member and an ad on a day. Finished ads have a `slot`; what each released is found when the day is settled."""

    task = models.ForeignKey(AdTask, on_delete=models.PROTECT, related_name="+")
    member_ulid = models.CharField(max_length=26)
    day = models.DateField()
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    slot = models.PositiveSmallIntegerField(null=True)  # 1, 2 … of the day
    points = models.BigIntegerField(default=0)
    rate_ppm = models.IntegerField(default=0)
    wanted_amount = models.BigIntegerField(default=0)
    due_amount = models.BigIntegerField(default=0)  # after the budget
    released_amount = models.BigIntegerField(default=0)  # less where a refund has taken the points meanwhile
    released_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "advertising"
        constraints = [
            models.UniqueConstraint(fields=["member_ulid", "day", "task"], name="advertising_view_once"),
            models.UniqueConstraint(fields=["member_ulid", "day", "slot"], name="advertising_slot_once"),
            models.CheckConstraint(
                condition=Q(finished_at=None, slot=None) | Q(finished_at__isnull=False, slot__gte=1),
                name="advertising_finished_has_slot",
            ),
            models.CheckConstraint(
                condition=Q(released_amount__gte=0, released_amount__lte=F("due_amount"))
                & Q(due_amount__lte=F("wanted_amount")),
                name="advertising_view_amounts",
            ),
        ]
        indexes = [
            models.Index(
                fields=["day", "id"], condition=Q(slot__isnull=False, released_at=None), name="advertising_view_waiting"
            )
        ]
