"""Who got what of every order line, kept so that it can be recomputed: lines, awards, refunds, claw-backs."""

from django.db import models
from django.db.models import F, Q

from tenant_apps.modes.contract import LineKind, PayeeKind
from tenant_apps.modes.rules import Returned
from tenant_apps.settlement.rules import AwardState, Purse, SettlementState, VoidReason, line_purse


class OrderSettlement(models.Model):
    """One paid order. The row's lock orders every event of the order's money."""

    order_ulid = models.CharField(max_length=26, unique=True)
    order_number = models.CharField(max_length=40)
    buyer_ulid = models.CharField(max_length=26)
    state = models.CharField(max_length=10, default=SettlementState.AWARDED)
    freight_amount = models.BigIntegerField()
    refunded_freight_amount = models.BigIntegerField(default=0)
    # The reserve pays vouchers when the order completes; at payment already where awards are more than the money paid.
    vouchers_in_escrow = models.BooleanField(default=False)
    area_revision = models.PositiveSmallIntegerField(default=0)  # of the order's area that its awards are for
    generation = models.PositiveIntegerField(default=0)  # of its holds: each refund before release makes them again
    awarded_at = models.DateTimeField()
    released_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "settlement"
        constraints = [
            models.CheckConstraint(
                name="settlement_released_has_time",
                condition=Q(state=SettlementState.RELEASED, released_at__isnull=False)
                | Q(state=SettlementState.AWARDED, released_at=None),
            ),
            models.CheckConstraint(
                name="settlement_freight_within",
                condition=Q(refunded_freight_amount__gte=0, refunded_freight_amount__lte=F("freight_amount")),
            ),
        ]

    def __str__(self) -> str:
        return self.order_number


class LineSettlement(models.Model):
    """Where the money of a line is now; the check is the identity of MODES 1, after every refund too."""

    settlement = models.ForeignKey(OrderSettlement, on_delete=models.PROTECT, related_name="lines")
    line_ulid = models.CharField(max_length=26, unique=True)
    position = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=200)
    kind = models.CharField(max_length=12, choices=[(k.value, k.value) for k in LineKind], default=LineKind.GOODS)
    seller_id = models.CharField(max_length=26, blank=True, default="")
    cash_amount = models.BigIntegerField()
    voucher_amount = models.BigIntegerField()
    funds_amount = models.BigIntegerField()
    payable_amount = models.BigIntegerField()
    cost_amount = models.BigIntegerField()
    pool_amount = models.BigIntegerField()
    awarded_amount = models.BigIntegerField()
    house_amount = models.BigIntegerField()
    fee_amount = models.BigIntegerField(default=0)  # the mall's take on a seller's line, as it is now
    # What the payment channel charged of it, as it is now, where the seller bears it: taken off his part, in the house's.
    payment_fee_amount = models.BigIntegerField(default=0)
    freight_amount = models.BigIntegerField(default=0)  # apart from the identity: the seller's, else the mall's
    returned_value_amount = models.BigIntegerField(default=0)
    returned_cash_amount = models.BigIntegerField(default=0)
    returned_voucher_amount = models.BigIntegerField(default=0)
    returned_coin_amount = models.BigIntegerField(default=0)
    returned_discount_amount = models.BigIntegerField(default=0)
    returned_quantity = models.PositiveIntegerField(default=0)
    returned_cost_amount = models.BigIntegerField(default=0)
    returned_freight_amount = models.BigIntegerField(default=0)
    unclaimed = models.JSONField(
        default=list
    )  # at payment: [mode, kind, fen] that nobody could claim, kept by the house

    class Meta:
        app_label = "settlement"
        constraints = [
            models.CheckConstraint(
                name="settlement_line_identity",
                condition=Q(
                    house_amount=F("cash_amount")
                    - F("returned_cash_amount")
                    + F("voucher_amount")
                    - F("returned_voucher_amount")
                    - F("payable_amount")
                    - F("cost_amount")
                    - F("pool_amount")
                    - F("awarded_amount")
                ),
            ),
            models.CheckConstraint(
                name="settlement_line_returned_within",
                condition=Q(returned_cash_amount__gte=0, returned_cash_amount__lte=F("cash_amount"))
                & Q(returned_voucher_amount__gte=0, returned_voucher_amount__lte=F("voucher_amount"))
                & Q(returned_freight_amount__gte=0, returned_freight_amount__lte=F("freight_amount")),
            ),
            models.CheckConstraint(
                name="settlement_line_within_funds",
                condition=Q(awarded_amount__gte=0) & Q(awarded_amount__lte=F("funds_amount")),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def purse(self) -> Purse:
        """Where its seller has his part; only where it has a seller."""
        return line_purse(self.kind, self.seller_id)

    @property
    def returned(self) -> Returned:
        """What has been returned of it so far."""
        return Returned(
            goods_value=self.returned_value_amount,
            cash=self.returned_cash_amount,
            voucher=self.returned_voucher_amount,
            coin=self.returned_coin_amount,
            platform_discount=self.returned_discount_amount,
            quantity=self.returned_quantity,
            cost=self.returned_cost_amount,
        )

    @property
    def is_deposit(self) -> bool:
        """Whether it is a seller's deposit, or money on a card of his: no sale, no line of a statement."""
        return self.kind in (LineKind.DEPOSIT, LineKind.STORED_CARD)


class Award(models.Model):
    """One person's share of one line by one rule. `full_amount` is before the pot's cut, `clawed_amount` was taken back."""

    ulid = models.CharField(max_length=26, unique=True)
    line = models.ForeignKey(LineSettlement, on_delete=models.PROTECT, related_name="awards")
    position = models.PositiveSmallIntegerField()
    mode = models.CharField(max_length=30)
    kind = models.CharField(max_length=20)
    payee_kind = models.CharField(
        max_length=8, choices=[(k.value, k.value) for k in PayeeKind], default=PayeeKind.MEMBER
    )
    payee_ulid = models.CharField(max_length=26, blank=True)  # empty: a reserve whose payee is found at completion
    settings_version = models.CharField(max_length=26)
    base = models.CharField(max_length=20)
    base_amount = models.BigIntegerField()
    rate_ppm = models.IntegerField()
    full_amount = models.BigIntegerField()
    amount = models.BigIntegerField()
    clawed_amount = models.BigIntegerField(default=0)
    state = models.CharField(max_length=12, choices=[(s.value, s.value) for s in AwardState], default=AwardState.FROZEN)
    void_reason = models.CharField(max_length=10, blank=True, default="")
    # The payee's hold for this order that carries it, or carried it last; a reserve and an accrual have none.
    hold_key = models.CharField(max_length=160, blank=True, default="")
    release_key = models.CharField(max_length=160, blank=True, default="")  # the entry that put it into the account
    period_key = models.CharField(max_length=40, blank=True, default="")  # an accrual: the period that has used it up
    created_at = models.DateTimeField()
    released_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "settlement"
        indexes = [
            models.Index(fields=["payee_ulid", "-id"], name="settlement_award_payee"),
            models.Index(  # what waits for its period, by mode
                fields=["mode", "payee_ulid"],
                condition=Q(payee_kind=PayeeKind.ACCRUAL, state="released", period_key=""),
                name="settlement_award_accrued",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["line", "mode", "kind", "payee_ulid"],
                condition=~Q(void_reason=VoidReason.AREA_CHANGED),
                name="settlement_award_once",
            ),
            models.CheckConstraint(
                name="settlement_award_amounts",
                condition=Q(amount__gt=0, full_amount__gte=F("amount"))
                & Q(clawed_amount__gte=0, clawed_amount__lte=F("amount")),
            ),
            models.CheckConstraint(
                name="settlement_award_gone",
                condition=~Q(state__in=[AwardState.VOID, AwardState.CLAWED_BACK]) | Q(clawed_amount=F("amount")),
            ),
            models.CheckConstraint(
                name="settlement_award_void_has_reason",
                condition=Q(state=AwardState.VOID, void_reason__in=[reason.value for reason in VoidReason])
                | (~Q(state=AwardState.VOID) & Q(void_reason="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.mode} {self.kind} {self.payee_ulid}"

    @property
    def net_amount(self) -> int:
        """What is left of it."""
        return self.amount - self.clawed_amount


class SettledRefund(models.Model):
    """A refund whose burden has been laid on its bearers, once."""

    refund_ulid = models.CharField(max_length=26, unique=True)
    settlement = models.ForeignKey(OrderSettlement, on_delete=models.PROTECT, related_name="refunds")
    cash_amount = models.BigIntegerField()  # freight included
    freight_amount = models.BigIntegerField(default=0)
    entry_key = models.CharField(max_length=160)
    settled_at = models.DateTimeField()

    class Meta:
        app_label = "settlement"


class ClawBack(models.Model):
    """What a refund took back of an award: out of the hold, the account, as a debt, or (accruals) borne by the house."""

    award = models.ForeignKey(Award, on_delete=models.PROTECT, related_name="claw_backs")
    refund = models.ForeignKey(SettledRefund, on_delete=models.PROTECT, related_name="claw_backs")
    amount = models.BigIntegerField()
    debt_amount = models.BigIntegerField(default=0)
    house_amount = models.BigIntegerField(default=0)

    class Meta:
        app_label = "settlement"
        constraints = [
            models.UniqueConstraint(fields=["award", "refund"], name="settlement_claw_back_once"),
            models.CheckConstraint(
                name="settlement_claw_back_amounts",
                condition=Q(amount__gt=0, debt_amount__gte=0, house_amount__gte=0)
                & Q(amount__gte=F("debt_amount") + F("house_amount")),
            ),
        ]


class PeriodPayment(models.Model):
    """What a mode paid for a shop's month, once; recomputed later when refunds lower the month, and taken back in part."""

    mode = models.CharField(max_length=30)
    seller_ulid = models.CharField(max_length=26)
    period_key = models.CharField(max_length=10)  # 2026-11
    payee_kind = models.CharField(max_length=8)
    payee_ulid = models.CharField(max_length=26)
    settings_version = models.CharField(max_length=26, blank=True, default="")
    base_amount = models.BigIntegerField()
    rate_ppm = models.IntegerField()
    due_amount = models.BigIntegerField()  # by the rule
    amount = models.BigIntegerField()  # paid: at most what had been set aside
    clawed_amount = models.BigIntegerField(default=0)
    data = models.JSONField(default=dict)  # values of the sentence, as they were
    checked_key = models.CharField(max_length=10)  # the month in which it was recomputed last
    paid_at = models.DateTimeField()

    class Meta:
        app_label = "settlement"
        indexes = [models.Index(fields=["payee_ulid", "-id"], name="settlement_period_payee")]
        constraints = [
            models.UniqueConstraint(fields=["mode", "seller_ulid", "period_key"], name="settlement_period_once"),
            models.CheckConstraint(
                name="settlement_period_amounts",
                condition=Q(clawed_amount__gte=0, clawed_amount__lte=F("amount"), due_amount__gte=F("amount")),
            ),
        ]

    @property
    def net_amount(self) -> int:
        """What is left of it."""
        return self.amount - self.clawed_amount
