"""Visits of a card, redeemed at its store by a code that lives for two minutes on the member's phone, and once only."""

import datetime as dt
import re
import secrets

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from saas.identity import audit
from saas.kernel.clock import CHINA
from saas.kernel.errors import DomainError, InvalidInput
from saas.kernel.ids import new_ulid
from tenant_apps.counter.models import Card, CardUse
from tenant_apps.counter.rules import cards as rules
from tenant_apps.counter.rules.cards import CODE_DIGITS, CODE_SECONDS, CardKind, CardState
from tenant_apps.counter.selectors import cards as selectors
from tenant_apps.counter.services import bookings, telling
from tenant_apps.members.models import Member
from tenant_apps.orders import services as orders


class CardNotUsable(DomainError):
    """The card is used up, has ended, or was paid back."""

    code = "card_not_usable"
    message = _("This card cannot be used any more.")  # type: ignore[assignment]


class CodeUnknown(InvalidInput):
    """No card shows this code now."""

    code = "card_code_unknown"
    message = _("No card shows this code now. Ask for a new code: each is good for two minutes.")


class CodeUsed(DomainError):
    """The code was redeemed before; `at` says when."""

    code = "card_code_used"
    message = _("This code was redeemed at {at}. Each code is good once.")  # type: ignore[assignment]


class CardElsewhere(DomainError):
    """The card is of another store: prepaid cards are good at their own only (MODES 14 #12)."""

    code = "card_elsewhere"
    http_status = 403
    message = _("This card is not good here: it belongs to another store.")  # type: ignore[assignment]


class TooManyVisits(InvalidInput):
    """More visits than are left; `left` says how many are."""

    code = "card_too_many_visits"
    message = _("{left} visits are left on this card.")


def show_code(*, card_ulid: str, member: Member, now: dt.datetime) -> Card:
    """The card with a code that can be redeemed for at least half its life; a new one where the last is older.

    Raises NotFound, CardNotUsable.
    """
    with transaction.atomic():
        known = selectors.card_of(member, card_ulid)
        card = Card.objects.select_for_update(of=("self",)).select_related("terms").get(pk=known.pk)
        if selectors.state(card, now=now) is not CardState.ACTIVE:
            raise CardNotUsable
        if not card.code or card.code_until is None or card.code_until < now + dt.timedelta(seconds=CODE_SECONDS // 2):
            card.code, card.code_until = _fresh(), now + dt.timedelta(seconds=CODE_SECONDS)
            card.save(update_fields=["code", "code_until"])
    return card


def redeem_visits(*, store_ulid: str, code: str, actor: str, now: dt.datetime, visits: int = 1) -> CardUse:
    """Take visits off the card that shows `code` at a store, once: of many who scan at the same moment one succeeds.

    What the visits were worth is never refunded from then on. Raises CodeUnknown, CodeUsed, CardElsewhere,
    CardNotUsable, TooManyVisits, orders.RefundOpen, orders.ValueGone; then nothing has changed.
    """
    wanted = code_in(code)
    if not wanted:
        raise CodeUnknown(field="code")
    with transaction.atomic():
        shown = Card.objects.filter(code=wanted, kind=CardKind.VISIT).select_related("terms")
        card = shown.select_for_update(of=("self",)).first()  # who waited for the lock finds the code gone
        _require_usable(card, wanted, store_ulid, now)
        assert card is not None
        if not 1 <= visits <= card.visits_left:
            raise TooManyVisits(left=card.visits_left, field="visits")
        used, before = rules.used_value(card.value_amount, card.visits, card.visits_used + visits), card.left
        orders.record_use(order_ulid=card.order_ulid, line_ulid=card.line_ulid, used_amount=used, now=now)
        use = CardUse(
            ulid=new_ulid(),
            card=card,
            visits=visits,
            amount=used - card.used_amount,
            code=wanted,
            store_ulid=store_ulid,
            actor=actor,
            used_at=now,
        )
        use.save(force_insert=True)
        card.visits_used, card.used_amount, card.code, card.code_until = card.visits_used + visits, used, "", None
        card.save(update_fields=["visits_used", "used_amount", "code", "code_until"])
        bookings.attend(card=card, store_ulid=store_ulid, visits=visits, actor=actor, now=now)
        telling.of_use(card, document=use.ulid, before=before, used=visits, store_ulid=store_ulid, now=now)
        audit.record(actor, "store_card.redeemed", target=f"card:{card.ulid}", store=store_ulid, visits=visits)
    return use


def code_in(text: str) -> str:
    """The code in what was typed or scanned: its digits, or those at the end of the address in the QR code."""
    found = re.search(rf"(?:^|[=/])(\d{{{CODE_DIGITS}}})$", re.sub(r"[\s-]", "", text))
    return found[1] if found else ""


def _require_usable(card: Card | None, code: str, store_ulid: str, now: dt.datetime) -> None:
    if card is None:
        before = CardUse.objects.filter(code=code).first()
        if before is None:
            raise CodeUnknown(field="code")
        raise CodeUsed(at=before.used_at.astimezone(CHINA).strftime("%Y-%m-%d %H:%M:%S"))
    if store_ulid not in card.terms.stores:
        raise CardElsewhere
    if card.code_until is None or card.code_until <= now:
        raise CodeUnknown(field="code")
    if selectors.state(card, now=now) is not CardState.ACTIVE:
        raise CardNotUsable


def _fresh() -> str:
    """A code that no card shows and none was redeemed by; the tables hold the constraints."""
    while True:
        code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"
        if not Card.objects.filter(code=code).exists() and not CardUse.objects.filter(code=code).exists():
            return code
