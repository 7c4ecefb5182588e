"""Telling people of cards and bookings: a row that they read in the mall and, where it sends texts, a text message.

Everything is written in the transaction of what it tells of; the same key tells nothing twice.
"""

import datetime as dt
from dataclasses import asdict

from django.conf import settings
from django.db import transaction
from django.utils import translation

from saas.messaging.bus import services as bus
from saas.messaging.notices import services as notices
from tenant_apps.counter.models import Booking, Card, Told
from tenant_apps.counter.rules import telling as rules
from tenant_apps.counter.rules.bookings import BookingState
from tenant_apps.counter.rules.cards import CardKind
from tenant_apps.counter.rules.telling import Facts
from tenant_apps.counter.selectors import telling as selectors
from tenant_apps.modes import selectors as modes
from tenant_apps.sellers import selectors as sellers
from tenant_apps.sellers.models import Seller


def of_issue(card: Card, *, now: dt.datetime) -> None:
    """A card was bought: its holder and its store are told."""
    _tell(card, "card_bought", card.ulid, now=now)
    _tell(card, "shop_card_sold", card.ulid, now=now, store=card.seller_ulid)


def of_use(card: Card, *, document: str, before: int, used: int, store_ulid: str, now: dt.datetime) -> None:
    """Visits or money were taken off: who holds the card learns of every use, and that little is left. `before`: left then."""
    _tell(card, "card_used", document, now=now, used=used, shop=store_ulid)
    _tell(card, "shop_card_used", document, now=now, used=used, store=store_ulid)
    whole = card.visits if card.kind == CardKind.VISIT else card.value_amount
    if rules.runs_low(whole=whole, before=before, left=card.left):
        _tell(card, "card_low", document, now=now)


def of_giving_back(card: Card, *, document: str, amount: int, now: dt.datetime) -> None:
    """Money (fen) is on a card again."""
    _tell(card, "card_back", document, now=now, used=amount)


def of_return(card: Card, *, amount: int, now: dt.datetime) -> None:
    """What was left (fen) was paid back: its holder and its store are told. Told again where a later refund brings more."""
    key = f"{card.ulid}:{amount}:{card.used_amount}"
    _tell(card, "card_returned", key, now=now, amount=amount)
    _tell(card, "shop_card_returned", key, now=now, amount=amount, store=card.seller_ulid)


def of_booking(row: Booking, *, now: dt.datetime) -> None:
    """A time was booked or moved: both are told, and the member is reminded before it comes."""
    key = f"{row.ulid}:{row.moved}"
    _tell(row.card, "booking_made", key, now=now, at=row.starts_at, shop=row.store_ulid)
    _tell(row.card, "shop_booking_made", key, now=now, at=row.starts_at, store=row.store_ulid)
    due = rules.remind_at(row.starts_at, now)
    if due is not None:
        bus.publish(
            "counter.booking_due",
            {"booking": row.ulid, "starts_at": row.starts_at.isoformat()},
            key=key,
            available_at=due,
        )


def of_cancelling(row: Booking, *, by_store: bool, by_member: bool, now: dt.datetime) -> None:
    """A time was given up: whoever did not do it is told."""
    if not by_member:
        _tell(row.card, "booking_cancelled", row.ulid, now=now, at=row.starts_at, shop=row.store_ulid, reason=row.note)
    if not by_store:
        _tell(row.card, "shop_booking_cancelled", row.ulid, now=now, at=row.starts_at, store=row.store_ulid)


def of_missing(row: Booking, *, now: dt.datetime) -> None:
    """Nobody came."""
    _tell(row.card, "booking_missed", row.ulid, now=now, at=row.starts_at, shop=row.store_ulid)
    _tell(row.card, "shop_booking_missed", row.ulid, now=now, at=row.starts_at, store=row.store_ulid)


def remind(*, booking_ulid: str, starts_at: dt.datetime, now: dt.datetime) -> bool:
    """Remind a member of his time, if it is still that time and still to come; whether he was."""
    row = Booking.objects.select_related("card__terms", "card__member__user").filter(ulid=booking_ulid).first()
    if row is None or row.state != BookingState.BOOKED or row.starts_at != starts_at or starts_at <= now:
        return False
    _tell(row.card, "booking_due", f"{row.ulid}:{row.moved}", now=now, at=row.starts_at, shop=row.store_ulid)
    return True


def tell_of_ending(*, now: dt.datetime) -> int:
    """The round: cards with visits left that end within a month, or a week, each stage once; how many were told."""
    told = 0
    for card, stage in selectors.ending(now=now):
        with transaction.atomic():
            told += _tell(card, "card_ending", f"{card.ulid}:{stage}", now=now, at=card.expires_at)
    return told


def mark_read(*, seller_ulid: str, now: dt.datetime) -> int:
    """What a store was told so far is read; how many."""
    with transaction.atomic():
        return Told.objects.filter(seller_ulid=seller_ulid, read_at=None).update(read_at=now)


def _tell(
    card: Card,
    kind: str,
    key: str,
    *,
    now: dt.datetime,
    store: str = "",
    shop: str = "",
    used: int = 0,
    amount: int = 0,
    at: dt.datetime | None = None,
    reason: str = "",
) -> bool:
    """`store`: told to this store, else to the card's holder. `shop`: where it happened; empty: at the card's own."""
    place = sellers.seller(store or shop or card.seller_ulid)
    facts = Facts(
        card=card.terms.title,
        shop=place.name,
        unit=card.kind,
        left=card.left,
        used=used,
        amount=amount,
        at=at.isoformat() if at else "",
        reason=reason[:80],
    )
    row, is_new = Told.objects.get_or_create(
        key=f"{kind}:{key}"[:120],
        defaults={
            "kind": kind,
            "member": None if store else card.member,
            "seller_ulid": store,
            "facts": asdict(facts),
            "card_ulid": card.ulid,
            "at": now,
        },
    )
    if is_new and kind not in rules.NOT_TEXTED:
        _text(row, card, place, facts, now)
    return is_new


def _text(row: Told, card: Card, place: Seller, facts: Facts, now: dt.datetime) -> None:
    """The text message, in the mall's first language whoever's request it is; where the mall has switched texts on."""
    pinned = modes.current_settings(mode="orders", now=now)
    if pinned is None or not pinned.values.order_texts:
        return
    person = place.owner if row.seller_ulid else card.member
    if person is None or person.closed_at is not None or not person.user.phone:
        return
    with translation.override(settings.LANGUAGE_CODE):
        notices.send_notice(
            kind=row.kind, to_phone=person.user.phone, context=selectors.words(row.kind, facts), key=row.key
        )
