"""Orders of an area, as its agent may see them: number, state, day, goods, district. No buyer. Reads only."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, QuerySet, Sum

from tenant_apps.orders.models import Order, OrderLine


@dataclass(frozen=True)
class AreaOrder:
    """One order of an area."""

    ulid: str
    number: str
    state: str
    paid_at: dt.datetime
    goods_amount: int
    district: str


@dataclass(frozen=True)
class SellerFigure:
    """What one seller sold into an area; `seller` is empty for the mall's own goods."""

    seller: str
    orders: int
    goods_amount: int


def area_orders(*, grade: str, code: str, since: dt.datetime, limit: int = 50) -> tuple[Sequence[AreaOrder], int, int]:
    """The newest orders of an area paid since an instant, how many there are, and their goods in fen."""
    rows = _rows(grade, code, since)
    total = rows.aggregate(number=Count("pk"), goods=Sum("goods_amount", default=0))
    shown = [
        AreaOrder(one.ulid, one.number, one.state, one.paid_at, one.goods_amount, one.district)
        for one in rows.only("ulid", "number", "state", "paid_at", "goods_amount", "district").order_by("-pk")[:limit]
        if one.paid_at is not None
    ]
    return shown, total["number"], total["goods"]


def sellers_in_area(*, grade: str, code: str, since: dt.datetime) -> list[SellerFigure]:
    """Who sold into an area, the biggest first."""
    rows = (
        OrderLine.objects.filter(order__in=_rows(grade, code, since))
        .values("seller_ulid")
        .annotate(orders=Count("order_id", distinct=True), goods=Sum("cash_amount"))
        .order_by("-goods")
    )
    return [SellerFigure(row["seller_ulid"], row["orders"], row["goods"]) for row in rows]


def _rows(grade: str, code: str, since: dt.datetime) -> QuerySet[Order]:
    """By the orders' own snapshot of areas, which a later contract does not rewrite; a change of address before shipping does."""
    return Order.objects.filter(paid_at__gte=since, sale_facts__areas__contains=[[grade, code]])
