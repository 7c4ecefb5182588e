"""From the accepted terms to the card: bought by an ordinary order, issued once, the unused rest given back."""

import datetime as dt
import secrets
from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from saas.identity import audit
from saas.kernel.errors import DomainError, InvalidInput
from saas.kernel.ids import new_ulid
from tenant_apps.catalog.rules import STORE_CARDS, ProductKind
from tenant_apps.counter.models import Card, CardTerms
from tenant_apps.counter.rules.bookings import BookingState
from tenant_apps.counter.rules.cards import MAX_CARD, CardKind
from tenant_apps.counter.selectors import cards as selectors
from tenant_apps.counter.services import bookings, telling
from tenant_apps.members.models import Member
from tenant_apps.orders import services as orders
from tenant_apps.orders.aftersales import Service
from tenant_apps.orders.models import Order, OrderLine, Refund
from tenant_apps.orders.rules import PAID_ONCE, OrderState, WantedLine


class TermsChanged(DomainError):
    """The card's terms are no longer those that were shown."""

    code = "card_terms_changed"
    message = _("The terms of “{title}” have changed. Please read them again.")  # type: ignore[assignment]


class AboveCardLimit(DomainError):
    """Dearer than a registered card may be."""

    code = "above_card_limit"
    http_status = 422
    message = _("A card holds at most ¥5,000.00 by law.")  # type: ignore[assignment]


class NothingLeft(DomainError):
    """Nothing of the card is left to be paid back."""

    code = "card_nothing_left"
    message = _("Nothing is left on this card.")  # type: ignore[assignment]


def buy_card(
    *,
    product_ulid: str,
    terms_ulid: str,
    accepted: bool,
    expected_amount: int,
    member: Member,
    key: str,
    now: dt.datetime,
) -> Order:
    """Order a card under the terms that the buyer has read and accepted. `expected_amount` (fen) is the price he saw.

    Raises NotFound, InvalidInput (accepted), TermsChanged, AboveCardLimit and what orders.place_order raises.
    """
    if not accepted:
        raise InvalidInput(gettext("Please read the terms and accept them."), field="accepted")
    terms = selectors.terms_of_product(product_ulid)
    if terms.ulid != terms_ulid:
        raise TermsChanged(title=terms.title)
    if expected_amount > MAX_CARD:
        raise AboveCardLimit
    wanted = WantedLine(terms.sku_ulid, 1, terms_ulid=terms.ulid)
    with transaction.atomic():
        order = orders.place_order(
            member=member,
            lines=[wanted],
            address=None,
            expected_total=expected_amount,
            idempotency_key=key,
            now=now,
        )
        audit.record(
            f"member:{member.ulid}", "store_card.accepted_terms", target=f"order:{order.ulid}", terms=terms.ulid
        )
    return order


def issue_card(*, order_ulid: str, now: dt.datetime) -> Card | None:
    """The card that a paid order bought, made once; None for an order of anything else, or one that was given back.

    A card with money is issued when its order has completed, which is at once: then the store owes it.
    """
    line = OrderLine.objects.filter(order__ulid=order_ulid, kind__in=[k.value for k in STORE_CARDS]).first()
    if line is None:
        return None
    with transaction.atomic():
        order = Order.objects.select_for_update(of=("self",)).select_related("member").get(ulid=order_ulid)
        known = Card.objects.filter(line_ulid=line.ulid).first()
        if line.kind == ProductKind.STORED_CARD and order.state != OrderState.COMPLETED:
            return known  # its money is not in the store's account of cards yet
        if known is not None or order.state not in PAID_ONCE or order.state == OrderState.REFUNDED:
            return known
        terms = CardTerms.objects.get(ulid=line.terms_ulid)
        since = order.paid_at or now
        card = Card(
            ulid=new_ulid(),
            number=_number(),
            kind=terms.kind,
            terms=terms,
            member=order.member,
            seller_ulid=line.seller_ulid,
            order_ulid=order.ulid,
            line_ulid=line.ulid,
            visits=terms.visits,
            value_amount=line.value_amount,
            accepted_at=order.placed_at,
            issued_at=now,
            expires_at=since + dt.timedelta(days=terms.valid_days) if terms.valid_days else None,
        )
        card.save(force_insert=True)
        telling.of_issue(card, now=now)
        audit.record("system", "store_card.issued", target=f"card:{card.ulid}", order=order.number, title=terms.title)
    return card


def ask_return(*, card_ulid: str, reason: str, member: Member, now: dt.datetime) -> Refund:
    """A member asks for what is left of his card, at any time and after its end too: an after-sales case of its order.

    Raises NotFound, NothingLeft, and what orders.open_case raises.
    """
    card = selectors.card_of(member, card_ulid)
    if card.left <= 0:
        raise NothingLeft
    return orders.open_case(
        order_ulid=card.order_ulid, service=Service.REFUND_ONLY, reason=reason, member=member, now=now
    )


def close_returned(*, line_ulids: Sequence[str], now: dt.datetime) -> list[Card]:
    """After a refund: cards of these lines of which nothing is left to pay back are closed. A repeat changes nothing."""
    closed = []
    with transaction.atomic():
        rows = Card.objects.select_for_update(of=("self",)).filter(line_ulid__in=list(line_ulids), closed_at=None)
        for card in rows.order_by("pk"):
            line = OrderLine.objects.get(ulid=card.line_ulid)
            if card.kind == CardKind.STORED and card.returned_amount != line.refunded_value_amount:
                paid = line.refunded_value_amount - card.returned_amount
                card.returned_amount = line.refunded_value_amount
                card.save(update_fields=["returned_amount"])
                telling.of_return(card, amount=paid, now=now)
                if card.left <= 0 and card.returned_amount:
                    closed.append(_close(card, now))
                continue
            if card.left <= 0 or line.refunded_value_amount + line.used_value_amount < line.value_amount:
                continue
            closed.append(_close(card, now))
            telling.of_return(card, amount=line.refunded_value_amount, now=now)
    return closed


def cancel_bookings(*, card: Card, now: dt.datetime) -> int:
    """The times booked on a card that was paid back are free again; how many."""
    number = 0
    for ulid in card.bookings.filter(state=BookingState.BOOKED).order_by("pk").values_list("ulid", "store_ulid"):
        reason = gettext("What was left of the card has been paid back.")
        bookings.cancel_at_store(booking_ulid=ulid[0], store_ulids=(ulid[1],), reason=reason, actor="system", now=now)
        number += 1
    return number


def _close(card: Card, now: dt.datetime) -> Card:
    cancel_bookings(card=card, now=now)
    card.closed_at, card.code, card.code_until = now, "", None
    card.save(update_fields=["closed_at", "code", "code_until"])
    audit.record("system", "store_card.closed", target=f"card:{card.ulid}", used=card.used_amount)
    return card


def _number() -> str:
    """Sixteen digits that nobody can guess another's from."""
    return f"8{secrets.randbelow(10**15):015d}"
