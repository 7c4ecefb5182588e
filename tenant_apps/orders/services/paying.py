"""Payment arrives, or does not: escrow, cancellation, and money that bought nothing goes back in full."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import transaction

from saas.kernel.crashpoint import crashpoint
from saas.kernel.ids import new_ulid
from saas.kernel.transactions import retried_transaction
from saas.ledger import services as ledger
from saas.ledger.services import Move
from saas.messaging.bus import services as bus
from tenant_apps.catalog import services as stock
from tenant_apps.catalog.rules import StockLine
from tenant_apps.members import selectors as members
from tenant_apps.members import services as member_services
from tenant_apps.members.rules import BindWhen
from tenant_apps.modes import quoting
from tenant_apps.modes import selectors as modes
from tenant_apps.modes.contract import HARD_MAX_LEVELS, AreaFacts, SaleFacts
from tenant_apps.modes.snapshots import sale_to_json
from tenant_apps.modes.subsidy.services import vouchers
from tenant_apps.orders.models import Order, OrderLine, Refund
from tenant_apps.orders.rules import PAYABLE, OrderState, RefundKind, RefundState
from tenant_apps.orders.services import coin_payment, flash_payment, pickup, transition
from tenant_apps.payments import services as payments
from tenant_apps.promotions import services as promotions
from tenant_apps.sellers import selectors as sellers
from tenant_apps.sellers.rules import prepaid_of


@retried_transaction
def mark_paid(*, order_ulid: str, payment: str, amount: int, now: dt.datetime) -> bool:
    """Take a confirmed payment (fen, in clearing.payment) for an order; whether it paid it.

    The right amount for an order that waits for it goes into escrow. Anything else — cancelled meanwhile, paid already
    by another payment, another amount — goes back whole, and the order stays as it is. The same payment again changes
    nothing. Raises NotFound.
    """
    return _take([transition.locked(order_ulid)], payment, amount, now)


@retried_transaction
def mark_purchase_paid(*, purchase: str, payment: str, amount: int, now: dt.datetime) -> bool:
    """As `mark_paid`, for orders placed together: the one payment pays all of them, or goes back whole. Raises NotFound."""
    return _take(transition.locked_together(purchase), payment, amount, now)


def _take(orders: Sequence[Order], payment: str, amount: int, now: dt.datetime) -> bool:
    first = orders[0]
    if all(order.payment == payment for order in orders):
        return True
    if any(order.state not in PAYABLE for order in orders) or amount != first.payable_amount:
        _send_back(first, payment, amount, now)
        return False
    ledger.post_entry(
        key=f"order.paid:{first.purchase or first.ulid}",
        kind="order.paid",
        moves=[
            Move("clearing.payment", f"order.escrow.{order.ulid}", order.total_amount - order.card_amount)
            for order in orders
            if order.total_amount > order.card_amount
        ]
        + _by_card(orders),
        document=first.payment_document,
        occurred_at=now,
    )
    for order in orders:
        told = bus.publish_part("order.paid", {"order": order.ulid}, key=order.ulid)
        changes = {"payment": payment, **_snapshot(order, now), **pickup.fresh_code(order)}
        transition.move(order, OrderState.PAID, actor="system", now=now, event=told, **changes)
        coin_payment.spend(order, now)
    if first.coupon_count:
        promotions.consume(document=first.payment_document, now=now)
    crashpoint("order.paid_written")
    return True


@retried_transaction
def mark_covered(*, order_ulid: str, now: dt.datetime) -> Order:
    """An order that vouchers, coins, discounts or a card pay whole is paid without a payment.

    Raises NotFound, IllegalTransition.
    """
    order = transition.locked(order_ulid)
    if order.total_amount > order.card_amount:
        raise ValueError("there is money to be paid")
    if moves := _by_card([order]):
        key = f"order.paid:{order.ulid}"
        ledger.post_entry(key=key, kind="order.paid", moves=moves, document=f"order:{order.ulid}", occurred_at=now)
    told = bus.publish_part("order.paid", {"order": order.ulid}, key=order.ulid)
    changes = {**_snapshot(order, now), **pickup.fresh_code(order)}
    transition.move(order, OrderState.PAID, actor="system", now=now, event=told, **changes)
    coin_payment.spend(order, now)
    if order.coupon_count:
        promotions.consume(document=order.payment_document, now=now)
    return order


def _by_card(orders: Sequence[Order]) -> list[Move]:
    """What stored-value cards pay: out of what their store owes on cards, into the orders' escrow."""
    return [
        Move(prepaid_of(order.seller_ulid), f"order.escrow.{order.ulid}", order.card_amount)
        for order in orders
        if order.card_amount
    ]


def _snapshot(order: Order, now: dt.datetime) -> dict[str, Any]:
    """Buyer, chain above him and agents of the area at the time of payment: who may earn is settled now (MODES 4, 8)."""
    lineage = members.lineage(order.member_id, HARD_MAX_LEVELS)
    if lineage[0].has_candidate and member_services.bind_candidate(
        member_id=order.member_id, moment=BindWhen.FIRST_PAYMENT, now=now
    ):
        lineage = members.lineage(order.member_id, HARD_MAX_LEVELS)
    sale = SaleFacts(
        buyer=quoting.sale_buyer(lineage, now),
        areas=areas_of(order, now=now),
        pickup_store=order.pickup_store,
    )
    return {"sale_facts": sale_to_json(sale)}


def areas_of(order: Order, *, now: dt.datetime) -> tuple[AreaFacts, ...]:
    """Where an order belongs (MODES 8): to the areas of the store that hands it over, else of its address; agents at `now`."""
    if order.pickup_store:
        district, street = sellers.seller(order.pickup_store).area_code, ""
    else:
        district, street = order.district_code, order.street_code
    return modes.areas_of_sale(pins=order.settings_versions, district_code=district, street_code=street, now=now)


def _send_back(order: Order, payment: str, amount: int, now: dt.datetime) -> None:
    """A refund of its own for money that bought nothing; once a payment, by constraint."""
    if Refund.objects.filter(payment=payment).exists():
        return
    if order.state == OrderState.CANCELLED:
        reason = "paid_after_cancellation"
    else:
        reason = "wrong_amount" if order.state in PAYABLE else "paid_twice"
    refund = Refund(
        ulid=new_ulid(),
        order=order,
        kind=RefundKind.UNUSABLE_PAYMENT,
        state=RefundState.APPROVED,
        reason=reason,
        payment=payment,
        requested_by="system",
        decided_by="system",
        amount=amount,
        requested_at=now,
        decided_at=now,
    )
    refund.save(force_insert=True)
    document = order.payment_document
    ledger.post_entry(
        key=f"order.unusable:{refund.ulid}",
        kind="order.unusable_payment",
        moves=[Move("clearing.payment", "clearing.refund", amount)],
        document=document,
        occurred_at=now,
    )
    payments.start_refund(
        payment_document=document, payment=payment, refund_ulid=refund.ulid, amount=amount, reason=reason, now=now
    )
    transition.write(order, action="payment_returned", actor="system", now=now, reason=reason)


@retried_transaction
def cancel_order(*, order_ulid: str, actor: str, reason: str, now: dt.datetime) -> Order:
    """Give up an unpaid order, and all it would be paid together with: their stock returns, their open payment is
    closed at the channel. Raises NotFound, IllegalTransition.
    """
    with transaction.atomic():
        orders = transition.locked_purchase(order_ulid)
        for order in orders:
            transition.move(order, OrderState.CANCELLED, actor=actor, now=now, reason=reason)
        lines = list(
            OrderLine.objects.filter(order__in=orders).values_list(
                "order_id", "sku_ulid", "qty", "voucher_amount", "discounts"
            )
        )
        stock.return_stock([StockLine(sku, qty) for _order, sku, qty, _voucher, _given in lines])
        flash_payment.give_up(given for _order, _sku, _qty, _voucher, given in lines)
        with_vouchers = {order for order, _sku, _qty, voucher, _given in lines if voucher}
        for order in orders:
            if order.pk in with_vouchers:
                vouchers.release(order_ulid=order.ulid)
            coin_payment.release(order, now)
        if orders[0].coupon_count:
            promotions.release(document=orders[0].payment_document)
        payments.close_payment(document=orders[0].payment_document, now=now)
        for order in orders:
            bus.publish("order.cancelled", {"order": order.ulid}, key=order.ulid)
    return next(order for order in orders if order.ulid == order_ulid)


def cancel_if_unpaid(*, order_ulid: str, now: dt.datetime) -> bool:
    """The payment time is over: cancel unless it was paid or cancelled; whether this cancelled it. Raises NotFound."""
    with transaction.atomic():
        if any(order.state not in PAYABLE for order in transition.locked_purchase(order_ulid)):
            return False
        cancel_order(order_ulid=order_ulid, actor="system", reason="payment_timeout", now=now)
    return True
