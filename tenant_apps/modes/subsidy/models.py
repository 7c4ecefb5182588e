"""The state of subsidy pools (MODES 2.1): pools, cohorts, lots, periods; vouchers and who holds them; two-person actions.

Money itself is in the ledger: the fund is the account `pool`, what a cohort may still hand out `cohort.<id>`, unspent
vouchers `voucher.reserve`. The points of a cohort's live lots are its balance in the asset POINT.
"""

from django.db import models
from django.db.models import F, Q

from tenant_apps.modes.subsidy.rules import CohortStatus, PeriodState, Side
from tenant_apps.modes.subsidy.states import ActionKind, ActionState, UseState

_LIVE = [CohortStatus.PENDING.value, CohortStatus.ACTIVE.value]


class Pool(models.Model):
    """One fund with its counters. The row's lock orders everything that happens to it: orders, periods, refunds.

    Turnover in fen of money paid for goods that take part; a refund does not lower it (SCENARIOS 2).
    """

    key = models.CharField(max_length=20, unique=True, blank=True)  # "" the mall's, p43 a province's, a2 a campaign's
    turnover_amount = models.BigIntegerField(default=0)  # since the last period that was served or empty
    before_amount = models.BigIntegerField(default=0)  # of the period before that
    total_turnover_amount = models.BigIntegerField(default=0)
    total_at_last_amount = models.BigIntegerField(default=0)  # total turnover when the last period was served or empty
    periods = models.PositiveIntegerField(default=0)  # attempts so far: the number of the newest record
    served_period = models.PositiveIntegerField(default=0)  # number of the newest one that was served
    holds = models.PositiveIntegerField(default=0)  # periods that the fund did not cover, all together
    consecutive_holds = models.PositiveIntegerField(default=0)
    covered_amount = models.BigIntegerField(
        default=0
    )  # inflow of refunded orders that the mall paid instead of the pool
    # Rule budget: periods of the running campaign that were served, and the total of the last one.
    budget_periods = models.PositiveSmallIntegerField(default=0)
    budget_last_amount = models.BigIntegerField(default=0)
    opened_at = models.DateTimeField()
    served_at = models.DateTimeField(null=True)  # of the last period that was served
    # On the first pool: the newest announced settings version, and the last member who was told of it.
    told_version = models.CharField(max_length=26, blank=True, default="")
    told_holder = models.CharField(max_length=26, blank=True, default="")
    # The instant from which the next attempt is counted; a calendar keeps its rhythm whatever the delay.
    counted_from = models.DateTimeField()

    class Meta:
        app_label = "subsidy"
        constraints = [
            models.CheckConstraint(
                name="subsidy_pool_counters",
                condition=Q(turnover_amount__gte=0, before_amount__gte=0, covered_amount__gte=0)
                & Q(total_turnover_amount__gte=F("total_at_last_amount"), holds__gte=F("consecutive_holds")),
            )
        ]

    def __str__(self) -> str:
        return self.key or "pool"

    @property
    def account(self) -> str:
        """Where its fund is."""
        return f"pool.{self.key}" if self.key else "pool"


class Cohort(models.Model):
    """Lots of one side and one set of terms whose first period is the same: all that a period touches (MODES 2.1)."""

    pool = models.ForeignKey(Pool, on_delete=models.PROTECT, related_name="cohorts")
    side = models.CharField(max_length=8, choices=[(s.value, s.value) for s in Side])
    first = models.BigIntegerField()  # index step of the first period, X a fen and centi-point
    cap = models.BigIntegerField()  # multiple · X
    periods_max = models.PositiveSmallIntegerField()
    weight = models.BigIntegerField(default=0)  # centi-points of its live lots
    lots = models.PositiveIntegerField(default=0)  # live ones: not void
    periods = models.PositiveSmallIntegerField(default=0)
    level = models.BigIntegerField(default=0)
    index = models.BigIntegerField(default=0)
    last_step = models.BigIntegerField(default=0)  # by which the last period that served it raised the index
    status = models.CharField(
        max_length=14, choices=[(s.value, s.value) for s in CohortStatus], default=CohortStatus.PENDING
    )
    liquidated_amount = models.BigIntegerField(default=0)  # what a liquidation gave its lots besides
    has_dust = models.BooleanField(default=True)  # False: every lot has drawn, what was left over is back in the fund
    opened_at = models.DateTimeField()
    first_period = models.PositiveIntegerField(null=True)  # numbers of the periods that served it first and last
    last_period = models.PositiveIntegerField(null=True)
    left_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "subsidy"
        indexes = [models.Index(fields=["pool", "id"], condition=Q(status__in=_LIVE), name="subsidy_cohort_live")]
        constraints = [
            models.UniqueConstraint(
                fields=["pool", "side", "first", "cap", "periods_max"],
                condition=Q(status=CohortStatus.PENDING),
                name="subsidy_cohort_one_pending",
            ),
            models.CheckConstraint(
                name="subsidy_cohort_bounds",
                condition=Q(weight__gte=0, index__gte=0, index__lte=F("cap"), periods__lte=F("periods_max"))
                & Q(cap__gt=0, first__gt=0, level__gte=0, liquidated_amount__gte=0),
            ),
            models.CheckConstraint(
                name="subsidy_cohort_status",
                condition=Q(status=CohortStatus.PENDING, periods=0, index=0, left_at=None)
                | Q(status=CohortStatus.ACTIVE, periods__gt=0, left_at=None)
                | Q(status=CohortStatus.OUT_MULTIPLE, index=F("cap"), left_at__isnull=False)
                | Q(status=CohortStatus.OUT_PERIOD, left_at__isnull=False)
                | Q(status=CohortStatus.OUT_LIQUIDATED, left_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.side} {self.pk}"

    @property
    def account(self) -> str:
        """What its lots have come to and not drawn yet; in POINT: the points of its live lots."""
        return f"cohort.{self.pk}"


class Lot(models.Model):
    """The points of one completed order for one side: for the buyer, and for each seller of its lines.

    What it is entitled to follows from its cohort; `drawn_amount` of that has become vouchers.
    """

    cohort = models.ForeignKey(Cohort, on_delete=models.PROTECT, related_name="+")
    order_ulid = models.CharField(max_length=26)
    side = models.CharField(max_length=8, choices=[(s.value, s.value) for s in Side])
    holder_ulid = models.CharField(
        max_length=26, blank=True
    )  # the member who gets the vouchers; "": a seller without owner
    seller_ulid = models.CharField(max_length=26, blank=True, default="")  # of a seller's lot
    granted_points = models.BigIntegerField()  # centi-points at completion
    points = models.BigIntegerField()  # what refunds have left of them; 0: void
    drawn_amount = models.BigIntegerField(default=0)
    liquidated_amount = models.BigIntegerField(default=0)
    is_closed = models.BooleanField(
        default=False
    )  # void, or its cohort has left and all is drawn: never looked at again
    granted_at = models.DateTimeField()

    class Meta:
        app_label = "subsidy"
        indexes = [
            models.Index(fields=["holder_ulid", "-id"], name="subsidy_lot_holder"),
            models.Index(fields=["holder_ulid", "id"], condition=Q(is_closed=False), name="subsidy_lot_open"),
            models.Index(fields=["seller_ulid", "-id"], condition=~Q(seller_ulid=""), name="subsidy_lot_seller"),
            models.Index(fields=["cohort", "id"], condition=Q(is_closed=False), name="subsidy_lot_cohort"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["order_ulid", "side", "seller_ulid"], name="subsidy_lot_once"),
            models.CheckConstraint(
                name="subsidy_lot_points",
                condition=Q(granted_points__gt=0, points__gte=0, points__lte=F("granted_points"))
                & Q(drawn_amount__gte=0, liquidated_amount__gte=0),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order_ulid} {self.side}"

    @property
    def is_void(self) -> bool:
        """Its order has been taken back."""
        return self.points == 0


class Period(models.Model):
    """The record of a tick: served, held, postponed, empty, or a liquidation. Fen and ppm; written once, never changed."""

    pool = models.ForeignKey(Pool, on_delete=models.PROTECT, related_name="records")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=[(s.value, s.value) for s in PeriodState])
    actual_ppm = models.BigIntegerField()
    target_ppm = models.IntegerField()
    growth_ppm = models.IntegerField()
    need_amount = models.BigIntegerField()  # of one flat period, before it
    paid_amount = models.BigIntegerField()
    fund_before_amount = models.BigIntegerField()
    fund_amount = models.BigIntegerField()  # after it
    commitment_amount = models.BigIntegerField()  # R after it
    turnover_amount = models.BigIntegerField()  # of the period that it closes
    cohorts = models.PositiveSmallIntegerField()  # that were live
    weight = models.BigIntegerField()  # their points
    settings_version = models.CharField(max_length=26, blank=True, default="")
    actor = models.CharField(max_length=60)
    ran_at = models.DateTimeField()

    class Meta:
        app_label = "subsidy"
        constraints = [
            models.UniqueConstraint(fields=["pool", "number"], name="subsidy_period_once"),
            models.CheckConstraint(
                name="subsidy_period_never_overdrawn",
                condition=Q(fund_amount__gte=0, paid_amount__gte=0)
                & Q(fund_amount=F("fund_before_amount") - F("paid_amount")),
            ),
            models.CheckConstraint(
                name="subsidy_period_pays_when_served",
                condition=Q(state__in=[PeriodState.SERVED.value, PeriodState.LIQUIDATED.value])
                | Q(paid_amount=0, growth_ppm=0),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pool_id}/{self.number}"

    @property
    def coverage_ppm(self) -> int | None:
        """F over R after it; None where nothing is promised."""
        return self.fund_amount * 1_000_000 // self.commitment_amount if self.commitment_amount else None


class Holder(models.Model):
    """A member with vouchers. The row's lock orders what happens to them: drawing, spending, recall, expiry."""

    member_ulid = models.CharField(max_length=26, unique=True)
    wants_notice = models.BooleanField(default=False)  # asked to be told of new vouchers: drawn for him every night
    looked_at = models.DateTimeField(null=True)  # when his lots were drawn last

    class Meta:
        app_label = "subsidy"
        indexes = [models.Index(fields=["looked_at"], condition=Q(wants_notice=True), name="subsidy_holder_notice")]

    def __str__(self) -> str:
        return self.member_ulid


class Voucher(models.Model):
    """Vouchers drawn together, with one expiry. They come out of lots and nowhere else: nobody buys one (MODES 14 #8)."""

    ulid = models.CharField(max_length=26, unique=True)
    holder = models.ForeignKey(Holder, on_delete=models.PROTECT, related_name="vouchers")
    pool = models.ForeignKey(Pool, on_delete=models.PROTECT, related_name="+")  # where what expires goes back to
    amount = models.BigIntegerField()  # fen of face value, as drawn
    left_amount = models.BigIntegerField()  # neither spent nor reserved for an order
    recalled_amount = models.BigIntegerField(default=0)
    expired_amount = models.BigIntegerField(default=0)
    expires_at = models.DateTimeField(null=True)
    drawn_at = models.DateTimeField()

    class Meta:
        app_label = "subsidy"
        indexes = [
            models.Index(fields=["holder", "id"], condition=Q(left_amount__gt=0), name="subsidy_voucher_left"),
            models.Index(fields=["expires_at"], condition=Q(left_amount__gt=0), name="subsidy_voucher_expiry"),
        ]
        constraints = [
            models.CheckConstraint(
                name="subsidy_voucher_amounts",
                condition=Q(amount__gt=0, left_amount__gte=0, recalled_amount__gte=0, expired_amount__gte=0)
                & Q(amount__gte=F("left_amount") + F("recalled_amount") + F("expired_amount")),
            )
        ]

    def __str__(self) -> str:
        return self.ulid


class VoucherUse(models.Model):
    """What an order takes of a voucher: reserved when it is placed, spent when it is paid, returned with the old expiry."""

    voucher = models.ForeignKey(Voucher, on_delete=models.PROTECT, related_name="uses")
    order_ulid = models.CharField(max_length=26)
    amount = models.BigIntegerField()
    returned_amount = models.BigIntegerField(default=0)
    state = models.CharField(max_length=10, choices=[(s.value, s.value) for s in UseState], default=UseState.RESERVED)
    used_at = models.DateTimeField()

    class Meta:
        app_label = "subsidy"
        constraints = [
            models.UniqueConstraint(fields=["order_ulid", "voucher"], name="subsidy_use_once"),
            models.CheckConstraint(
                name="subsidy_use_amounts",
                condition=Q(amount__gt=0, returned_amount__gte=0, returned_amount__lte=F("amount")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order_ulid} {self.amount}"


class PoolAction(models.Model):
    """What two persons do to a pool: take surplus out, add money, or liquidate it. Prepared by one, approved by another."""

    ulid = models.CharField(max_length=26, unique=True)
    pool = models.ForeignKey(Pool, on_delete=models.PROTECT, related_name="actions")
    kind = models.CharField(max_length=12, choices=[(k.value, k.value) for k in ActionKind])
    state = models.CharField(
        max_length=10, choices=[(s.value, s.value) for s in ActionState], default=ActionState.PREPARED
    )
    amount = models.BigIntegerField(default=0)  # fen; of a liquidation: what it handed out
    reason = models.CharField(max_length=300)
    prepared_by = models.CharField(max_length=60)
    prepared_at = models.DateTimeField()  # of a liquidation: from here on members are told
    not_before = models.DateTimeField()
    decided_by = models.CharField(max_length=60, blank=True, default="")
    decided_at = models.DateTimeField(null=True)
    decision = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        app_label = "subsidy"
        constraints = [
            models.UniqueConstraint(
                fields=["pool", "kind"], condition=Q(state=ActionState.PREPARED), name="subsidy_action_one_open"
            ),
            models.CheckConstraint(
                name="subsidy_action_two_persons",
                condition=~Q(state=ActionState.DONE) | (~Q(decided_by="") & ~Q(decided_by=F("prepared_by"))),
            ),
            models.CheckConstraint(name="subsidy_action_reasoned", condition=~Q(reason="") & Q(amount__gte=0)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"
