"""What malls used, as their cells report it, and the service fee of each month."""

import datetime as dt
import logging

from django.db import transaction
from django.db.models import F, Q, Sum

from billing.models import BillingEntry, Invoice, Subscription, UsageRecord
from billing.rules import fees
from billing.rules.fees import FeeTier
from billing.rules.invoices import EntryKind
from billing.rules.periods import Span, month_of
from billing.selectors import accounts
from billing.services import invoicing, money, state
from billing.services.invoicing import Line
from saas.kernel.clock import china_date
from saas.kernel.transactions import retried_transaction

logger = logging.getLogger(__name__)
REASON = "usage"


def record_sale(*, mall: str, amount: int, completed_at: dt.datetime) -> None:
    """Add a completed order (fen) to its mall's day in China. The bus delivers each fact once."""
    date = china_date(completed_at)
    with transaction.atomic():
        for metric, quantity in ((accounts.SALES, amount), (accounts.ORDERS, 1)):
            row, _ = UsageRecord.objects.get_or_create(mall=mall, metric=metric, date=date)
            UsageRecord.objects.filter(pk=row.pk).update(quantity=F("quantity") + quantity)


def record_count(
    *, mall: str, metric: str, quantity: int, counted_at: dt.datetime, date: dt.date | None = None
) -> None:
    """Note how many a mall has of something, or used on `date` (the day of the count without it).

    Of several counts of a day the newest stays, whatever the order.
    """
    with transaction.atomic():
        row, _ = UsageRecord.objects.get_or_create(mall=mall, metric=metric, date=date or china_date(counted_at))
        newer = Q(counted_at=None) | Q(counted_at__lt=counted_at)
        UsageRecord.objects.filter(newer, pk=row.pk).update(quantity=quantity, counted_at=counted_at)


def bill_usage_due(*, now: dt.datetime) -> int:
    """Invoice last month's service fees, mall by mall; how many invoices. Harmless to repeat."""
    month = month_of(month_of(china_date(now)).start - dt.timedelta(days=1))
    sold = UsageRecord.objects.filter(metric=accounts.SALES, date__gte=month.start, date__lt=month.end)
    wanted = Subscription.objects.filter(mall__in=sold.values("mall")).order_by("pk")
    count = 0
    for ulid in list(wanted.values_list("ulid", flat=True)):
        try:
            count += bill_usage(ulid=ulid, month=month, now=now) is not None
        except Exception:
            logger.exception("usage of %s could not be billed", ulid)
    return count


@retried_transaction
def bill_usage(*, ulid: str, month: Span, now: dt.datetime, actor: str = "system") -> Invoice | None:
    """The invoice of a closed month's service fee, and of what came in late for the month before; None: nothing to bill,
    or billed already. Raises NotFound."""
    subscription = state.locked(ulid)
    if month.end > china_date(now) or _billed(subscription, month):
        return None
    lines = [
        line
        for line in (
            _line(subscription, month, "usage"),
            _line(subscription, month_of(month.start - dt.timedelta(days=1)), "usage_late"),
        )
        if line is not None
    ]
    if not lines:
        return None
    invoice = invoicing.issue(subscription=subscription, reason=REASON, span=month, lines=lines, actor=actor, now=now)
    money.settle(subscription.vendor, actor=actor, now=now)
    return invoice


def _billed(subscription: Subscription, month: Span) -> bool:
    known = Invoice.objects.filter(subscription=subscription, reason=REASON, period_start=month.start)
    return known.exclude(document="void").exists()


def _line(subscription: Subscription, month: Span, key: str) -> Line | None:
    """The fee on the month's sales less what was billed for it before; the trial's sales bear none."""
    first = max(month.start, subscription.billable_from)
    if first >= month.end:
        return None
    tiers = [FeeTier.model_validate(tier) for tier in subscription.version.fee_tiers]
    sales = accounts.turnover(subscription.mall, Span(first, month.end))
    before = BillingEntry.objects.filter(
        subscription=subscription, kind=EntryKind.USAGE_FEE, period_start=month.start
    ).exclude(invoice__document="void")
    amount = fees.service_fee(sales, tiers) - int(before.aggregate(n=Sum("amount"))["n"] or 0)
    if amount <= 0 or (key == "usage_late" and not before.exists()):
        return None
    return Line(EntryKind.USAGE_FEE, key, subscription.version, month, amount, {"turnover": sales})
