"""What happens at the counter when orders speak. Wired in saas.config.wiring."""

from saas.kernel.clock import now
from saas.messaging.bus.services import Event
from tenant_apps.counter.services import cards_paying, cards_selling


def on_order_paid(event: Event) -> None:
    """A card that was bought is issued; other orders are not ours."""
    cards_selling.issue_card(order_ulid=str(event.payload["order"]), now=now())


def on_order_completed(event: Event) -> None:
    """A card with money on it is issued; other orders are not ours."""
    cards_selling.issue_card(order_ulid=str(event.payload["order"]), now=now())


def on_order_cancelled(event: Event) -> None:
    """What a card was to pay of an order that was given up is on the card again."""
    cards_paying.release(order_ulid=str(event.payload["order"]), now=now())


def on_order_refunded(event: Event) -> None:
    """What was left of a card has been paid back: it is used no more."""
    cards_selling.close_returned(line_ulids=[str(line["line"]) for line in event.payload["lines"]], now=now())
