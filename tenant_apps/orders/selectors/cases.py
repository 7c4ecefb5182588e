"""After-sales: refunds, their cases, and how often a seller has them."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import Count, QuerySet

from saas.kernel.errors import NotFound
from tenant_apps.orders.models import Order, Refund, RefundPart


def refund(ulid: str) -> Refund:
    """One refund with its order. Raises NotFound."""
    found = Refund.objects.select_related("order").filter(ulid=ulid).first()
    if found is None:
        raise NotFound
    return found


def refund_parts(refund: Refund) -> list[RefundPart]:
    """The lines of a case in the order's order."""
    return list(RefundPart.objects.filter(refund=refund).select_related("line").order_by("line__position"))


@dataclass(frozen=True)
class CaseStep:
    """One thing that happened in a case."""

    at: dt.datetime
    actor: str
    action: str
    note: str


def trail(refund: Refund) -> list[CaseStep]:
    """What happened in a case, in order."""
    return [CaseStep(dt.datetime.fromisoformat(at), actor, action, note) for at, actor, action, note in refund.trail]


@dataclass(frozen=True)
class SellerRate:
    """A seller's after-sales since an instant: paid orders, cases of shoppers, cases that the mall had to decide."""

    seller_ulid: str
    orders: int
    cases: int
    ruled: int

    @property
    def case_ppm(self) -> int:
        """Cases a paid order, in ppm."""
        return self.cases * 1_000_000 // self.orders if self.orders else 0


def aftersales_rates(*, since: dt.datetime) -> list[SellerRate]:
    """Every seller with a case since then, the highest rate first; the mall's own goods are the seller ``."""
    cases = dict(_by_seller(Refund.objects.filter(requested_at__gte=since).exclude(stage="")))
    ruled = dict(_by_seller(Refund.objects.filter(requested_at__gte=since).exclude(freight_bearer="")))
    paid = Order.objects.filter(paid_at__gte=since, seller_ulid__in=list(cases))
    orders = dict(paid.values_list("seller_ulid").annotate(number=Count("pk")))
    rates = [SellerRate(key, orders.get(key, 0), number, ruled.get(key, 0)) for key, number in cases.items()]
    return sorted(rates, key=lambda one: (-one.case_ppm, one.seller_ulid))


def _by_seller(rows: QuerySet[Refund]) -> QuerySet[Refund, tuple[str, int]]:
    return rows.values_list("order__seller_ulid").annotate(number=Count("pk"))
