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
    rounds = models.PositiveSmallIntegerField(default=0)  # so often a person had it tried anew
    missing = models.PositiveSmallIntegerField(default=0)  # so often the provider said that it does not know it
    parameters = models.JSONField(default=dict)  # what fills a provider's own template; wiped with a secret's body
    provider = models.CharField(max_length=12, blank=True, default="")
    provider_id = models.CharField(max_length=64, blank=True, default="")
    last_error = models.CharField(max_length=200, blank=True, default="")  # the provider's words, or ours
    created_at = models.DateTimeField()
    tried_at = models.DateTimeField(null=True)  # the first attempt
    sent_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "notices"
        constraints = [
            models.CheckConstraint(
                condition=(models.Q(to_phone="") ^ models.Q(to_email="")), name="notices_one_recipient"
            )
        ]
        indexes = [
            models.Index(fields=["provider_id"], name="notices_provider", condition=~models.Q(provider_id="")),
        ]
