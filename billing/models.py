"""What the platform sells, to whom, what was used, what was billed and what was paid (control).

Written by billing.services alone. Entries, payments, credit notes and histories are append-only by trigger; a finalized
invoice never changes its number, amount or owner (migration 0001).
"""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from billing.rules.dunning import Action
from billing.rules.invoices import DocumentState, EntryKind, PaymentState, TaxState
from billing.rules.plans import Period
from billing.rules.states import SubscriptionState
from saas.channels.facts import OPEN
from saas.channels.facts import PaymentState as CollectionState


class Plan(models.Model):
    """A plan on the price list: its words and its place. What it costs and allows is a version."""

    code = models.SlugField(max_length=30, unique=True)
    position = models.PositiveSmallIntegerField(default=0)
    name = models.CharField(max_length=40)
    name_en = models.CharField(max_length=40)
    description = models.TextField()
    description_en = models.TextField()
    highlighted = models.BooleanField(default=False)
    on_sale = models.BooleanField(default=True)

    class Meta:
        app_label = "billing"
        verbose_name = _("plan")
        verbose_name_plural = _("plans")

    def __str__(self) -> str:
        return self.name


class PlanVersion(models.Model):
    """Price and contents of a plan from a day on. Never changed: a subscription keeps the version it was sold."""

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="+")
    number = models.PositiveIntegerField()
    price_fen = models.PositiveBigIntegerField()
    period = models.CharField(max_length=8, choices=[(p.value, p.value) for p in Period], default=Period.MONTH)
    trial_days = models.PositiveSmallIntegerField(default=0)
    features = models.JSONField()  # rules.PlanFeatures
    fee_tiers = models.JSONField(default=list)  # of rules.fees.FeeTier
    effective_from = models.DateTimeField()
    published_by = models.CharField(max_length=60)

    class Meta:
        app_label = "billing"
        constraints = [models.UniqueConstraint(fields=["plan", "number"], name="billing_version_once")]

    def __str__(self) -> str:
        return f"{self.plan} v{self.number}"


class Subscription(models.Model):
    """A mall's subscription, from signup to its end; reactivated, it is the same row."""

    ulid = models.CharField(max_length=26, unique=True)
    vendor = models.ForeignKey("vendors.Vendor", models.PROTECT, related_name="+")
    mall = models.CharField(max_length=26, unique=True)
    version = models.ForeignKey(PlanVersion, models.PROTECT, related_name="+")
    state = models.CharField(max_length=12, choices=[(s.value, s.value) for s in SubscriptionState])
    anchor_date = models.DateField()  # period boundaries are counted from it
    period_start = models.DateField()
    period_end = models.DateField()
    billable_from = models.DateField()  # sales before (the trial's) bear no fee
    cancel_at_period_end = models.BooleanField(default=False)
    restricted = models.BooleanField(default=False)
    suspended = models.BooleanField(default=False)
    over = models.JSONField(default=dict)  # feature → last day of grace and whether it ended (rules.grace.Over)
    extended_to = models.DateField(null=True)  # grace: dunning counts from here
    paused_on = models.DateField(null=True)
    ended_on = models.DateField(null=True)
    created_at = models.DateTimeField()
    entitlements = models.JSONField(default=dict)  # as last sent to the cell
    entitlements_version = models.PositiveBigIntegerField(default=1)

    class Meta:
        app_label = "billing"
        constraints = [
            models.CheckConstraint(name="billing_period_forward", condition=Q(period_end__gt=F("period_start"))),
            models.CheckConstraint(
                name="billing_ended_has_day",
                condition=Q(
                    ended_on__isnull=True,
                    state__in=["incomplete", "trialing", "active", "past_due", "unpaid", "paused"],
                )
                | Q(ended_on__isnull=False, state__in=["canceled", "expired"]),
            ),
            models.CheckConstraint(
                name="billing_paused_has_day",
                condition=Q(paused_on__isnull=False, state="paused") | (Q(paused_on__isnull=True) & ~Q(state="paused")),
            ),
        ]
        indexes = [models.Index(fields=["period_end"], name="billing_subscription_due")]

    def __str__(self) -> str:
        return self.ulid


class SubscriptionEvent(models.Model):
    """History of a subscription: what was done, by whom, which state and version followed. Append-only."""

    subscription = models.ForeignKey(Subscription, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=30)
    state = models.CharField(max_length=12)
    version = models.ForeignKey(PlanVersion, models.PROTECT, related_name="+")
    day = models.DateField()
    at = models.DateTimeField()
    actor = models.CharField(max_length=60)
    reason = models.CharField(max_length=300, default="")

    class Meta:
        app_label = "billing"


class ScheduledChange(models.Model):
    """A plan that begins with the next period (downgrade)."""

    subscription = models.ForeignKey(Subscription, models.PROTECT, related_name="+")
    version = models.ForeignKey(PlanVersion, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=60)
    applied_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "billing"
        constraints = [
            models.UniqueConstraint(
                fields=["subscription"],
                condition=Q(applied_at__isnull=True, withdrawn_at__isnull=True),
                name="billing_one_change_waits",
            )
        ]


class Override(models.Model):
    """A feature's value for one vendor, in place of the plan's."""

    vendor = models.ForeignKey("vendors.Vendor", models.PROTECT, related_name="+")
    feature = models.CharField(max_length=40)
    value = models.JSONField(null=True)
    reason = models.CharField(max_length=300)
    set_by = models.CharField(max_length=60)
    set_at = models.DateTimeField()

    class Meta:
        app_label = "billing"
        constraints = [models.UniqueConstraint(fields=["vendor", "feature"], name="billing_override_once")]


class UsageRecord(models.Model):
    """What a mall used of a metric on a day in China: a sum (sales) or the last count of the day (staff, products)."""

    mall = models.CharField(max_length=26)
    metric = models.CharField(max_length=40)
    date = models.DateField()
    quantity = models.BigIntegerField(default=0)
    counted_at = models.DateTimeField(null=True)  # of a count: the newest wins

    class Meta:
        app_label = "billing"
        constraints = [models.UniqueConstraint(fields=["mall", "metric", "date"], name="billing_usage_once")]


class Invoice(models.Model):
    """A bill to a vendor: document, payment and tax invoice each have a state of their own."""

    ulid = models.CharField(max_length=26, unique=True)
    number = models.CharField(max_length=20, null=True)
    vendor = models.ForeignKey("vendors.Vendor", models.PROTECT, related_name="+")
    subscription = models.ForeignKey(Subscription, models.PROTECT, related_name="+")
    reason = models.CharField(max_length=40)  # cycle, usage, upgrade:<ulid>
    period_start = models.DateField()
    period_end = models.DateField()
    document = models.CharField(
        max_length=10, choices=[(s.value, s.value) for s in DocumentState], default=DocumentState.DRAFT
    )
    payment = models.CharField(
        max_length=10, choices=[(s.value, s.value) for s in PaymentState], default=PaymentState.UNPAID
    )
    tax = models.CharField(max_length=10, choices=[(s.value, s.value) for s in TaxState], default=TaxState.NONE)
    total_amount = models.BigIntegerField(default=0)  # fen
    buyer = models.JSONField()  # name, contact: as they were at finalisation
    tax_data = models.JSONField(default=dict)  # title, number, e-mail of the tax invoice; its number once issued
    due_on = models.DateField()
    created_at = models.DateTimeField()
    finalized_at = models.DateTimeField(null=True)
    paid_at = models.DateTimeField(null=True)
    failure = models.CharField(max_length=60, default="")

    class Meta:
        app_label = "billing"
        constraints = [
            models.UniqueConstraint(fields=["number"], name="billing_invoice_number"),
            models.UniqueConstraint(
                fields=["subscription", "reason", "period_start"],
                condition=~Q(document="void"),
                name="billing_invoice_once",
            ),
            models.CheckConstraint(
                name="billing_number_when_final",
                condition=Q(document="draft", number__isnull=True, finalized_at__isnull=True)
                | (~Q(document="draft") & Q(number__isnull=False, finalized_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="billing_paid_has_time",
                condition=Q(payment="paid", paid_at__isnull=False) | (~Q(payment="paid") & Q(paid_at__isnull=True)),
            ),
        ]
        indexes = [models.Index(fields=["vendor", "payment", "due_on"], name="billing_invoice_open")]

    def __str__(self) -> str:
        return self.number or self.ulid


class BillingEntry(models.Model):
    """One line of an invoice: a charge (positive) or a credit (negative). Append-only; `key` names the effect once."""

    subscription = models.ForeignKey(Subscription, models.PROTECT, related_name="+")
    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=16, choices=[(k.value, k.value) for k in EntryKind])
    key = models.CharField(max_length=60)
    version = models.ForeignKey(PlanVersion, models.PROTECT, related_name="+")
    period_start = models.DateField()
    period_end = models.DateField()
    amount = models.BigIntegerField()  # fen
    data = models.JSONField(default=dict)  # what the line's sentence needs: days, turnover

    class Meta:
        app_label = "billing"
        constraints = [models.UniqueConstraint(fields=["invoice", "key"], name="billing_entry_once")]


class CreditNote(models.Model):
    """Money taken back from a finalized invoice. Append-only."""

    number = models.CharField(max_length=20, unique=True)
    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="+")
    amount = models.PositiveBigIntegerField()  # fen
    reason = models.CharField(max_length=300)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=60)

    class Meta:
        app_label = "billing"


class InvoicePayment(models.Model):
    """Stored balance that paid an invoice: once, whole. Append-only."""

    invoice = models.OneToOneField(Invoice, models.PROTECT, related_name="+")
    amount = models.PositiveBigIntegerField()  # fen
    paid_at = models.DateTimeField()
    actor = models.CharField(max_length=60)

    class Meta:
        app_label = "billing"


class BankTransfer(models.Model):
    """Money that arrived at the platform's bank, entered by staff; matched to a vendor it becomes stored balance."""

    reference = models.CharField(max_length=64, unique=True)  # the bank's own number
    amount = models.PositiveBigIntegerField()  # fen
    payer_name = models.CharField(max_length=80)
    remark = models.CharField(max_length=200, default="")
    received_on = models.DateField()
    vendor = models.ForeignKey("vendors.Vendor", models.PROTECT, null=True, related_name="+")
    entered_at = models.DateTimeField()
    entered_by = models.CharField(max_length=60)
    matched_at = models.DateTimeField(null=True)
    matched_by = models.CharField(max_length=60, default="")

    class Meta:
        app_label = "billing"
        constraints = [
            models.CheckConstraint(
                name="billing_matched_whole",
                condition=Q(vendor__isnull=True, matched_at__isnull=True)
                | Q(vendor__isnull=False, matched_at__isnull=False),
            ),
            models.CheckConstraint(name="billing_transfer_positive", condition=Q(amount__gt=0)),
        ]


class DunningAction(models.Model):
    """A dunning step that was taken for an overdue invoice: each once. Append-only."""

    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField()
    action = models.CharField(max_length=8, choices=[(a.value, a.value) for a in Action])
    taken_at = models.DateTimeField()

    class Meta:
        app_label = "billing"
        constraints = [models.UniqueConstraint(fields=["invoice", "position"], name="billing_dunning_once")]


class Series(models.Model):
    """The last number of a series in a year; its row lock makes numbers gapless."""

    series = models.CharField(max_length=4)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        app_label = "billing"
        constraints = [models.UniqueConstraint(fields=["series", "year"], name="billing_series_once")]


class Extra(models.Model):
    """Something sold beside a plan, by the month: its words, its price now, what it adds. Who bought it keeps the terms."""

    code = models.SlugField(max_length=30, unique=True)
    position = models.PositiveSmallIntegerField(default=0)
    name = models.CharField(max_length=40)
    name_en = models.CharField(max_length=40)
    description = models.TextField()
    description_en = models.TextField()
    price_fen = models.PositiveBigIntegerField()  # a month
    feature = models.CharField(max_length=40)
    value = models.JSONField()  # an amount, a mode's name, or true (rules.entitlements.Grant)
    on_sale = models.BooleanField(default=True)

    class Meta:
        app_label = "billing"
        verbose_name = _("paid extra")
        verbose_name_plural = _("paid extras")

    def __str__(self) -> str:
        return self.name


class SubscriptionExtra(models.Model):
    """An extra that a subscription has, on the terms of its purchase; it is billed with the subscription's periods."""

    ulid = models.CharField(max_length=26, unique=True)
    subscription = models.ForeignKey(Subscription, models.PROTECT, related_name="+")
    extra = models.ForeignKey(Extra, models.PROTECT, related_name="+")
    quantity = models.PositiveSmallIntegerField()
    price_fen = models.PositiveBigIntegerField()  # of one, a month
    feature = models.CharField(max_length=40)
    value = models.JSONField()
    started_on = models.DateField()
    ends_with_period = models.BooleanField(default=False)
    ended_on = models.DateField(null=True)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=60)

    class Meta:
        app_label = "billing"
        constraints = [
            models.UniqueConstraint(
                fields=["subscription", "extra"], condition=Q(ended_on=None), name="billing_extra_once"
            ),
            models.CheckConstraint(name="billing_extra_quantity", condition=Q(quantity__gt=0)),
        ]


class ChannelCredential(models.Model):
    """The platform's own merchant account at a payment channel. `*_sealed` are opened by services alone, never shown."""

    ulid = models.CharField(max_length=26, unique=True)
    channel = models.CharField(max_length=20)
    active = models.BooleanField(default=True)
    notify_token = models.CharField(max_length=43, unique=True)  # in the notify address: says whose keys verify it
    merchant_id = models.CharField(max_length=32)
    app_id = models.CharField(max_length=32)
    certificate_serial = models.CharField(max_length=40)
    platform_key_id = models.CharField(max_length=64, default="")
    platform_key = models.TextField(default="")  # PEM, public
    private_key_sealed = models.TextField()
    api_key_sealed = models.TextField()
    shown = models.JSONField()  # per secret: last four characters and SHA-256 fingerprint
    checks = models.JSONField(default=list)  # of the last check: [{name, passed, detail}]
    checked_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=60)

    class Meta:
        app_label = "billing"
        constraints = [
            models.UniqueConstraint(fields=["channel"], condition=Q(active=True), name="billing_credential_one_active")
        ]


class Collection(models.Model):
    """One attempt to collect an invoice through a channel, under one number; what came in went to the vendor's balance."""

    ulid = models.CharField(max_length=26, unique=True)
    number = models.CharField(max_length=32, unique=True)
    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="+")
    credential = models.ForeignKey(ChannelCredential, models.PROTECT, related_name="+")
    amount = models.PositiveBigIntegerField()  # fen
    description = models.CharField(max_length=127)
    state = models.CharField(
        max_length=10, choices=[(s.value, s.value) for s in CollectionState], default=CollectionState.CREATED
    )
    code_url = models.CharField(max_length=512, default="")
    last_error = models.CharField(max_length=200, default="")
    transaction_id = models.CharField(max_length=64, default="")
    checks = models.PositiveSmallIntegerField(default=0)
    next_check_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField()
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=60)
    paid_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "billing"
        constraints = [
            models.UniqueConstraint(
                fields=["invoice"], condition=Q(state__in=sorted(OPEN)), name="billing_collection_one_open"
            ),
            models.UniqueConstraint(
                fields=["transaction_id"], condition=~Q(transaction_id=""), name="billing_transaction_once"
            ),
            models.CheckConstraint(name="billing_collection_positive", condition=Q(amount__gt=0)),
            models.CheckConstraint(
                name="billing_collected_has_time",
                condition=Q(state="paid", paid_at__isnull=False) | (~Q(state="paid") & Q(paid_at__isnull=True)),
            ),
        ]
        indexes = [
            models.Index(fields=["next_check_at"], condition=Q(state__in=sorted(OPEN)), name="billing_collection_due")
        ]

    def __str__(self) -> str:
        return self.number


class ChannelNotice(models.Model):
    """A verified notice exactly as the channel sent it (its content is encrypted), stored once."""

    ulid = models.CharField(max_length=26, unique=True)
    notice_id = models.CharField(max_length=64, unique=True)
    credential = models.ForeignKey(ChannelCredential, models.PROTECT, related_name="+")
    event_type = models.CharField(max_length=40)
    body = models.BinaryField()
    headers = models.JSONField()
    received_at = models.DateTimeField()
    processed_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=60, default="")

    class Meta:
        app_label = "billing"
