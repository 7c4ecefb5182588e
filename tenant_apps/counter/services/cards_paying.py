"""Money of a store's card pays goods of that store: taken when the order is placed, back when it is given up or refunded.

The book moves it from `prepaid.<store>` into the order's escrow at payment; awards count it as money, as it was (MODES 1.3).
"""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from saas.kernel.errors import DomainError, InvalidInput, NotFound
from saas.kernel.ids import new_ulid
from saas.kernel.transactions import retried_transaction
from saas.ledger import selectors as book
from saas.ledger import services as ledger
from saas.ledger.services import Move
from tenant_apps.counter.models import Card, CardUse
from tenant_apps.counter.rules.cards import CardKind
from tenant_apps.counter.services import telling
from tenant_apps.counter.services.cards_redeeming import CardNotUsable
from tenant_apps.members.models import Member
from tenant_apps.orders import services as orders
from tenant_apps.orders.models import Order
from tenant_apps.orders.rules import OrderState, Prepaid
from tenant_apps.orders.services.placing import Purchase
from tenant_apps.sellers.rules import prepaid_of


class CardNotReady(DomainError):
    """The card's own payment has not been booked through yet: a matter of seconds."""

    code = "card_not_ready"
    message = _("The money of this card is still being booked. Try again in a minute.")  # type: ignore[assignment]


@retried_transaction
def place_purchase(*, member: Member, cards: Sequence[str], now: dt.datetime, **given: Any) -> Purchase:
    """As orders.place_purchase; each of `cards` (ULIDs of the member's, one a store) pays the goods of its own store.

    A card never pays another store's goods, whatever is asked (MODES 14 #12). Raises NotFound, CardNotUsable,
    CardNotReady, InvalidInput (card: two of one store), orders.RefundOpen, orders.ValueGone and what
    orders.place_purchase raises; then nothing has changed.
    """
    held = _locked(member, cards)
    prepaid = [Prepaid(card.seller_ulid, card.ulid, card.left) for card in held.values()]
    try:
        purchase = orders.place_purchase(member=member, now=now, prepaid=prepaid, **given)
    except ledger.InsufficientBalance:  # nothing else moves money here: the store's account of cards lacks it
        raise CardNotReady from None
    for order in purchase.orders:
        if order.card_ulid in held:
            _take(held[order.card_ulid], order, member, now)
    return purchase


@retried_transaction
def release(*, order_ulid: str, now: dt.datetime) -> bool:
    """An order was given up before it was paid: what its card was to pay is on it again; whether there was anything."""
    use = CardUse.objects.filter(document=_document(order_ulid)).first()
    if use is None or not Order.objects.filter(ulid=order_ulid, state=OrderState.CANCELLED).exists():
        return False
    card = Card.objects.select_for_update(of=("self",)).get(pk=use.card_id)
    return _give_back(card, use.amount, f"cancelled:{order_ulid}", now)


@retried_transaction
def return_to_card(*, order_ulid: str, refund_ulid: str, amount: int, document: str, now: dt.datetime) -> None:
    """Part of a refund goes back to the card that paid: clearing.refund → prepaid.<store>. Once a refund.

    A card that was closed meanwhile lives again with it. Raises NotFound where the order was not paid by a card.
    """
    use = CardUse.objects.filter(document=_document(order_ulid)).first()
    if use is None:
        raise NotFound
    card = Card.objects.select_for_update(of=("self",)).get(pk=use.card_id)
    if not _give_back(card, amount, f"refund:{refund_ulid}", now):
        return
    ledger.post_entry(
        key=f"card_refund:{refund_ulid}",
        kind="card_refund",
        moves=[Move("clearing.refund", prepaid_of(card.seller_ulid), amount)],
        document=document,
        occurred_at=now,
    )


def _locked(member: Member, ulids: Sequence[str]) -> dict[str, Card]:
    wanted = list(dict.fromkeys(ulids))
    rows = Card.objects.select_for_update(of=("self",)).filter(member=member, ulid__in=wanted, kind=CardKind.STORED)
    held = {card.ulid: card for card in rows.order_by("pk")}
    if len(held) < len(wanted):
        raise NotFound
    if len({card.seller_ulid for card in held.values()}) < len(held):
        raise InvalidInput(gettext("Choose one card a store."), field="card")
    return held


def _take(card: Card, order: Order, member: Member, now: dt.datetime) -> None:
    """Write what an order just placed takes of its card; for a repeat of the same click it stands already."""
    if card.uses.filter(document=_document(order.ulid)).exists():
        return
    if order.card_amount > card.left:
        raise CardNotUsable
    if book.available(prepaid_of(card.seller_ulid)) < order.card_amount and order.state == OrderState.PENDING_PAYMENT:
        raise CardNotReady
    before, amount = card.left, order.card_amount
    card.used_amount += amount
    _write(card, amount, _document(order.ulid), f"member:{member.ulid}", now)
    telling.of_use(
        card, document=_document(order.ulid), before=before, used=amount, store_ulid=card.seller_ulid, now=now
    )


def _give_back(card: Card, amount: int, document: str, now: dt.datetime) -> bool:
    if card.uses.filter(document=document).exists():
        return False
    card.used_amount -= amount
    card.closed_at = None
    _write(card, -amount, document, "system", now)
    telling.of_giving_back(card, document=document, amount=amount, now=now)
    return True


def _write(card: Card, amount: int, document: str, actor: str, now: dt.datetime) -> None:
    """One use of a locked card, on the card and on the line that sold it: what was used is never paid back."""
    orders.record_use(order_ulid=card.order_ulid, line_ulid=card.line_ulid, used_amount=card.used_amount, now=now)
    card.save(update_fields=["used_amount", "closed_at"])
    CardUse(ulid=new_ulid(), card=card, amount=amount, document=document, actor=actor, used_at=now).save(
        force_insert=True
    )


def _document(order_ulid: str) -> str:
    return f"order:{order_ulid}"
