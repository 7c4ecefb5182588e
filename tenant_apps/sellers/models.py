"""Sellers, their turnover by day, and statements. Money itself is in the ledger; a line says what happened to it."""

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q

from tenant_apps.sellers.applying import ENDED, ApplicationState, Form
from tenant_apps.sellers.rules import (
    FULL_SCORE_PPM,
    DeductionState,
    LineKind,
    SellerKind,
    SellerState,
    SettlementKind,
    StatementState,
)


class Seller(models.Model):
    """A merchant or a store, with the terms under which the mall settles with him. Orders keep a copy of the terms."""

    ulid = models.CharField(max_length=26, unique=True)
    code = models.CharField(max_length=12, unique=True)  # of the link that binds people to a store
    kind = models.CharField(max_length=8, choices=[(k.value, k.value) for k in SellerKind])
    name = models.CharField(max_length=60)
    state = models.CharField(
        max_length=8, choices=[(s.value, s.value) for s in SellerState], default=SellerState.PAUSED
    )
    owner = models.ForeignKey("members.Member", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    settlement = models.CharField(max_length=10, choices=[(k.value, k.value) for k in SettlementKind])
    rate_ppm = models.IntegerField()
    take_tiers = models.JSONField(default=list)  # [{"from_amount": fen, "rate_ppm": …}], validated by rules.tiers_fault
    service_fee_amount = models.BigIntegerField(default=0)  # a year
    min_fee_amount = models.BigIntegerField(default=0)  # the smallest take of a line; only where he pays a commission
    bears_payment_fee = models.BooleanField(default=False)  # what the payment channel charges; else the mall bears it
    cycle_days = models.PositiveSmallIntegerField(default=1)  # T+N after completion
    weekly = models.BooleanField(default=False)
    area_code = models.CharField(max_length=6, blank=True, default="")  # of a store: its district
    licence_name = models.CharField(max_length=80, blank=True, default="")
    licence_number = models.CharField(max_length=18, blank=True, default="")
    licence_until = models.DateField(null=True, blank=True)
    score_ppm = models.IntegerField(default=FULL_SCORE_PPM)  # 5 of 5 = 1 000 000
    has_violation = models.BooleanField(default=False)
    level = models.PositiveSmallIntegerField(default=1)  # of shop growth; moved by the month's round
    referrer = models.ForeignKey("members.Member", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    referrer_since = models.DateTimeField(null=True, blank=True)
    # Since when he takes vouchers of the universal subsidy in payment, and who signed the terms for him (MODES 11e).
    voucher_terms_at = models.DateTimeField(null=True, blank=True)
    voucher_terms_by = models.CharField(max_length=60, blank=True, default="")
    # A store as a place: where it is, and whether it hands goods over or brings them (services.set_handover).
    place_text = models.CharField(max_length=120, blank=True, default="")
    place_phone = models.CharField(max_length=20, blank=True, default="")
    latitude_e6 = models.IntegerField(null=True, blank=True)  # millionths of a degree
    longitude_e6 = models.IntegerField(null=True, blank=True)
    offers_pickup = models.BooleanField(default=False)
    offers_delivery = models.BooleanField(default=False)
    delivery_radius_meters = models.PositiveIntegerField(default=3_000)
    delivery_minimum_amount = models.BigIntegerField(default=0)  # of goods in the order
    delivery_fee_amount = models.BigIntegerField(default=0)
    lent_amount = models.BigIntegerField(default=0)  # worth of the mall's goods that lie in the store on credit
    voucher_terms_version = models.PositiveSmallIntegerField(default=0)  # which text, see voucher_terms.py
    categories = models.JSONField(default=list)  # slugs he may sell in, those below them too; empty: all
    papers = models.JSONField(default=list)  # files that prove licences, see services.papers
    profile = models.JSONField(default=dict)  # notice, phone, logo, vacation (its last day): services.profile
    payee = models.JSONField(default=dict)  # where he is paid, and what he asks for; numbers sealed: services.payees
    own_terms = models.JSONField(default=list)  # what he adds of his own, version by version, see services.own_terms
    staff = models.JSONField(default=list)  # people beside the owner, see staffing.Entry
    papers_warned = models.PositiveSmallIntegerField(default=0)  # days before the end of which he was warned last
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        app_label = "sellers"
        indexes = [
            models.Index(fields=["state", "-id"], name="sellers_seller_state"),
            GinIndex(fields=["staff"], opclasses=["jsonb_path_ops"], name="sellers_seller_staff"),
        ]
        constraints = [
            models.CheckConstraint(
                name="sellers_seller_place",
                condition=Q(latitude_e6=None, longitude_e6=None)
                | Q(latitude_e6__range=(-90_000_000, 90_000_000), longitude_e6__range=(-180_000_000, 180_000_000)),
            ),
            models.CheckConstraint(
                name="sellers_seller_handover",
                condition=Q(offers_pickup=False, offers_delivery=False)
                | Q(kind=SellerKind.STORE) & ~Q(place_text="") & ~Q(area_code=""),
            ),
            models.CheckConstraint(
                name="sellers_seller_delivery",
                condition=Q(delivery_minimum_amount__gte=0, delivery_fee_amount__gte=0)
                & Q(delivery_radius_meters__range=(1, 100_000)),
            ),
            models.CheckConstraint(name="sellers_seller_name", condition=~Q(name="")),
            models.CheckConstraint(
                name="sellers_seller_rate",
                condition=Q(settlement=SettlementKind.SUPPLIER, rate_ppm=0)
                | Q(settlement=SettlementKind.COMMISSION, rate_ppm__range=(0, 300_000))
                | Q(settlement=SettlementKind.CONCESSION, rate_ppm__range=(30_000, 200_000)),
            ),
            models.CheckConstraint(
                name="sellers_seller_fees",
                condition=Q(min_fee_amount=0) | Q(settlement=SettlementKind.COMMISSION, min_fee_amount__gt=0),
            ),
            models.CheckConstraint(
                name="sellers_seller_channel",
                condition=Q(bears_payment_fee=False) | ~Q(settlement=SettlementKind.SUPPLIER),
            ),
            models.CheckConstraint(
                name="sellers_seller_licensed",
                condition=~Q(state=SellerState.ACTIVE) | (~Q(licence_name="") & ~Q(licence_number="")),
            ),
            models.CheckConstraint(
                name="sellers_seller_referrer",
                condition=Q(referrer=None) | (Q(referrer_since__isnull=False) & ~Q(referrer=F("owner"))),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_store(self) -> bool:
        return self.kind == SellerKind.STORE


class Application(models.Model):
    """A member asks to open a shop: what he writes and proves, what the mall answers, which contract he accepted."""

    ulid = models.CharField(max_length=26, unique=True)
    member = models.ForeignKey("members.Member", on_delete=models.PROTECT, related_name="+")
    state = models.CharField(
        max_length=10, choices=[(s.value, s.value) for s in ApplicationState], default=ApplicationState.DRAFT
    )
    kind = models.CharField(max_length=8, choices=[(k.value, k.value) for k in SellerKind], default=SellerKind.MERCHANT)
    form = models.CharField(max_length=12, choices=[(f.value, f.value) for f in Form], default=Form.COMPANY)
    name = models.CharField(max_length=60, blank=True, default="")
    area_code = models.CharField(max_length=6, blank=True, default="")
    licence_name = models.CharField(max_length=80, blank=True, default="")
    licence_number = models.CharField(max_length=18, blank=True, default="")
    licence_until = models.DateField(null=True)
    contact_name = models.CharField(max_length=40, blank=True, default="")
    contact_phone = models.CharField(max_length=20, blank=True, default="")
    payee_name = models.CharField(max_length=80, blank=True, default="")
    payee_bank = models.CharField(max_length=60, blank=True, default="")
    payee_account = models.TextField(blank=True, default="")  # sealed
    categories = models.JSONField(default=list)  # slugs he wants to sell in
    papers = models.JSONField(default=list)
    reason = models.CharField(max_length=400, blank=True, default="")  # why it was returned or refused
    deposit_amount = models.BigIntegerField(default=0)  # what the mall asks before it opens the shop, fen
    seller = models.OneToOneField(Seller, on_delete=models.PROTECT, null=True, related_name="application")
    contract_version = models.PositiveSmallIntegerField(default=0)
    contract_terms = models.JSONField(default=dict)  # settlement, rate, deposit as he read them
    contract_at = models.DateTimeField(null=True)
    submitted_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=60, blank=True, default="")
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        app_label = "sellers"
        indexes = [models.Index(fields=["state", "-id"], name="sellers_application_state")]
        constraints = [
            models.UniqueConstraint(
                fields=["member"],
                condition=~Q(state__in=sorted(ENDED)),
                name="sellers_application_one_open",
            ),
            models.CheckConstraint(
                name="sellers_application_contract",
                condition=~Q(state__in=[ApplicationState.ACCEPTED, ApplicationState.ACTIVE])
                | Q(contract_at__isnull=False, contract_version__gt=0, seller__isnull=False),
            ),
            models.CheckConstraint(
                name="sellers_application_deposit", condition=Q(deposit_amount__range=(0, 100_000_000))
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.ulid


class Deduction(models.Model):
    """What the mall wants to take of a deposit: announced, held in the ledger, perhaps disputed, then taken or dropped."""

    ulid = models.CharField(max_length=26, unique=True)
    seller = models.ForeignKey(Seller, on_delete=models.PROTECT, related_name="deductions")
    amount = models.BigIntegerField()
    reason = models.CharField(max_length=200)
    state = models.CharField(
        max_length=10, choices=[(s.value, s.value) for s in DeductionState], default=DeductionState.ANNOUNCED
    )
    announced_at = models.DateTimeField()
    announced_by = models.CharField(max_length=60)
    takes_at = models.DateTimeField()  # by itself, unless the seller has objected
    dispute = models.CharField(max_length=400, blank=True, default="")
    disputed_at = models.DateTimeField(null=True)
    decision = models.CharField(max_length=400, blank=True, default="")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=60, blank=True, default="")

    class Meta:
        app_label = "sellers"
        indexes = [
            models.Index(fields=["takes_at"], condition=Q(state=DeductionState.ANNOUNCED), name="sellers_deduction_due")
        ]
        constraints = [
            models.CheckConstraint(name="sellers_deduction_amount", condition=Q(amount__gt=0) & ~Q(reason="")),
            models.CheckConstraint(
                name="sellers_deduction_decided",
                condition=Q(state__in=[DeductionState.TAKEN, DeductionState.DROPPED], decided_at__isnull=False)
                | Q(state__in=[DeductionState.ANNOUNCED, DeductionState.DISPUTED], decided_at=None),
            ),
        ]

    @property
    def document(self) -> str:
        """How the ledger calls it."""
        return f"deduction:{self.ulid}"


class EdiLicence(models.Model):
    """The mall's own licence to host third-party sellers (MODES 14 #21), as it was filed; the newest counts."""

    number = models.CharField(max_length=40)
    valid_until = models.DateField(null=True)
    filed_at = models.DateTimeField()
    filed_by = models.CharField(max_length=60)

    class Meta:
        app_label = "sellers"


class SellerDay(models.Model):
    """What a seller's lines that became final on a day brought in and paid as take, less what came back of them since."""

    seller_ulid = models.CharField(max_length=26)
    day = models.DateField()
    turnover_amount = models.BigIntegerField(default=0)
    fee_amount = models.BigIntegerField(default=0)

    class Meta:
        app_label = "sellers"
        constraints = [models.UniqueConstraint(fields=["seller_ulid", "day"], name="sellers_day_once")]


class Statement(models.Model):
    """What a seller is paid for a period: the sum of its lines, held in the ledger from the day it is made."""

    ulid = models.CharField(max_length=26, unique=True)
    number = models.CharField(max_length=40, unique=True)
    seller = models.ForeignKey(Seller, on_delete=models.PROTECT, related_name="statements")
    period_key = models.CharField(max_length=10)
    until = models.DateTimeField()  # its sales were settled before this
    state = models.CharField(
        max_length=10, choices=[(s.value, s.value) for s in StatementState], default=StatementState.DRAFT
    )
    turnover_amount = models.BigIntegerField()
    fee_amount = models.BigIntegerField()  # the mall's take
    payment_fee_amount = models.BigIntegerField(default=0)  # of the channel, borne by him
    sale_amount = models.BigIntegerField()
    refund_amount = models.BigIntegerField()
    award_amount = models.BigIntegerField()
    deduction_amount = models.BigIntegerField()
    total_amount = models.BigIntegerField()
    closed_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=60, blank=True, default="")
    dispute_reason = models.CharField(max_length=200, blank=True, default="")
    paid_at = models.DateTimeField(null=True)
    paid_by = models.CharField(max_length=60, blank=True, default="")
    transfer_reference = models.CharField(max_length=80, blank=True, default="")

    class Meta:
        app_label = "sellers"
        indexes = [models.Index(fields=["state", "-id"], name="sellers_statement_state")]
        constraints = [
            models.UniqueConstraint(fields=["seller", "period_key"], name="sellers_statement_once"),
            models.CheckConstraint(
                name="sellers_statement_sum",
                condition=Q(total_amount__gt=0)
                & Q(total_amount=F("sale_amount") + F("refund_amount") + F("award_amount") + F("deduction_amount")),
            ),
            models.CheckConstraint(
                name="sellers_statement_paid",
                condition=Q(state=StatementState.PAID, paid_at__isnull=False)
                | (~Q(state=StatementState.PAID) & Q(paid_at=None)),
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def document(self) -> str:
        """How the ledger calls it."""
        return f"statement:{self.ulid}"


class StatementLine(models.Model):
    """One change of what a seller has coming: a sale, a refund, an award, a fee. Each belongs to one statement at most."""

    source = models.CharField(max_length=120, unique=True)
    seller_ulid = models.CharField(max_length=26)
    statement = models.ForeignKey(Statement, on_delete=models.PROTECT, null=True, related_name="lines")
    kind = models.CharField(max_length=10, choices=[(k.value, k.value) for k in LineKind])
    order_number = models.CharField(max_length=40, blank=True, default="")
    title = models.CharField(max_length=200, blank=True, default="")
    settled_at = models.DateTimeField()
    turnover_amount = models.BigIntegerField(default=0)
    fee_amount = models.BigIntegerField(default=0)
    payment_fee_amount = models.BigIntegerField(default=0)  # what the payment channel charged, where he bears it
    freight_amount = models.BigIntegerField(default=0)
    amount = models.BigIntegerField()  # signed: what it changes of the payable, freight included

    class Meta:
        app_label = "sellers"
        indexes = [
            models.Index(fields=["seller_ulid", "settled_at"], name="sellers_line_open", condition=Q(statement=None)),
            models.Index(fields=["statement", "id"], name="sellers_line_statement"),
        ]

    def __str__(self) -> str:
        return self.title or self.kind
