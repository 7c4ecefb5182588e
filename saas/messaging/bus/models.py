"""Outbox, inbox and the record of what was consumed. Public schema of each database: the rows they speak of commit with them."""

from django.db import models
from django.db.models.functions import Now


class OutboxEvent(models.Model):
    """Something that happened, written in the transaction in which it happened.

    `destination` is `local` (handlers of this database), `control` or a cell's id (the relay carries it over).
    A row whose `available_at` lies ahead is a schedule.
    """

    event_id = models.CharField(max_length=26, unique=True)
    topic = models.CharField(max_length=80)
    key = models.CharField(max_length=120)
    destination = models.CharField(max_length=32, default="local")
    mall = models.CharField(max_length=26, default="")
    epoch = models.PositiveIntegerField(default=0)
    version = models.PositiveSmallIntegerField(default=1)
    payload = models.JSONField()
    created_at = models.DateTimeField(db_default=Now())
    available_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    done_at = models.DateTimeField(null=True)
    last_error = models.TextField(default="")

    class Meta:
        app_label = "bus"
        constraints = [models.UniqueConstraint(fields=["topic", "key", "mall"], name="bus_outbox_once")]
        indexes = [
            models.Index(
                fields=["destination", "available_at"], name="bus_outbox_pending", condition=models.Q(done_at=None)
            )
        ]


class InboxEvent(models.Model):
    """A fact received from the other side of the seam, stored once; processed at our own pace."""

    event_id = models.CharField(max_length=26, unique=True)
    source = models.CharField(max_length=32)
    topic = models.CharField(max_length=80)
    mall = models.CharField(max_length=26, default="")
    epoch = models.PositiveIntegerField(default=0)
    version = models.PositiveSmallIntegerField(default=1)
    payload = models.JSONField()
    created_at = models.DateTimeField()
    received_at = models.DateTimeField(db_default=Now())
    available_at = models.DateTimeField(db_default=Now())
    attempts = models.PositiveSmallIntegerField(default=0)
    done_at = models.DateTimeField(null=True)
    last_error = models.TextField(default="")

    class Meta:
        app_label = "bus"
        indexes = [
            models.Index(fields=["available_at"], name="bus_inbox_pending", condition=models.Q(done_at=None)),
        ]


class Consumption(models.Model):
    """That a handler has had its effect for an event: written in the effect's own transaction."""

    event_id = models.CharField(max_length=26)
    handler = models.CharField(max_length=120)
    consumed_at = models.DateTimeField(db_default=Now())

    class Meta:
        app_label = "bus"
        constraints = [models.UniqueConstraint(fields=["event_id", "handler"], name="bus_consumption_once")]
