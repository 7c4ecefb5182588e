"""Payments, refunds, the channel's notices as received, and the credentials of the mall's own merchant accounts."""

from django.db import models
from django.db.models.functions import Now

from tenant_apps.payments.rules import OPEN, Method, PaymentState, Purpose, RefundState


class ChannelCredential(models.Model):
    """One set of credentials of a merchant account. The `*_sealed` texts are opened by services alone, never shown."""

    ulid = models.CharField(max_length=26, unique=True)
    channel = models.CharField(max_length=20)
    purpose = models.CharField(max_length=12, choices=[(p.value, p.value) for p in Purpose])
    active = models.BooleanField(default=True)
    notify_token = models.CharField(max_length=43, unique=True)  # in the notify URL: says whose keys verify it
    merchant_id = models.CharField(max_length=32)
    app_id = models.CharField(max_length=32)
    certificate_serial = models.CharField(max_length=40)
    platform_key_id = models.CharField(max_length=64, default="")  # empty: platform certificates instead
    platform_key = models.TextField(default="")  # PEM, public
    private_key_sealed = models.TextField()
    api_key_sealed = models.TextField()
    app_secret_sealed = models.TextField(default="")  # WeChat log-in; empty: no payment inside WeChat
    shown = models.JSONField()  # per secret: last four characters and SHA-256 fingerprint
    checks = models.JSONField(default=list)  # result of the last check: [{name, passed, detail}]
    checked_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now())
    created_by = models.CharField(max_length=60)

    class Meta:
        app_label = "payments"
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "purpose"],
                condition=models.Q(active=True),
                name="payments_credential_one_active",
            ),
        ]


class Payment(models.Model):
    """One attempt to be paid for a document, under one number that a repeat of the call uses again."""

    ulid = models.CharField(max_length=26, unique=True)
    number = models.CharField(max_length=32, unique=True)
    document = models.CharField(max_length=60)  # `order:<ulid>`
    member_ulid = models.CharField(max_length=26, default="")
    credential = models.ForeignKey(ChannelCredential, on_delete=models.PROTECT, related_name="+")
    channel = models.CharField(max_length=20)
    method = models.CharField(max_length=10, choices=[(m.value, m.value) for m in Method])
    amount = models.BigIntegerField()  # fen
    currency = models.CharField(max_length=3, default="CNY")
    description = models.CharField(max_length=127)
    payer_openid = models.CharField(max_length=128, default="")
    profit_sharing = models.BooleanField(default=False)  # the channel keeps the money frozen until it is split
    client_ip = models.CharField(max_length=45, default="")
    state = models.CharField(
        max_length=10, choices=[(s.value, s.value) for s in PaymentState], default=PaymentState.CREATED
    )
    answer = models.JSONField(default=dict)  # code_url, h5_url or prepay_id
    answered_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=200, default="")
    transaction_id = models.CharField(max_length=64, default="")
    refunded_amount = models.BigIntegerField(default=0)  # asked for, including refunds under way
    expires_at = models.DateTimeField()
    created_at = models.DateTimeField()
    paid_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "payments"
        constraints = [
            models.UniqueConstraint(
                fields=["document"],
                condition=models.Q(state__in=sorted(OPEN)),
                name="payments_payment_one_open",
            ),
            models.UniqueConstraint(
                fields=["channel", "transaction_id"],
                condition=~models.Q(transaction_id=""),
                name="payments_transaction_once",
            ),
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="payments_payment_positive"),
            models.CheckConstraint(
                condition=models.Q(refunded_amount__gte=0, refunded_amount__lte=models.F("amount")),
                name="payments_refunded_within_paid",
            ),
            models.CheckConstraint(
                condition=models.Q(state=PaymentState.PAID, paid_at__isnull=False)
                | (~models.Q(state=PaymentState.PAID) & models.Q(paid_at=None)),
                name="payments_paid_has_time",
            ),
        ]
        indexes = [models.Index(fields=["document"], name="payments_payment_document")]


class PaymentRefund(models.Model):
    """Money sent back to a payer; `ulid` is the ULID of the refund it belongs to, given by who asked for it."""

    ulid = models.CharField(max_length=26, unique=True)
    number = models.CharField(max_length=32, unique=True)
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="refunds")
    document = models.CharField(max_length=60)  # of the ledger: what clearing.refund is cleared under
    amount = models.BigIntegerField()  # fen
    reason = models.CharField(max_length=80, default="")
    state = models.CharField(
        max_length=10, choices=[(s.value, s.value) for s in RefundState], default=RefundState.CREATED
    )
    refund_id = models.CharField(max_length=64, default="")
    last_error = models.CharField(max_length=200, default="")
    created_at = models.DateTimeField()
    refunded_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "payments"
        constraints = [
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="payments_refund_positive"),
            models.CheckConstraint(
                condition=models.Q(state=RefundState.SUCCEEDED, refunded_at__isnull=False)
                | (~models.Q(state=RefundState.SUCCEEDED) & models.Q(refunded_at=None)),
                name="payments_refunded_has_time",
            ),
        ]


class Notice(models.Model):
    """A verified notice exactly as the channel sent it (its content is encrypted), stored once. Forged ones never come here."""

    ulid = models.CharField(max_length=26, unique=True)
    channel = models.CharField(max_length=20)
    notice_id = models.CharField(max_length=64)
    credential = models.ForeignKey(ChannelCredential, on_delete=models.PROTECT, related_name="+")
    event_type = models.CharField(max_length=40)
    body = models.BinaryField()
    headers = models.JSONField()
    received_at = models.DateTimeField()
    processed_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=60, default="")  # `applied`, `known`, or why it was ignored

    class Meta:
        app_label = "payments"
        constraints = [models.UniqueConstraint(fields=["channel", "notice_id"], name="payments_notice_once")]
