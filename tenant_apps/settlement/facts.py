"""From the orders' own rows to the facts that settlement works on."""

from tenant_apps.modes.contract import BuyerFacts, LineFacts, UplineFacts
from tenant_apps.orders import selectors as orders
from tenant_apps.settlement.rules import ApprovedRefund, PaidLine, PaidOrder, RefundPart


def paid_order(order_ulid: str) -> PaidOrder:
    """An order as it was sold: amounts, pins and the chain above the buyer are the order's own snapshot. Raises NotFound."""
    order = orders.order_facts(order_ulid)
    return PaidOrder(
        ulid=order.ulid,
        number=order.number,
        buyer=BuyerFacts(
            member=order.buyer,
            promoter=order.buyer_is_promoter,
            chain=tuple(UplineFacts(member, promoter) for member, promoter in order.ancestors),
        ),
        freight=order.freight_amount,
        pins=order.settings_versions,
        lines=[
            PaidLine(
                title=line.title,
                facts=LineFacts(
                    line=line.ulid,
                    list_amount=line.gross_amount,
                    level_amount=line.level_amount,
                    merchant_discount=line.merchant_discount_amount,
                    platform_discount=line.platform_discount_amount,
                    coin_amount=line.coin_amount,
                    voucher_amount=line.voucher_amount,
                    supply_cost=line.supply_cost_amount,
                    quantity=line.qty,
                    zone=line.zone,
                    sku=line.sku_ulid,
                    product=line.product_ulid,
                ),
            )
            for line in order.lines
        ],
    )


def approved_refund(refund_ulid: str) -> tuple[str, ApprovedRefund]:
    """The order's ULID and an approved refund case as orders computed it (MODES 1.2). Raises NotFound."""
    refund = orders.refund_facts(refund_ulid)
    parts = [
        RefundPart(
            line=part.line,
            goods_value=part.value_amount,
            cash=part.cash_amount,
            voucher=part.voucher_amount,
            coin=part.coin_amount,
            quantity=part.qty,
            cost=part.restocked_cost_amount,
        )
        for part in refund.parts
    ]
    return refund.order, ApprovedRefund(
        ulid=refund.ulid, parts=parts, freight=refund.freight_amount, reason=refund.reason
    )
