"""What happens at the counter when orders speak. Wired in saas.config.wiring."""

import datetime as dt

from saas.kernel.clock import now
from saas.messaging.bus.services import Event
from tenant_apps.counter.services import cards_paying, cards_selling, dispatch, telling


def on_order_paid(event: Event) -> None:
    """A card that was bought is issued; the mall's own goods are offered to a store that can bring them."""
    order = str(event.payload["order"])
    if cards_selling.issue_card(order_ulid=order, now=now()) is None:
        dispatch.begin(order_ulid=order, now=now())


def on_offer_due(event: Event) -> None:
    """A store has not answered in time: the next one is asked."""
    dispatch.expire(ulid=str(event.payload["offer"]), now=now())


def on_address_changed(event: Event) -> None:
    """The mall's own goods go elsewhere: another store may be the next to bring them."""
    dispatch.readdress(order_ulid=str(event.payload["order"]), now=now())


def on_booking_due(event: Event) -> None:
    """A booked time comes near: its member is reminded, unless it was moved or given up."""
    starts_at = dt.datetime.fromisoformat(str(event.payload["starts_at"]))
    telling.remind(booking_ulid=str(event.payload["booking"]), starts_at=starts_at, now=now())


def on_order_completed(event: Event) -> None:
    """A card with money on it is issued; the store that brought the mall's goods has its fee."""
    order = str(event.payload["order"])
    cards_selling.issue_card(order_ulid=order, now=now())
    dispatch.pay_store(order_ulid=order, now=now())


def on_order_cancelled(event: Event) -> None:
    """What a card was to pay of an order that was given up is on the card again."""
    cards_paying.release(order_ulid=str(event.payload["order"]), now=now())


def on_order_refunded(event: Event) -> None:
    """What was left of a card has been paid back: it is used no more. What a store was to bring stays there."""
    cards_selling.close_returned(line_ulids=[str(line["line"]) for line in event.payload["lines"]], now=now())
    qtys: dict[str, int] = {}
    for line in event.payload["lines"]:
        qtys[str(line["sku"])] = qtys.get(str(line["sku"]), 0) + int(line["qty"])
    dispatch.give_back(order_ulid=str(event.payload["order"]), qtys=qtys, now=now())
