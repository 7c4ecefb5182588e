"""What `order.completed` and `order.refunded` tell packages below orders, which cannot read an order themselves."""

from typing import Any

from tenant_apps.orders.models import Order, OrderLine, Refund, RefundPart


def completed(order: Order) -> dict[str, Any]:
    """A completed order: who bought, who referred him at payment, and each line with what refunds have left of it."""
    return _order(order) | {
        "lines": [
            _line(line) | {"qty": line.qty - line.refunded_qty, "cash": line.cash_amount - line.refunded_cash_amount}
            for line in OrderLine.objects.filter(order=order).order_by("position")
        ]
    }


def refunded(order: Order, refund: Refund) -> dict[str, Any]:
    """A refund whose money has arrived: each line with what came back of it now (`qty`, `cash`), and what is left.

    `completed_at` is empty where the order was not completed before.
    """
    parts = RefundPart.objects.filter(refund=refund).select_related("line").order_by("line__position")
    return _order(order) | {
        "refund": refund.ulid,
        "lines": [
            _line(part.line)
            | {
                "qty": part.qty,
                "cash": part.cash_amount,
                "left_qty": part.line.qty - part.line.refunded_qty,
                "left_cash": part.line.cash_amount - part.line.refunded_cash_amount,
            }
            for part in parts
        ],
    }


def _order(order: Order) -> dict[str, Any]:
    chain = order.sale_facts.get("chain") or []
    return {
        "order": order.ulid,
        "member": order.member.ulid,
        "referrer": chain[0][0] if chain else "",
        "placed_at": order.placed_at.isoformat(),
        "completed_at": order.completed_at.isoformat() if order.completed_at else "",
    }


def _line(line: OrderLine) -> dict[str, Any]:
    return {
        "line": line.ulid,
        "product": line.product_ulid,
        "sku": line.sku_ulid,
        "zone": line.zone,
        "kind": line.kind,
        "seller": line.seller_ulid,
        "agency_code": line.agency_code,
    }
