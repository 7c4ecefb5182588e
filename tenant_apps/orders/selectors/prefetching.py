"""What a page of orders reads along: lines and refunds, in their order."""

from django.db.models import Prefetch

from tenant_apps.orders.models import OrderLine, Refund


def order_lines() -> Prefetch:
    return Prefetch("lines", OrderLine.objects.order_by("position"))


def order_refunds() -> Prefetch:
    return Prefetch("refunds", Refund.objects.order_by("pk"))
