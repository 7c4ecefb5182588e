"""Sales at tills, as the shop and the mall see them: lists and sums of a day. Reads only; amounts in fen."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, QuerySet, Sum
from django.db.models.functions import Coalesce

from saas.kernel.errors import NotFound
from tenant_apps.orders.models import Order, OrderLine, Refund
from tenant_apps.orders.rules import PAID_ONCE, DeliveryKind, OrderState, RefundKind, RefundState

_GIVEN_BACK = (RefundState.APPROVED, RefundState.REFUNDED)


@dataclass(frozen=True)
class TillSums:
    """What a shop's tills took in a span: sales, what they were worth, what paid them, and what was given back."""

    seller_ulid: str
    sales: int = 0
    worth_amount: int = 0
    cash_amount: int = 0  # money, without what the shop's own cards paid
    card_amount: int = 0
    voucher_amount: int = 0
    discount_amount: int = 0
    refunds: int = 0
    refunded_amount: int = 0

    @property
    def net_amount(self) -> int:
        """Money and cards taken, less what went back to either."""
        return self.cash_amount + self.card_amount - self.refunded_amount


def paid_between(seller_ulid: str, first: dt.datetime, after: dt.datetime, *, limit: int = 300) -> list[Order]:
    """Sales at a shop's till that were paid in [first, after), the newest first, with lines and member."""
    rows = _rows(seller_ulid).filter(paid_at__gte=first, paid_at__lt=after).order_by("-paid_at", "-pk")
    return list(rows.select_related("member").prefetch_related("lines")[:limit])


def unpaid(seller_ulid: str, *, limit: int = 50) -> list[Order]:
    """Sales that wait for their money, the newest first."""
    rows = _rows(seller_ulid).filter(state=OrderState.PENDING_PAYMENT).order_by("-pk")
    return list(rows.select_related("member")[:limit])


def sale(seller_ulid: str, order_ulid: str) -> Order:
    """One sale at this shop's till, with lines, refunds and member. Raises NotFound, for another shop's too."""
    rows = _rows(seller_ulid).filter(ulid=order_ulid).select_related("member").prefetch_related("lines", "refunds")
    found = rows.first()
    if found is None:
        raise NotFound
    return found


def sums(first: dt.datetime, after: dt.datetime, *, seller_ulid: str = "") -> list[TillSums]:
    """What tills took and gave back in [first, after), shop by shop (two statements); with `seller_ulid` that one."""
    lines = OrderLine.objects.filter(
        order__delivery_kind=DeliveryKind.TILL,
        order__state__in=PAID_ONCE,
        order__paid_at__gte=first,
        order__paid_at__lt=after,
    )
    back = Refund.objects.filter(
        order__delivery_kind=DeliveryKind.TILL,
        kind=RefundKind.CASE,
        state__in=_GIVEN_BACK,
        decided_at__gte=first,
        decided_at__lt=after,
    )
    if seller_ulid:
        lines, back = lines.filter(order__seller_ulid=seller_ulid), back.filter(order__seller_ulid=seller_ulid)
    sold = {
        row["order__seller_ulid"]: row
        for row in lines.values("order__seller_ulid").annotate(
            sales=Count("order", distinct=True),
            worth=Sum("level_amount"),
            cash=Sum("cash_amount"),
            card=Sum("order__card_amount"),  # an order of a till has one line
            voucher=Sum("voucher_amount"),
            discount=Sum(F("merchant_discount_amount") + F("platform_discount_amount")),
        )
    }
    given = {
        row["order__seller_ulid"]: row
        for row in back.values("order__seller_ulid").annotate(refunds=Count("pk"), amount=Coalesce(Sum("amount"), 0))
    }
    return [_sums(ulid, sold.get(ulid), given.get(ulid)) for ulid in sorted({*sold, *given})]


def _sums(ulid: str, sold: Mapping[str, Any] | None, given: Mapping[str, Any] | None) -> TillSums:
    sold, given = sold or {}, given or {}
    return TillSums(
        seller_ulid=ulid,
        sales=sold.get("sales", 0),
        worth_amount=sold.get("worth", 0),
        cash_amount=sold.get("cash", 0) - sold.get("card", 0),
        card_amount=sold.get("card", 0),
        voucher_amount=sold.get("voucher", 0),
        discount_amount=sold.get("discount", 0),
        refunds=given.get("refunds", 0),
        refunded_amount=given.get("amount", 0),
    )


def _rows(seller_ulid: str) -> QuerySet[Order]:
    return Order.objects.filter(delivery_kind=DeliveryKind.TILL, seller_ulid=seller_ulid)
