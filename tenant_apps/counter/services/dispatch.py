"""Dispatch: a paid order of the mall is offered to the nearest open store that has everything, then to the next (O4).

The pieces come from the store's goods on credit: they go back into the mall's stock, of which the order took them.
"""

import datetime as dt
from collections.abc import Mapping

from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from saas.identity import audit
from saas.kernel.errors import DomainError, NotFound
from saas.kernel.ids import new_ulid
from saas.messaging.bus import services as bus
from saas.messaging.notices import services as notices
from tenant_apps.catalog.services import InsufficientStock
from tenant_apps.counter.models import CreditStock, StoreOffer
from tenant_apps.counter.rules import dispatch as rules
from tenant_apps.counter.rules.dispatch import OPEN, OfferState
from tenant_apps.counter.selectors import dispatch as selectors
from tenant_apps.counter.services import credit
from tenant_apps.modes import selectors as modes
from tenant_apps.modes.order_terms.settings import OrderSettings
from tenant_apps.orders import services as orders
from tenant_apps.orders.models import Order
from tenant_apps.sellers import selectors as sellers
from tenant_apps.sellers import services as seller_services
from tenant_apps.sellers.services import editing


class OfferGone(DomainError):
    """The store was asked, but has answered, or not in time."""

    code = "store_offer_gone"
    message = _("This order is not offered to your store any more.")  # type: ignore[assignment]


class PiecesMissing(DomainError):
    """Not every piece of the order lies in the store any more."""

    code = "store_offer_pieces"
    http_status = 422
    message = _("Not everything of this order is in your store any more. Decline it, so that the next store is asked.")  # type: ignore[assignment]


def begin(*, order_ulid: str, now: dt.datetime) -> StoreOffer | None:
    """Ask the first store for a paid order; None where the mall does not dispatch, or no store fits. Raises NotFound."""
    if not _terms(now).dispatch_minutes:
        return None
    with transaction.atomic():
        return _ask_next(orders.locked(order_ulid), now)


def accept(*, store_ulid: str, ulid: str, actor: str, now: dt.datetime) -> StoreOffer:
    """The store brings the order: its pieces leave its goods on credit. Raises NotFound, OfferGone, PiecesMissing,
    orders.NotAssignable; then nothing has changed."""
    with transaction.atomic():
        order, row = _locked(store_ulid, ulid)
        if row.state != OfferState.OFFERED or now > row.due_at:
            raise OfferGone
        orders.assign_store(
            order_ulid=order.ulid,
            store_ulid=store_ulid,
            store_name=sellers.seller(store_ulid).name,
            actor=actor,
            now=now,
        )
        row.pieces = _take(order, store_ulid, actor, now)
        _answer(row, OfferState.ACCEPTED, actor, now)
    return row


def decline(*, store_ulid: str, ulid: str, actor: str, now: dt.datetime) -> StoreOffer:
    """The store does not bring the order; the next one is asked. Raises NotFound, OfferGone."""
    with transaction.atomic():
        order, row = _locked(store_ulid, ulid)
        if row.state != OfferState.OFFERED:
            raise OfferGone
        _answer(row, OfferState.DECLINED, actor, now)
        _ask_next(order, now)
    return row


def expire(*, ulid: str, now: dt.datetime) -> bool:
    """Without an answer in time the next store is asked; whether this ended the offer. Raises NotFound."""
    with transaction.atomic():
        order, row = _locked("", ulid)
        if row.state != OfferState.OFFERED or now < row.due_at:
            return False
        _answer(row, OfferState.EXPIRED, "system", now)
        _ask_next(order, now)
    return True


def readdress(*, order_ulid: str, now: dt.datetime) -> StoreOffer | None:
    """A paid order goes elsewhere: a store that was asked and is not the next for the new address is asked no more, and
    the next one is. A store that declined, or let its time pass, is not asked again. The offer now open. Raises NotFound.
    """
    with transaction.atomic():
        order = orders.locked(order_ulid)
        row = StoreOffer.objects.select_for_update().filter(order_ulid=order_ulid, state=OfferState.OFFERED).first()
        if row is not None:
            found = selectors.next_store(order, needs=orders.pieces_to_send(order), now=now, but=row.store_ulid)
            if found == row.store_ulid and orders.waits_for_store(order):
                return row
            _answer(row, OfferState.WITHDRAWN, "system", now)
        return _ask_next(order, now) if _terms(now).dispatch_minutes else None


def give_back(*, order_ulid: str, qtys: Mapping[str, int], now: dt.datetime) -> None:
    """Pieces (SKU → pieces) that were refunded before the store set out stay in the store: lent as before."""
    with transaction.atomic():
        order = orders.locked(order_ulid)
        row = StoreOffer.objects.filter(order_ulid=order_ulid, state=OfferState.ACCEPTED).first()
        if row is None:
            return
        for ulid, qty in selectors.still_there(row, qtys).items():
            row.pieces[ulid] -= qty
            _keep(row, ulid, qty, order, now)
        row.save(update_fields=["pieces"])


def pay_store(*, order_ulid: str, now: dt.datetime) -> bool:
    """The fee of the store that brought a completed order of the mall: what it was dispatched for, or the shopper's own
    freight where he chose the store. Once; whether this paid. Raises NotFound."""
    with transaction.atomic():
        order = orders.locked(order_ulid)
        if order.seller_ulid or not order.delivery_store:
            return False
        row = StoreOffer.objects.filter(order_ulid=order_ulid, state=OfferState.ACCEPTED).first()
        fee = row.fee_amount if row else order.freight_amount - order.refunded_freight_amount
        if fee:
            seller_services.pay_delivery(
                seller_ulid=order.delivery_store,
                amount=fee,
                title=gettext("Order {number} brought for the mall").format(number=order.number),
                source=f"brought:{order_ulid}",
                now=now,
            )
    return bool(fee)


def _ask_next(order: Order, now: dt.datetime) -> StoreOffer | None:
    """The next store for a locked order; None where none is left, or the order waits for none."""
    if (
        not orders.waits_for_store(order)
        or StoreOffer.objects.filter(order_ulid=order.ulid, state__in=sorted(OPEN)).exists()
    ):
        return None
    terms = _terms(now)
    found = selectors.next_store(order, needs=orders.pieces_to_send(order), now=now)
    if found is None or not terms.dispatch_minutes:
        audit.record("system", "order.no_store", target=f"order:{order.ulid}")
        return None
    row, _made = StoreOffer.objects.update_or_create(  # one that was withdrawn is made anew
        order_ulid=order.ulid,
        store_ulid=found,
        defaults={
            "ulid": new_ulid(),
            "state": OfferState.OFFERED,
            "fee_amount": terms.dispatch_fee_fen,
            "offered_at": now,
            "due_at": now + dt.timedelta(minutes=terms.dispatch_minutes),
            "answered_at": None,
            "answered_by": "",
        },
    )
    bus.publish("counter.offer_due", {"offer": row.ulid}, key=row.ulid, available_at=row.due_at)
    audit.record("system", "order.store_asked", target=f"order:{order.ulid}", store=found)
    store = sellers.seller(found)
    if store.owner is not None:
        notices.send_notice(
            kind="store_offer",
            to_phone=store.owner.user.phone or "",
            context={"shop": store.name, "minutes": terms.dispatch_minutes},
            key=f"store_offer:{row.ulid}",
        )
    return row


def _take(order: Order, store_ulid: str, actor: str, now: dt.datetime) -> dict[str, int]:
    editing.locked(store_ulid)
    rows = CreditStock.objects.filter(seller_ulid=store_ulid, qty__gt=0).order_by("pk")
    found = rules.take(rows.values_list("ulid", "sku_ulid", "qty"), orders.pieces_to_send(order))
    if found is None:
        raise PiecesMissing
    for ulid, qty in found.items():
        credit.return_stock(seller_ulid=store_ulid, ulid=ulid, qty=qty, actor=actor, now=now, note=order.number)
    return found


def _keep(row: StoreOffer, ulid: str, qty: int, order: Order, now: dt.datetime) -> None:
    try:
        credit.keep_again(seller_ulid=row.store_ulid, ulid=ulid, qty=qty, actor="system", now=now, note=order.number)
    except InsufficientStock:  # sold by the mall in the meantime: staff fetch the piece, or lend it anew
        audit.record("system", "order.pieces_left", target=f"order:{order.ulid}", store=row.store_ulid, qty=qty)


def _answer(row: StoreOffer, state: OfferState, actor: str, now: dt.datetime) -> None:
    row.state, row.answered_at, row.answered_by = state, now, actor
    row.save(update_fields=["state", "answered_at", "answered_by", "pieces"])
    audit.record(actor, f"order.offer_{state}", target=f"order:{row.order_ulid}", store=row.store_ulid)


def _locked(store_ulid: str, ulid: str) -> tuple[Order, StoreOffer]:
    """The order of an offer, locked, then the offer. With a store, its own alone. Raises NotFound."""
    row = StoreOffer.objects.filter(ulid=ulid).first()
    if row is None or (store_ulid and row.store_ulid != store_ulid):
        raise NotFound
    order = orders.locked(row.order_ulid)
    return order, StoreOffer.objects.select_for_update().get(pk=row.pk)


def _terms(now: dt.datetime) -> OrderSettings:
    pinned = modes.current_settings(mode="orders", now=now)
    values: OrderSettings = pinned.values if pinned else OrderSettings()
    return values
