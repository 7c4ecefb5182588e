"""How visits of a card are booked, and the bookings."""

from django.db import models
from django.db.models import F, Q

from tenant_apps.counter.models.cards import Card
from tenant_apps.counter.rules.bookings import MAX_CAPACITY, BookingState


class BookingPlan(models.Model):
    """The booking terms of one card product; every booking takes the lock of its store's plans."""

    product_ulid = models.CharField(max_length=26, unique=True)
    seller_ulid = models.CharField(max_length=26)
    minutes = models.PositiveSmallIntegerField()
    capacity = models.PositiveSmallIntegerField(default=1)
    technicians = models.JSONField(default=list)  # names, validated by rules.bookings.plan_fault
    days_ahead = models.PositiveSmallIntegerField()
    change_hours = models.PositiveSmallIntegerField()
    missed_costs_visit = models.BooleanField(default=False)
    is_open = models.BooleanField(default=True)
    updated_by = models.CharField(max_length=60)
    updated_at = models.DateTimeField()

    class Meta:
        app_label = "counter"
        indexes = [models.Index(fields=["seller_ulid"], name="counter_plan_seller")]
        constraints = [
            models.CheckConstraint(name="counter_plan_capacity", condition=Q(capacity__range=(1, MAX_CAPACITY))),
        ]


class Booking(models.Model):
    """One visit of a card at a time in a store, with whom."""

    ulid = models.CharField(max_length=26, unique=True)
    card = models.ForeignKey(Card, on_delete=models.PROTECT, related_name="bookings")
    product_ulid = models.CharField(max_length=26)
    store_ulid = models.CharField(max_length=26)
    technician = models.CharField(max_length=20, blank=True, default="")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    change_hours = models.PositiveSmallIntegerField()  # the terms it was made under
    missed_costs_visit = models.BooleanField(default=False)
    state = models.CharField(
        max_length=10, choices=[(s.value, s.value) for s in BookingState], default=BookingState.BOOKED
    )
    moved = models.PositiveSmallIntegerField(default=0)
    note = models.CharField(max_length=200, blank=True, default="")  # why staff cancelled it
    booked_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "counter"
        indexes = [
            models.Index(fields=["store_ulid", "starts_at"], name="counter_booking_day"),
            models.Index(fields=["ends_at"], name="counter_booking_due", condition=Q(state=BookingState.BOOKED)),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["store_ulid", "technician", "starts_at"],
                name="counter_booking_technician",
                condition=~Q(technician="") & Q(state__in=[BookingState.BOOKED, BookingState.ATTENDED]),
            ),
            models.UniqueConstraint(
                fields=["card", "starts_at"], name="counter_booking_once", condition=Q(state=BookingState.BOOKED)
            ),
            models.CheckConstraint(name="counter_booking_time", condition=Q(ends_at__gt=F("starts_at"))),
            models.CheckConstraint(
                name="counter_booking_decided",
                condition=Q(state=BookingState.BOOKED, decided_at=None)
                | (~Q(state=BookingState.BOOKED) & Q(decided_at__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return self.ulid
