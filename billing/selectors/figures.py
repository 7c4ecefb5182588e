"""The platform's own figures by month, each with the rows behind it: recurring revenue, who left, turnover, bills."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import QuerySet, Sum

from billing.models import Invoice, InvoicePayment, Subscription, SubscriptionEvent, UsageRecord
from billing.rules.periods import Span, add_months, midnight, month_of
from billing.rules.plans import Period
from billing.rules.states import ENDED, SubscriptionState
from billing.selectors import accounts
from saas.kernel.money import PPM

_PAYING = (SubscriptionState.ACTIVE, SubscriptionState.PAST_DUE)


@dataclass(frozen=True)
class Month:
    """A calendar month in China. The running one counts until now."""

    first: dt.date
    recurring_fen: int  # what runs at its end brings a month
    running: int
    ended: int
    churn_ppm: int  # of those that ran at its beginning
    turnover_fen: int  # completed sales of all malls
    billed_fen: int
    paid_fen: int

    @property
    def key(self) -> str:
        return f"{self.first:%Y-%m}"


def months(*, today: dt.date, count: int = 12) -> list[Month]:
    """The last months, the oldest first."""
    this = month_of(today)
    return [month(month_of(add_months(this.start, -back))) for back in range(count - 1, -1, -1)]


def month(span: Span) -> Month:
    """One month."""
    before, at_end = standing(span.start), standing(span.end)
    left = ended_in(span).values("subscription").distinct().count()
    begun = len([one for one in before if one.state in _PAYING])
    return Month(
        first=span.start,
        recurring_fen=sum(monthly_price(one) for one in at_end if one.state in _PAYING),
        running=len([one for one in at_end if one.state in _PAYING]),
        ended=left,
        churn_ppm=min(PPM, PPM * left // begun) if begun else 0,
        turnover_fen=int(sales_in(span).aggregate(n=Sum("quantity"))["n"] or 0),
        billed_fen=int(invoices_in(span).aggregate(n=Sum("total_amount"))["n"] or 0),
        paid_fen=int(payments_in(span).aggregate(n=Sum("amount"))["n"] or 0),
    )


def standing(day: dt.date) -> list[SubscriptionEvent]:
    """Where every subscription stood when `day` began: its last line of history before."""
    known = SubscriptionEvent.objects.filter(at__lt=midnight(day)).select_related("version__plan", "subscription")
    return list(known.order_by("subscription_id", "-pk").distinct("subscription_id"))


def monthly_price(event: SubscriptionEvent) -> int:
    """What a subscription on that plan brings a month (fen); a yearly price counts a twelfth."""
    price = event.version.price_fen
    return price if event.version.period == Period.MONTH else price // 12


def ended_in(span: Span) -> QuerySet[SubscriptionEvent]:
    """The lines of history with which subscriptions ended in a span of days."""
    ends = SubscriptionEvent.objects.filter(
        state__in=[str(state) for state in ENDED], day__gte=span.start, day__lt=span.end
    )
    return ends.filter(kind__in=["canceled", "expired", "mall_removed", "suspended"]).select_related(
        "subscription__vendor"
    )


def sales_in(span: Span) -> QuerySet[UsageRecord]:
    """Completed sales a mall and day."""
    return UsageRecord.objects.filter(metric=accounts.SALES, date__gte=span.start, date__lt=span.end)


def sales_by_mall(span: Span) -> list[tuple[str, int]]:
    """(mall, fen), the largest first."""
    rows = sales_in(span).values("mall").annotate(n=Sum("quantity")).order_by("-n", "mall")
    return [(row["mall"], int(row["n"])) for row in rows]


def invoices_in(span: Span) -> QuerySet[Invoice]:
    """What was billed in a span of days, void ones left out."""
    made = Invoice.objects.filter(finalized_at__gte=midnight(span.start), finalized_at__lt=midnight(span.end))
    return made.exclude(document="void").select_related("vendor", "subscription").order_by("-finalized_at", "-pk")


def payments_in(span: Span) -> QuerySet[InvoicePayment]:
    """Invoices paid in a span of days."""
    return InvoicePayment.objects.filter(paid_at__gte=midnight(span.start), paid_at__lt=midnight(span.end))


@dataclass(frozen=True)
class MallUse:
    """What one mall uses of its plan this month."""

    subscription: Subscription
    rows: list[accounts.Usage]
    sales_fen: int

    @property
    def fullest(self) -> int:
        return max((row.percent for row in self.rows), default=0)


def use_of_malls(*, today: dt.date) -> list[MallUse]:
    """Every running subscription with its use, the fullest first."""
    span = month_of(today)
    sold = dict(sales_by_mall(span))
    running = Subscription.objects.exclude(state__in=[str(state) for state in ENDED]).select_related(
        "vendor", "version__plan"
    )
    found = [MallUse(one, accounts.usage_of(one, today=today), sold.get(one.mall, 0)) for one in running]
    return sorted(found, key=lambda one: (-one.fullest, one.subscription.pk))


def overdue(*, today: dt.date) -> QuerySet[Invoice]:
    """Open invoices whose day is over, the oldest first."""
    late = Invoice.objects.filter(document="finalized", payment__in=["unpaid", "failed"], due_on__lt=today)
    return late.select_related("vendor").order_by("due_on", "pk")
