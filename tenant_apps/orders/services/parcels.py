"""Sending an order in one parcel or several; what a carrier, or staff in its place, says of a parcel."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from saas.identity import audit
from saas.kernel.errors import InvalidInput, NotFound
from saas.kernel.ids import new_ulid
from saas.kernel.states import IllegalTransition
from saas.messaging.bus import services as bus
from tenant_apps.orders import parcels
from tenant_apps.orders.models import Order, OrderLine, Parcel
from tenant_apps.orders.parcels import MAX_EVENTS, Sendable, TrackingState
from tenant_apps.orders.rules import DeliveryKind, OrderState
from tenant_apps.orders.services import transition
from tenant_apps.orders.services.fulfilment import RefundOpen, has_open_refund


class NotToSend(InvalidInput):
    """A parcel with nothing in it, or with more of a line than is left to send; `title` and `left` name it."""

    code = "not_to_send"
    message = _("Of “{title}” {left} pieces are left to send.")


def ship_order(*, order_ulid: str, carrier: str, number: str, actor: str, now: dt.datetime) -> Order:
    """Hand everything that is left of a paid order to a carrier. Raises as `send_parcel`."""
    return send_parcel(order_ulid=order_ulid, carrier=carrier, number=number, actor=actor, now=now).order


def send_parcel(
    *,
    order_ulid: str,
    carrier: str,
    number: str,
    actor: str,
    now: dt.datetime,
    pieces: Mapping[str, int] | None = None,
) -> Parcel:
    """Record a parcel of a paid order: `pieces` by line, or all that is left. The order is shipped when all of it is.

    Receipt then follows by itself after `auto_receive_days`. A store that brings goods itself needs no number.
    Raises NotFound, IllegalTransition, RefundOpen, NotToSend, InvalidInput (carrier, number).
    """
    carrier, number = carrier.strip(), number.strip()
    with transaction.atomic():
        order = transition.locked(order_ulid)
        if order.state != OrderState.PAID:
            raise IllegalTransition(current=order.state, wanted=OrderState.SHIPPED)
        _check_carrier(order, carrier, number)
        if has_open_refund(order):
            raise RefundOpen
        lines = {line.ulid: line for line in OrderLine.objects.filter(order=order).order_by("position")}
        content = _content(lines, pieces)
        parcel = Parcel(
            ulid=new_ulid(),
            order=order,
            position=Parcel.objects.filter(order=order).count(),
            carrier=carrier,
            tracking_number=number,
            pieces=content,
            shipped_at=now,
            shipped_by=actor,
        )
        parcel.save(force_insert=True)
        if number and parcels.carrier_code(carrier):
            bus.publish("order.parcel_sent", {"parcel": parcel.ulid}, key=parcel.ulid)
        for ulid, qty in content.items():
            lines[ulid].shipped_qty += qty
        OrderLine.objects.bulk_update([lines[ulid] for ulid in content], ["shipped_qty"])
        changes: dict[str, Any] = {"carrier": carrier, "tracking_number": number}
        if not parcels.left([sendable(line) for line in lines.values()]):
            _all_sent(order, actor, now, f"{carrier} {number}", **changes)
        else:
            transition.write(order, action="parcel_sent", actor=actor, now=now, reason=f"{carrier} {number}", **changes)
        audit.record(
            actor, "order.shipped", target=f"order:{order.ulid}", carrier=carrier, number=number, pieces=content
        )
    return parcel


def settle_sending(order: Order, *, actor: str, now: dt.datetime) -> None:
    """A locked order whose unsent rest was refunded is shipped with the parcels that have left."""
    if order.state == OrderState.PAID and Parcel.objects.filter(order=order).exists():
        lines = OrderLine.objects.filter(order=order)
        if any(line.shipped_qty for line in lines) and not parcels.left([sendable(line) for line in lines]):
            _all_sent(order, actor, now, "")


def _all_sent(order: Order, actor: str, now: dt.datetime, reason: str, **changes: Any) -> None:
    transition.move(order, OrderState.SHIPPED, actor=actor, now=now, reason=reason, **changes)
    due = now + dt.timedelta(days=order.auto_receive_days)
    bus.publish("order.receive_due", {"order": order.ulid}, key=order.ulid, available_at=due)
    bus.publish("order.shipped", {"order": order.ulid}, key=order.ulid)


def record_tracking(*, parcel_ulid: str, state: str, text: str, actor: str, now: dt.datetime) -> Parcel:
    """What staff know of a parcel, where no tracking service is connected. Raises NotFound, InvalidInput (state, text)."""
    if state not in list(TrackingState):
        raise InvalidInput(gettext("Choose where the parcel is."), field="state")
    if not 1 <= len(text.strip()) <= 200:
        raise InvalidInput(gettext("Say in 1 to 200 characters what happened to the parcel."), field="text")
    with transaction.atomic():
        parcel = Parcel.objects.select_for_update().filter(ulid=parcel_ulid).first()
        if parcel is None:
            raise NotFound
        events = [*parcel.tracking.get("events", []), {"at": now.isoformat(), "text": text.strip()}]
        parcel.tracking = {"state": str(state), "events": events[-MAX_EVENTS:]}
        parcel.tracked_at = now
        parcel.save(update_fields=["tracking", "tracked_at"])
        audit.record(actor, "parcel.tracked", target=f"parcel:{parcel_ulid}", state=state, text=text.strip())
    return parcel


def record_course(
    *,
    parcel_ulid: str,
    state: TrackingState | None,
    steps: Sequence[tuple[dt.datetime, str]],
    now: dt.datetime,
) -> bool:
    """What a tracking service says of a parcel, its whole course; whether that is news. What is older than what is known
    changes nothing, and what people noted stays. Raises NotFound.
    """
    with transaction.atomic():
        parcel = Parcel.objects.select_for_update().filter(ulid=parcel_ulid).first()
        if parcel is None:
            raise NotFound
        found = parcels.merged(parcel.tracking.get("events", []), steps)
        if found is None or not steps:
            return False
        events, is_newest = found
        known = parcel.tracking.get("state", "")
        after = {"state": str(state) if state and (is_newest or not known) else known, "events": events}
        parcel.tracked_at = now
        changed = bool(after != parcel.tracking)
        parcel.tracking = after
        parcel.save(update_fields=["tracking", "tracked_at"])
    return changed


def sendable(line: OrderLine) -> Sendable:
    """A line as the rules of parcels see it."""
    return Sendable(line.ulid, line.qty, line.refunded_qty, line.shipped_qty)


def _content(lines: Mapping[str, OrderLine], pieces: Mapping[str, int] | None) -> dict[str, int]:
    rows = [sendable(line) for line in lines.values()]
    content = parcels.left(rows) if pieces is None else {ulid: qty for ulid, qty in pieces.items() if qty}
    wrong = parcels.fault(content, rows)
    if wrong is not None:
        line = lines.get(wrong)
        number = sendable(line).left_qty if line else 0
        raise NotToSend(title=line.title if line else "", left=number, field="pieces")
    return content


def _check_carrier(order: Order, carrier: str, number: str) -> None:
    if not 1 <= len(carrier) <= 40:
        raise InvalidInput(gettext("Name the carrier."), field="carrier")
    if not number and order.delivery_kind == DeliveryKind.STORE_DELIVERY:
        return
    if parcels.number_fault(number):
        raise InvalidInput(gettext("This is no tracking number."), field="number")
    if Parcel.objects.filter(order=order, tracking_number=number).exists():
        raise InvalidInput(gettext("A parcel of this order has that tracking number already."), field="number")
