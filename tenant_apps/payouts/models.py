"""Withdrawals: who asked for how much, what it costs, who decided, how it was paid."""

from django.db import models
from django.db.models import F, Q

from tenant_apps.payouts.rules import WithdrawalState

_DECIDED = [WithdrawalState.APPROVED, WithdrawalState.REJECTED, WithdrawalState.PAID]


class Withdrawal(models.Model):
    """One request. Real name and account lie sealed; lists show the masked forms beside them."""

    ulid = models.CharField(max_length=26, unique=True)
    number = models.CharField(max_length=40, unique=True)
    member = models.ForeignKey("members.Member", on_delete=models.PROTECT, related_name="+")
    idempotency_key = models.CharField(max_length=64)
    amount = models.BigIntegerField()  # leaves the wallet
    fee_amount = models.BigIntegerField()
    fee_ppm = models.IntegerField()
    state = models.CharField(
        max_length=12, choices=[(s.value, s.value) for s in WithdrawalState], default=WithdrawalState.REQUESTED
    )
    real_name_sealed = models.TextField()
    real_name_shown = models.CharField(max_length=8)
    bank_name = models.CharField(max_length=60)
    account_sealed = models.TextField()
    account_shown = models.CharField(max_length=12)
    requested_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=60, blank=True, default="")
    reason = models.TextField(blank=True, default="")
    paid_at = models.DateTimeField(null=True)
    paid_by = models.CharField(max_length=60, blank=True, default="")
    transfer_reference = models.CharField(max_length=80, blank=True, default="")

    class Meta:
        app_label = "payouts"
        indexes = [
            models.Index(fields=["member", "-id"], name="payouts_withdrawal_member"),
            models.Index(fields=["state", "id"], name="payouts_withdrawal_state"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["member", "idempotency_key"], name="payouts_withdrawal_once"),
            models.CheckConstraint(
                name="payouts_withdrawal_amounts", condition=Q(fee_amount__gte=0, amount__gt=F("fee_amount"))
            ),
            models.CheckConstraint(
                name="payouts_withdrawal_paid_at",
                condition=Q(state=WithdrawalState.PAID, paid_at__isnull=False)
                | (~Q(state=WithdrawalState.PAID) & Q(paid_at=None)),
            ),
            models.CheckConstraint(
                name="payouts_withdrawal_decided_at",
                condition=~Q(state__in=_DECIDED) | Q(decided_at__isnull=False),
            ),
            models.CheckConstraint(
                name="payouts_withdrawal_reasoned", condition=~Q(state=WithdrawalState.REJECTED) | ~Q(reason="")
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def net_amount(self) -> int:
        """What arrives at the payee."""
        return self.amount - self.fee_amount

    @property
    def document(self) -> str:
        """How the ledger calls it."""
        return f"withdrawal:{self.ulid}"
