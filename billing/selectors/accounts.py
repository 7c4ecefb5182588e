"""What a vendor has, owes and uses: subscriptions, invoices, balance."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import Q, QuerySet, Sum

from billing.models import (
    BankTransfer,
    BillingEntry,
    CreditNote,
    Invoice,
    Override,
    ScheduledChange,
    Subscription,
    SubscriptionEvent,
    SubscriptionExtra,
    UsageRecord,
)
from billing.rules import grace
from billing.rules.entitlements import Grant
from billing.rules.invoices import OPEN, DocumentState, balance_account
from billing.rules.periods import Span, month_of
from billing.rules.states import SubscriptionState
from billing.selectors.prices import PlanOnSale, of_version
from saas.kernel.errors import NotFound
from saas.ledger import selectors as ledger
from saas.tenants.vendors.models import Vendor

SALES, ORDERS, TEXTS = "sales_fen", "orders_month_max", "sms_month_max"
STORED, ANSWERED = "storage_bytes", "traffic_bytes"
QUOTAS = (ORDERS, TEXTS, ANSWERED)  # added up over a month
COUNTS = ("staff_max", "products_max", STORED)  # the last one counts
METRICS = {"storage_mb": STORED, "traffic_month_gb": ANSWERED}  # features that are counted in another unit


@dataclass(frozen=True)
class Usage:
    """A feature: how much is used of how much. `limit` None: as much as wanted; `used` None: not counted yet.

    Both as it is counted: files and traffic in bytes. `over`: more is used than allowed, with its last day of grace.
    """

    feature: str
    used: int | None
    limit: int | None
    over: grace.Over | None = None

    @property
    def percent(self) -> int:
        return min(100, 100 * (self.used or 0) // self.limit) if self.limit else 0

    @property
    def used_shown(self) -> str:
        return "—" if self.used is None else grace.shown(self.feature, self.used)

    @property
    def limit_shown(self) -> str:
        return "" if self.limit is None else grace.shown(self.feature, self.limit)


def subscription_of_mall(mall: str) -> Subscription:
    """Raises NotFound."""
    found = Subscription.objects.select_related("version", "version__plan", "vendor").filter(mall=mall).first()
    if found is None:
        raise NotFound
    return found


def subscription_or_none(mall: str) -> Subscription | None:
    """The subscription of a mall, if it has one."""
    return Subscription.objects.select_related("version", "version__plan", "vendor").filter(mall=mall).first()


def plan_of(subscription: Subscription) -> PlanOnSale:
    """The plan that the subscription was sold, in the reader's language."""
    return of_version(subscription.version)


def waiting_change(subscription: Subscription) -> ScheduledChange | None:
    """The plan that begins with the next period, if one is chosen."""
    waiting = ScheduledChange.objects.filter(subscription=subscription, applied_at=None, withdrawn_at=None)
    return waiting.select_related("version", "version__plan").first()


def history(subscription: Subscription) -> QuerySet[SubscriptionEvent]:
    """What happened to a subscription, the newest first."""
    return SubscriptionEvent.objects.filter(subscription=subscription).select_related("version__plan").order_by("-pk")


def invoices_of(vendor: Vendor) -> QuerySet[Invoice]:
    """A vendor's invoices that have a number, the newest first."""
    shown = Invoice.objects.filter(vendor=vendor).exclude(document=DocumentState.DRAFT)
    return shown.select_related("subscription").order_by("-finalized_at", "-pk")


def invoice_by_ulid(ulid: str, *, vendor: Vendor | None = None) -> Invoice:
    """A finalized (or void) invoice; with `vendor`, only if it is theirs. Raises NotFound."""
    wanted = Q(ulid=ulid) if vendor is None else Q(ulid=ulid, vendor=vendor)
    found = Invoice.objects.filter(wanted).exclude(document=DocumentState.DRAFT)
    invoice = found.select_related("vendor", "vendor__owner", "subscription").first()
    if invoice is None:
        raise NotFound
    return invoice


def entries_of(invoice: Invoice) -> QuerySet[BillingEntry]:
    """The lines of an invoice."""
    return BillingEntry.objects.filter(invoice=invoice).select_related("version__plan").order_by("position")


def credit_notes_of(invoice: Invoice) -> QuerySet[CreditNote]:
    """What was taken back from an invoice."""
    return CreditNote.objects.filter(invoice=invoice).order_by("pk")


def credit_note_by_number(number: str, *, vendor: Vendor | None = None) -> CreditNote:
    """A credit note; with `vendor`, only if it is theirs. Raises NotFound."""
    wanted = Q(number=number) if vendor is None else Q(number=number, invoice__vendor=vendor)
    note = CreditNote.objects.filter(wanted).select_related("invoice__vendor", "invoice__subscription").first()
    if note is None:
        raise NotFound
    return note


def credited(invoice: Invoice) -> int:
    """The sum of an invoice's credit notes (fen)."""
    return int(CreditNote.objects.filter(invoice=invoice).aggregate(n=Sum("amount"))["n"] or 0)


def outstanding(invoice: Invoice) -> int:
    """What is left to pay of an open invoice (fen)."""
    if invoice.payment not in OPEN or invoice.document != DocumentState.FINALIZED:
        return 0
    return invoice.total_amount - credited(invoice)


def open_invoices(*, vendor_id: int) -> QuerySet[Invoice]:
    """Finalized and not paid, the earliest due first."""
    open_ones = Invoice.objects.filter(vendor_id=vendor_id, document=DocumentState.FINALIZED, payment__in=OPEN)
    return open_ones.select_related("vendor").order_by("due_on", "pk")


def owed(vendor: Vendor) -> int:
    """What a vendor has to pay (fen)."""
    return sum(outstanding(invoice) for invoice in open_invoices(vendor_id=vendor.pk))


def stored_balance(vendor: Vendor) -> int:
    """What a vendor has paid ahead (fen)."""
    return ledger.available(balance_account(vendor.ulid))


def turnover(mall: str, span: Span) -> int:
    """Completed sales of a mall in a span of days (fen)."""
    rows = UsageRecord.objects.filter(mall=mall, metric=SALES, date__gte=span.start, date__lt=span.end)
    return int(rows.aggregate(n=Sum("quantity"))["n"] or 0)


def counted(mall: str) -> dict[str, int]:
    """The last known number of staff and products of a mall, and of bytes of its files."""
    rows = UsageRecord.objects.filter(mall=mall, metric__in=COUNTS).order_by("metric", "-date").distinct("metric")
    return {row.metric: row.quantity for row in rows}


def usage_of(subscription: Subscription, *, today: dt.date) -> list[Usage]:
    """Counts and quotas of a subscription with what is used of them."""
    values, over = subscription.entitlements, grace.read(subscription.over)
    used = {**dict.fromkeys(QUOTAS, 0), **counted(subscription.mall), **_this_month(subscription.mall, today)}
    found = []
    for feature in ("staff_max", "products_max", "storage_mb", ORDERS, TEXTS, "traffic_month_gb"):
        limit = values.get(feature)
        most = None if limit is None else int(limit) * grace.UNITS.get(feature, 1)
        found.append(Usage(feature, used.get(METRICS.get(feature, feature)), most, over.get(feature)))
    return found


def _this_month(mall: str, today: dt.date) -> dict[str, int]:
    month = month_of(today)
    rows = UsageRecord.objects.filter(mall=mall, metric__in=QUOTAS, date__gte=month.start, date__lt=month.end)
    return dict(rows.values_list("metric").annotate(n=Sum("quantity")).order_by())


def soft_use(mall: str, *, today: dt.date) -> dict[str, int]:
    """What a mall uses of the features with grace, as they are counted; what was never counted is not in it."""
    return _of_features({**counted(mall), **_this_month(mall, today)})


def soft_use_of_all(*, today: dt.date) -> dict[str, dict[str, int]]:
    """The same of every mall, in two statements."""
    month, found = month_of(today), dict[str, dict[str, int]]()
    last = UsageRecord.objects.filter(metric=STORED).order_by("mall", "-date").distinct("mall")
    for row in last:
        found.setdefault(row.mall, {})[STORED] = row.quantity
    sums = UsageRecord.objects.filter(metric__in=(ORDERS, ANSWERED), date__gte=month.start, date__lt=month.end)
    for mall, metric, amount in sums.values_list("mall", "metric").annotate(n=Sum("quantity")).order_by():
        found.setdefault(mall, {})[metric] = amount
    return {mall: _of_features(used) for mall, used in found.items()}


def _of_features(used: dict[str, int]) -> dict[str, int]:
    known = {feature: used.get(METRICS.get(feature, feature)) for feature in grace.GRACE_DAYS}
    return {feature: amount for feature, amount in known.items() if amount is not None}


def extras_of(subscription: Subscription) -> QuerySet[SubscriptionExtra]:
    """The extras that a subscription has now, in the order of their purchase."""
    return (
        SubscriptionExtra.objects.filter(subscription=subscription, ended_on=None)
        .select_related("extra")
        .order_by("pk")
    )


def grants_of(subscription: Subscription) -> list[Grant]:
    """What the extras add to the plan."""
    return [
        Grant(
            row.feature, row.value * row.quantity if isinstance(row.value, int) and row.value is not True else row.value
        )
        for row in extras_of(subscription)
    ]


def overrides_of(vendor: Vendor) -> dict[str, object]:
    """Values that replace the plan's for this vendor."""
    return dict(Override.objects.filter(vendor=vendor).values_list("feature", "value"))


def unmatched_transfers() -> QuerySet[BankTransfer]:
    """Money at the bank that belongs to nobody yet, the oldest first."""
    return BankTransfer.objects.filter(vendor=None).order_by("received_on", "pk")


def monthly_recurring() -> int:
    """What running subscriptions bring a month (fen); a yearly price counts a twelfth."""
    running = Subscription.objects.filter(state__in=[SubscriptionState.ACTIVE, SubscriptionState.PAST_DUE])
    prices = running.values_list("version__price_fen", "version__period")
    return sum(price if period == "month" else price // 12 for price, period in prices)


def state_counts() -> dict[str, int]:
    """How many subscriptions are in each state."""
    counts: dict[str, int] = {}
    for state in Subscription.objects.values_list("state", flat=True):
        counts[state] = counts.get(state, 0) + 1
    return counts
