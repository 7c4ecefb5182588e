"""After-sales: a case is asked for, decided by staff, paid back. Amounts by MODES 1.2 (rules.split_refund)."""

import datetime as dt
from collections.abc import Sequence

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from saas.identity import audit
from saas.kernel.errors import DomainError, Forbidden, InvalidInput, NotFound
from saas.kernel.ids import new_ulid
from saas.kernel.money import format_yuan
from saas.kernel.states import IllegalTransition, check_transition
from saas.messaging.bus import services as bus
from tenant_apps.catalog import services as stock
from tenant_apps.catalog.rules import STORE_CARDS, ProductKind, StockLine
from tenant_apps.members.models import Member
from tenant_apps.orders.aftersales import STAGES, Service, Stage, may_withdraw
from tenant_apps.orders.models import Order, OrderLine, Refund, RefundPart
from tenant_apps.orders.rules import (
    REFUND_TRANSITIONS,
    REFUNDABLE,
    WITH_GOODS_SENT,
    OrderState,
    RefundableLine,
    RefundKind,
    RefundState,
    RefundWish,
    default_value,
    returned_cost,
    split_refund,
)
from tenant_apps.orders.services import fees, parcels, telling, transition
from tenant_apps.orders.services.fulfilment import aftersales_end
from tenant_apps.promotions import services as promotions


class RefundAbovePaid(DomainError):
    """More goods, value or freight than is left to give back; `left` is what is (fen, or pieces for `qty`)."""

    code = "refund_above_paid"
    http_status = 422
    message = _("More cannot be refunded than was paid: {left_text} left.")  # type: ignore[assignment]


class NothingToRefund(DomainError):
    """The order is not paid, or everything has gone back."""

    code = "nothing_to_refund"
    message = _("There is nothing to refund on this order.")  # type: ignore[assignment]


class AftersalesClosed(DomainError):
    """The shopper's time for after-sales is over; staff may still refund."""

    code = "aftersales_closed"
    message = _("The after-sales window of this order has closed.")  # type: ignore[assignment]


def refundable(line: OrderLine) -> RefundableLine:
    """A line as the rules see it."""
    return RefundableLine(
        qty=line.qty,
        value_amount=line.value_amount,
        coin_amount=line.coin_amount,
        voucher_amount=line.voucher_amount,
        cash_amount=line.cash_amount,
        supply_cost_amount=line.supply_cost_amount,
        refunded_qty=line.refunded_qty,
        refunded_value_amount=line.refunded_value_amount,
        refunded_coin_amount=line.refunded_coin_amount,
        refunded_voucher_amount=line.refunded_voucher_amount,
        refunded_cash_amount=line.refunded_cash_amount,
        used_value_amount=line.used_value_amount,
        coin_count=line.coin_count,
        refunded_coin_count=line.refunded_coin_count,
    )


def request_refund(
    *,
    order_ulid: str,
    reason: str,
    actor: str,
    now: dt.datetime,
    wishes: Sequence[RefundWish] | None = None,
    freight_amount: int | None = None,
    member: Member | None = None,
) -> Refund:
    """Open a case for some lines, or with `wishes=None` for everything that is left of the order.

    Freight (fen) is its own amount: by default all of it for a whole order that was not sent yet, else nothing. What
    other open cases ask for counts as gone. With `member`, only his own order inside its window.
    Raises NotFound, NothingToRefund, AftersalesClosed, RefundAbovePaid, InvalidInput (reason); then nothing has changed.
    """
    if not reason.strip():
        raise InvalidInput(gettext("Please say why."), field="reason")
    with transaction.atomic():
        order = transition.locked(order_ulid)
        _require_refundable(order, member, now)
        lines = {line.ulid: line for line in OrderLine.objects.filter(order=order).order_by("position")}
        asked = _asked(order)
        parts = _whole(lines, asked) if wishes is None else _parts(wishes, lines, asked)
        if member is not None:
            parts = _worth(order, parts, now)
        freight = _freight(order, freight_amount, whole=wishes is None)
        if not parts and not freight:
            raise NothingToRefund
        estimate = sum(split_refund(refundable(lines[part.line.ulid]), part.value_amount).cash_amount for part in parts)
        refund = Refund(
            ulid=new_ulid(),
            order=order,
            reason=reason.strip()[:200],
            requested_by=actor,
            freight_amount=freight,
            amount=estimate + freight,
            requested_at=now,
        )
        refund.save(force_insert=True)
        for part in parts:
            part.refund = refund
        RefundPart.objects.bulk_create(parts)
        transition.write(order, action="refund_requested", actor=actor, now=now, reason=refund.reason)
    return refund


def approve_refund(
    *, refund_ulid: str, actor: str, now: dt.datetime, note: str = "", restock: bool | None = None
) -> Refund:
    """Decide for a case: amounts are fixed, goods go back into stock (`restock`; by default if they were never sent).

    The money follows by `order.refund_approved`. Raises NotFound, IllegalTransition, RefundAbovePaid.
    """
    with transaction.atomic():
        order, refund = locked_case(refund_ulid)
        check_transition(REFUND_TRANSITIONS, RefundState(refund.state), RefundState.APPROVED)
        if refund.service == Service.EXCHANGE:  # its parts are goods for goods
            raise IllegalTransition(current=refund.service, wanted=RefundState.APPROVED)
        if order.state not in REFUNDABLE:
            raise NothingToRefund
        back = order.state not in WITH_GOODS_SENT if restock is None else restock
        parts = list(RefundPart.objects.filter(refund=refund).select_related("line").order_by("line__position"))
        if refund.requested_by.startswith("member:"):
            parts = _worth(order, parts, now)
            if not parts and not refund.freight_amount:
                raise NothingToRefund
        if any(part.line.kind == ProductKind.MEMBERSHIP for part in parts):
            fees.give_back(order, actor=actor, now=now)
        cash = sum(_apply_part(part, _restocked(part, back, asked=restock is not None)) for part in parts)
        for part in parts:
            if part.line.kind == ProductKind.DEPOSIT:
                fees.require_deposit(order, part.line, cash)
        refund.amount = cash + refund.freight_amount
        _decide(refund, RefundState.APPROVED, actor, note, now)
        stock.return_stock([StockLine(part.line.sku_ulid, part.restocked_qty) for part in parts if part.restocked_qty])
        if order.refunded_freight_amount + refund.freight_amount > order.freight_amount:
            raise _above(order.freight_amount - order.refunded_freight_amount)
        transition.write(
            order,
            action="refund_approved",
            actor=actor,
            now=now,
            reason=note,
            refunded_amount=order.refunded_amount + refund.amount,
            refunded_freight_amount=order.refunded_freight_amount + refund.freight_amount,
        )
        audit.record(actor, "refund.approved", target=f"refund:{refund.ulid}", reason=note, amount=refund.amount)
        bus.publish("order.refund_approved", {"order": order.ulid, "refund": refund.ulid}, key=refund.ulid)
        parcels.settle_sending(order, actor=actor, now=now)
        if refund.amount == 0:  # nothing to send: coins or vouchers only
            _finish(order, refund, now)
    return refund


def refuse_refund(*, refund_ulid: str, actor: str, note: str, now: dt.datetime) -> Refund:
    """Decide against a case, with the reason the shopper reads. Raises NotFound, IllegalTransition, InvalidInput."""
    if not note.strip():
        raise InvalidInput(gettext("Please say why."), field="note")
    with transaction.atomic():
        order, refund = locked_case(refund_ulid)
        check_transition(REFUND_TRANSITIONS, RefundState(refund.state), RefundState.REFUSED)
        _decide(refund, RefundState.REFUSED, actor, note, now)
        transition.write(order, action="refund_refused", actor=actor, now=now, reason=note)
        audit.record(actor, "refund.refused", target=f"refund:{refund.ulid}", reason=note)
        completion_again(order, refund, now)
    return refund


def withdraw_refund(*, refund_ulid: str, member: Member, now: dt.datetime) -> Refund:
    """The shopper takes back his case. Raises NotFound, Forbidden, IllegalTransition."""
    with transaction.atomic():
        order, refund = locked_case(refund_ulid)
        if order.member_id != member.pk:
            raise NotFound
        if refund.kind != RefundKind.CASE:
            raise Forbidden
        actor = f"member:{member.ulid}"
        check_transition(REFUND_TRANSITIONS, RefundState(refund.state), RefundState.WITHDRAWN)
        if refund.stage and not may_withdraw(Stage(refund.stage), sent_back=bool(refund.return_number)):
            raise IllegalTransition(current=refund.stage, wanted=Stage.CLOSED)
        _decide(refund, RefundState.WITHDRAWN, actor, "", now)
        transition.write(order, action="refund_withdrawn", actor=actor, now=now)
        completion_again(order, refund, now)
    return refund


def mark_refunded(*, refund_ulid: str, now: dt.datetime) -> Refund:
    """The money has arrived at the shopper; a repeat changes nothing. Raises NotFound, IllegalTransition."""
    with transaction.atomic():
        order, refund = locked_case(refund_ulid)
        if refund.state == RefundState.REFUNDED:
            return refund
        check_transition(REFUND_TRANSITIONS, RefundState(refund.state), RefundState.REFUNDED)
        _finish(order, refund, now)
    return refund


def _finish(order: Order, refund: Refund, now: dt.datetime) -> None:
    refund.state, refund.refunded_at = RefundState.REFUNDED, now
    refund.save(update_fields=["state", "refunded_at"])
    if refund.kind != RefundKind.CASE:
        transition.write(order, action="payment_return_arrived", actor="system", now=now)
        return
    closed = order.state in REFUNDABLE and _nothing_left(order)
    if closed:
        transition.move(order, OrderState.REFUNDED, actor="system", now=now, reason=refund.reason)
        _return_coupons(order, now)
        promotions.take_back_given(order_ulid=order.ulid, now=now)
    else:
        transition.write(order, action="refund_arrived", actor="system", now=now)
        completion_again(order, refund, now)
    bus.publish("order.refunded", telling.refunded(order, refund) | {"closed": closed}, key=refund.ulid)


def _return_coupons(order: Order, now: dt.datetime) -> None:
    """Coupons come back when all that was bought with them has been refunded in full; after a part of it they do not."""
    if not order.coupon_count:
        return
    together = Order.objects.filter(purchase=order.purchase) if order.purchase else Order.objects.filter(pk=order.pk)
    if not together.exclude(state=OrderState.REFUNDED).exists():
        promotions.give_back(document=order.payment_document, now=now)


def _nothing_left(order: Order) -> bool:
    lines = OrderLine.objects.filter(order=order)
    open_cases = Refund.objects.filter(
        order=order, kind=RefundKind.CASE, state__in=[RefundState.REQUESTED, RefundState.APPROVED]
    )
    return all(line.refunded_value_amount == line.value_amount for line in lines) and not open_cases.exists()


def completion_again(order: Order, refund: Refund, now: dt.datetime) -> None:
    """A case held the order's completion back: let the clock look at it once more."""
    if order.state == OrderState.RECEIVED:
        due = max(now, aftersales_end(order))
        bus.publish("order.complete_due", {"order": order.ulid}, key=f"{order.ulid}:{refund.ulid}", available_at=due)


def _require_refundable(order: Order, member: Member | None, now: dt.datetime) -> None:
    if member is not None and order.member_id != member.pk:
        raise NotFound
    if order.state not in REFUNDABLE:
        raise NothingToRefund
    if (
        member is not None
        and fees.membership_value(order, now) is None  # a membership may be given back as long as it runs
        and not OrderLine.objects.filter(order=order, kind__in=STORE_CARDS).exists()  # what is left of a card: always
        and order.received_at is not None
        and (order.state == OrderState.COMPLETED or now >= aftersales_end(order))
    ):
        raise AftersalesClosed


def _asked(order: Order) -> dict[str, tuple[int, int]]:
    """Pieces and value by line that other cases ask for and nobody has decided."""
    rows = (
        RefundPart.objects.filter(refund__order=order, refund__state=RefundState.REQUESTED)
        .values("line__ulid")
        .annotate(pieces=Sum("qty"), value=Sum("value_amount"))
        .values_list("line__ulid", "pieces", "value")
    )
    return {ulid: (pieces, value) for ulid, pieces, value in rows}


def _left(line: OrderLine, asked: dict[str, tuple[int, int]]) -> tuple[int, int]:
    pieces, value = asked.get(line.ulid, (0, 0))
    return line.qty - line.refunded_qty - pieces, refundable(line).value_left_amount - value


def _worth(order: Order, parts: list[RefundPart], now: dt.datetime) -> list[RefundPart]:
    """What a shopper gets for a membership: the fee within its cooling-off period, later its unused days (MODES 9a)."""
    worth = fees.membership_value(order, now)
    if worth is None:
        return parts
    for part in parts:
        part.value_amount = min(part.value_amount, worth)
        if part.pk:
            part.save(update_fields=["value_amount"])
    return [part for part in parts if part.value_amount]


def _whole(lines: dict[str, OrderLine], asked: dict[str, tuple[int, int]]) -> list[RefundPart]:
    left = {ulid: _left(line, asked) for ulid, line in lines.items()}
    return [
        RefundPart(line=line, qty=left[ulid][0], value_amount=left[ulid][1])
        for ulid, line in lines.items()
        if left[ulid][1] > 0
    ]


def _parts(
    wishes: Sequence[RefundWish], lines: dict[str, OrderLine], asked: dict[str, tuple[int, int]]
) -> list[RefundPart]:
    parts: list[RefundPart] = []
    for wish in wishes:
        line = lines.get(wish.line_ulid)
        if line is None or any(part.line.ulid == wish.line_ulid for part in parts):
            raise NotFound
        qty_left, value_left = _left(line, asked)
        if not 0 <= wish.qty <= qty_left:
            raise _above(qty_left, pieces=True)
        value = wish.value_amount
        if value is None:
            value = value_left if wish.qty == qty_left else min(value_left, default_value(refundable(line), wish.qty))
        if not 0 < value <= value_left:
            raise _above(value_left)
        parts.append(RefundPart(line=line, qty=wish.qty, value_amount=value))
    return parts


def _freight(order: Order, wanted: int | None, *, whole: bool) -> int:
    pending = (
        Refund.objects.filter(order=order, state=RefundState.REQUESTED).aggregate(sum=Sum("freight_amount"))["sum"] or 0
    )
    left = order.freight_amount - order.refunded_freight_amount - pending
    if wanted is None:
        return left if whole and order.state not in WITH_GOODS_SENT else 0
    if not 0 <= wanted <= left:
        raise _above(left)
    return wanted


def set_freight(order: Order, refund: Refund, wanted: int) -> None:
    """How much of a locked order's freight an undecided case gives back (fen). Raises RefundAbovePaid."""
    others = (
        Refund.objects.filter(order=order, state=RefundState.REQUESTED)
        .exclude(pk=refund.pk)
        .aggregate(sum=Sum("freight_amount"))["sum"]
        or 0
    )
    left = order.freight_amount - order.refunded_freight_amount - others
    if not 0 <= wanted <= left:
        raise _above(left)
    refund.amount += wanted - refund.freight_amount
    refund.freight_amount = wanted


def _restocked(part: RefundPart, back: bool, *, asked: bool) -> int:
    """Pieces that go back into stock: all if staff say so; by itself those alone that are in no parcel."""
    if not back:
        return 0
    line = part.line
    return part.qty if asked else min(part.qty, max(0, line.qty - line.refunded_qty - line.shipped_qty))


def _apply_part(part: RefundPart, restocked_qty: int) -> int:
    line = part.line
    facts = refundable(line)
    if part.value_amount > facts.value_left_amount:
        raise _above(facts.value_left_amount)
    if part.qty > facts.qty_left:
        raise _above(facts.qty_left, pieces=True)
    amounts = split_refund(facts, part.value_amount)
    part.cash_amount, part.coin_amount, part.voucher_amount, part.coin_count = (
        amounts.cash_amount,
        amounts.coin_amount,
        amounts.voucher_amount,
        amounts.coin_count,
    )
    if restocked_qty:
        part.restocked_qty = restocked_qty
        part.restocked_cost_amount = returned_cost(facts, line.restocked_qty, restocked_qty)
    part.save(
        update_fields=[
            "cash_amount",
            "coin_amount",
            "coin_count",
            "voucher_amount",
            "restocked_qty",
            "restocked_cost_amount",
        ]
    )
    line.refunded_qty += part.qty
    line.refunded_value_amount += part.value_amount
    line.refunded_cash_amount += part.cash_amount
    line.refunded_coin_amount += part.coin_amount
    line.refunded_coin_count += part.coin_count
    line.refunded_voucher_amount += part.voucher_amount
    line.restocked_qty += part.restocked_qty
    line.restocked_cost_amount += part.restocked_cost_amount
    line.save()
    return part.cash_amount


def _decide(refund: Refund, state: RefundState, actor: str, note: str, now: dt.datetime) -> None:
    if refund.stage:
        ended = Stage.DONE if state == RefundState.APPROVED else Stage.CLOSED
        check_transition(STAGES, Stage(refund.stage), ended)
        refund.stage, refund.due_at = ended, None
        refund.trail = [*refund.trail, [now.isoformat(), actor, f"refund_{state}", note.strip()[:200]]]
    refund.state, refund.decided_by, refund.decision, refund.decided_at = state, actor, note.strip()[:200], now
    refund.save(update_fields=["state", "decided_by", "decision", "decided_at", "amount", "stage", "due_at", "trail"])


def locked_case(refund_ulid: str) -> tuple[Order, Refund]:
    """Order first, case second: every writer takes the two locks in this order."""
    order_ulid = Refund.objects.filter(ulid=refund_ulid).values_list("order__ulid", flat=True).first()
    if order_ulid is None:
        raise NotFound
    order = transition.locked(order_ulid)
    return order, Refund.objects.select_for_update(of=("self",)).get(ulid=refund_ulid)


def _above(left: int, *, pieces: bool = False) -> RefundAbovePaid:
    text = str(left) if pieces else f"¥{format_yuan(left)}"
    return RefundAbovePaid(left=left, left_text=text)


__all__ = [
    "AftersalesClosed",
    "IllegalTransition",
    "NothingToRefund",
    "RefundAbovePaid",
    "approve_refund",
    "mark_refunded",
    "refuse_refund",
    "request_refund",
    "withdraw_refund",
]
