"""What an errand's new state brings with it: the order's parcel, what the shopper reads, and in the end what it costs."""

import datetime as dt

from django.utils.translation import gettext

from saas.channels.facts import Purpose
from saas.identity import audit
from saas.kernel.errors import DomainError, NotFound
from saas.ledger import services as ledger
from saas.ledger.services import Move
from tenant_apps.courier.models import Errand
from tenant_apps.courier.rules import ENDED, LEFT_STORE, ErrandState, Facts, Provider, owed
from tenant_apps.orders import services as orders
from tenant_apps.orders.models import Order
from tenant_apps.orders.parcels import TrackingState
from tenant_apps.orders.rules import OrderState
from tenant_apps.sellers import services as sellers

_TRACKING = {
    ErrandState.CARRYING: TrackingState.DELIVERING,
    ErrandState.DELIVERED: TrackingState.DELIVERED,
    ErrandState.RETURNING: TrackingState.TROUBLE,
    ErrandState.RETURNED: TrackingState.TROUBLE,
    ErrandState.CANCELLED: TrackingState.TROUBLE,
}


def locked(ulid: str) -> Errand:
    """The errand, locked until the transaction ends. Raises NotFound."""
    row = Errand.objects.select_for_update(of=("self",)).select_related("account").filter(ulid=ulid).first()
    if row is None:
        raise NotFound
    return row


def apply_facts(row: Errand, facts: Facts, *, actor: str, now: dt.datetime) -> bool:
    """Bring a locked errand to what is said of it; whether its state has changed. One that is over stays as it is."""
    if row.state in ENDED:
        return False
    row.rider_name = facts.rider_name or row.rider_name
    row.rider_phone = facts.rider_phone or row.rider_phone
    if facts.fee_amount is not None:
        row.fee_amount = facts.fee_amount
    row.deduct_amount = max(row.deduct_amount, facts.deduct_amount)
    changed = row.state != facts.state
    if changed:
        row.state, row.changed_at, row.reason = facts.state, now, facts.reason
        row.events = [*row.events, {"at": now.isoformat(), "state": str(facts.state), "by": actor}][-50:]
        _tell_order(row, facts.state, now)
        if facts.state in ENDED:
            row.ended_at = now
            _book(row, now)
    row.save()
    if changed:
        audit.record(
            actor, "courier.moved", target=f"order:{row.order.ulid}", errand=row.number, state=str(facts.state)
        )
    return changed


def _tell_order(row: Errand, state: ErrandState, now: dt.datetime) -> None:
    """The rider has the goods: the order is on its way. Where it cannot be, the errand says why and goes on."""
    if state in LEFT_STORE and not row.parcel_ulid:
        order = Order.objects.get(pk=row.order_id)
        if order.state == OrderState.PAID:
            try:
                parcel = orders.send_parcel(
                    order_ulid=order.ulid,
                    carrier=gettext("Dada") if row.provider == Provider.DADA else gettext("Courier of the store"),
                    number=row.number if row.provider == Provider.DADA else "",
                    actor="system",
                    now=now,
                )
            except DomainError as refused:  # an open case, say: the goods have left all the same
                row.reason = refused.text[:200]
            else:
                row.parcel_ulid = parcel.ulid
    tracking = _TRACKING.get(state)
    if row.parcel_ulid and tracking is not None:
        orders.record_tracking(
            parcel_ulid=row.parcel_ulid, state=tracking, text=_words(row, state), actor="system", now=now
        )


def _words(row: Errand, state: ErrandState) -> str:
    rider = f"{row.rider_name} {row.rider_phone}".strip()
    words = {
        ErrandState.CARRYING: gettext("The courier is on the way to you: {rider}."),
        ErrandState.DELIVERED: gettext("The courier has handed the goods over."),
        ErrandState.RETURNING: gettext("The goods could not be handed over; the courier brings them back."),
        ErrandState.RETURNED: gettext("The goods are back in the store."),
        ErrandState.CANCELLED: gettext("The courier does not come; the store sends another one."),
    }
    return words[state].format(rider=rider)[:200]


def _book(row: Errand, now: dt.datetime) -> None:
    """What the errand costs leaves the mall's account at the service; the store, which has the delivery fee, owes it the mall."""
    amount = owed(row.state, fee_amount=row.fee_amount, deduct_amount=row.deduct_amount)
    if not amount or row.account is None:
        return
    row.booked_amount = amount
    place = f"channel.{row.provider}" if row.account.purpose == Purpose.LIVE else "channel.rehearsal"
    ledger.post_entry(
        key=f"courier.paid:{row.ulid}",
        kind="courier.paid",
        moves=[Move("house", place, amount)],
        document=f"order:{row.order.ulid}",
        occurred_at=now,
    )
    if row.payer_ulid:
        sellers.charge_goods(
            seller_ulid=row.payer_ulid,
            amount=amount,
            title=gettext("Courier for order {number}").format(number=row.order.number),
            source=f"courier:{row.ulid}",
            kind="courier_fee",
            now=now,
        )
