"""From the orders' own snapshot to the facts that settlement works on."""

from django.utils.translation import gettext_lazy as _

from saas.kernel.errors import DomainError
from tenant_apps.orders import selectors as orders
from tenant_apps.orders.rules import PAID_ONCE
from tenant_apps.settlement.rules import ApprovedRefund, PaidLine, PaidOrder, RefundPart


class OrderNotPaid(DomainError):
    """The order's payment has not arrived yet: try again later."""

    code = "order_not_paid"
    message = _("The order has not been paid.")  # type: ignore[assignment]


def paid_order(order_ulid: str) -> PaidOrder:
    """An order as it was sold: amounts, pins and the chain above the buyer. Raises NotFound, OrderNotPaid."""
    sale = orders.sale(order_ulid)
    if sale.state not in PAID_ONCE:
        raise OrderNotPaid
    return PaidOrder(
        ulid=sale.ulid,
        number=sale.number,
        facts=sale.facts,
        lines=[PaidLine(facts=line.facts, title=line.title) for line in sale.lines],
        freight=sale.freight_amount,
        pins=sale.pins,
        area_revision=sale.area_revision,
        province=sale.province_code,
        paid_under=sale.payment_document,
        total=sale.total_amount,
        by_card=sale.card_amount,
    )


def approved_refund(refund_ulid: str) -> tuple[str, ApprovedRefund]:
    """The order's ULID, and an approved refund as orders computed it (MODES 1.2). Raises NotFound."""
    returned = orders.returned_sale(refund_ulid)
    parts = [
        RefundPart(
            line=part.line_ulid,
            goods_value=part.value_amount,
            cash=part.cash_amount,
            voucher=part.voucher_amount,
            coin=part.coin_amount,
            platform_discount=part.platform_discount_amount,
            quantity=part.qty,
            cost=part.cost_amount,
            coins=part.coin_count,
        )
        for part in returned.parts
    ]
    return returned.order_ulid, ApprovedRefund(
        ulid=returned.ulid, parts=parts, freight=returned.freight_amount, reason=returned.reason
    )
