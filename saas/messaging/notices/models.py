"""Messages to people, as sent. The text is kept until it has gone out, longer where it holds no secret."""

from django.db import models

from saas.messaging.notices.rules import NoticeState


class Notice(models.Model):
    """One SMS or e-mail. `key` is the caller's own: the same key never sends twice."""

    ulid = models.CharField(max_length=26, unique=True)
    key = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=40)
    to_phone = models.CharField(max_length=20, blank=True, default="")
    to_email = models.EmailField(blank=True, default="")
    subject = models.CharField(max_length=120, blank=True, default="")
    body = models.TextField()
    state = models.CharField(
        max_length=10, choices=[(s.value, s.value) for s in NoticeState], default=NoticeState.QUEUED
    )
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=200, blank=True, default="")
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "notices"
        constraints = [
            models.CheckConstraint(
                condition=(models.Q(to_phone="") ^ models.Q(to_email="")), name="notices_one_recipient"
            )
        ]
