"""Conversations between shopper, seller and mall, and complaints in them: opened, said, escalated, decided."""

import datetime as dt
from collections.abc import Sequence

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from saas.identity import audit, limits
from saas.kernel.errors import DomainError, InvalidInput, NotFound
from saas.kernel.ids import new_ulid
from saas.kernel.states import IllegalTransition, check_transition
from saas.messaging.bus import services as bus
from tenant_apps.care.desks import AGAIN
from tenant_apps.care.models import Conversation, Message
from tenant_apps.care.services import blocking, desks
from tenant_apps.care.talking import (
    MAX_MESSAGE,
    REMINDER,
    TRANSITIONS,
    Party,
    Subject,
    TalkKind,
    Turn,
    due,
)
from tenant_apps.catalog import selectors as catalog
from tenant_apps.members.models import Member
from tenant_apps.orders import selectors as orders
from tenant_apps.orders.services import evidence
from tenant_apps.sellers import selectors as sellers

FOLDER = "talks"
AWAY = "system:away"  # who says the automatic answer
_SEES = {Party.SHOPPER: "shopper_unread", Party.SELLER: "seller_unread", Party.MALL: "mall_unread"}


class ComplaintOpen(DomainError):
    """An order has one complaint at a time."""

    code = "complaint_open"
    message = _("There is an open complaint about this order already.")  # type: ignore[assignment]


def open_chat(
    *, member: Member, now: dt.datetime, seller_ulid: str = "", order_ulid: str = "", product_ulid: str = ""
) -> Conversation:
    """The one chat of a shopper with a seller (empty: the mall), with the order or product that is now in view.

    Raises NotFound: no such seller, product, or an order that is not his.
    """
    order = orders.order_header(member, order_ulid) if order_ulid else None
    seller_ulid = order.seller_ulid if order else seller_ulid
    if product_ulid:
        seller_ulid = catalog.product_page(product_ulid, any_status=True).seller_ulid
    if seller_ulid:
        sellers.seller(seller_ulid)
    with transaction.atomic():
        talk, _made = Conversation.objects.get_or_create(
            member=member,
            seller_ulid=seller_ulid,
            kind=TalkKind.CHAT,
            defaults={"ulid": new_ulid(), "turn": Turn.OPEN, "opened_at": now, "last_at": now},
        )
        if order or product_ulid:
            talk.order, talk.product_ulid = order, product_ulid
            talk.save(update_fields=["order", "product_ulid"])
    return talk


def complain(
    *,
    order_ulid: str,
    member: Member,
    subject: str,
    text: str,
    now: dt.datetime,
    photos: Sequence[tuple[bytes, str]] = (),
) -> Conversation:
    """A shopper complains about an order: its seller answers in time, or the mall decides; for own goods the mall at once.

    Raises NotFound, ComplaintOpen, InvalidInput (subject, text, photos), WordBlocked, TooManyAttempts; nothing has changed.
    """
    if subject not in list(Subject):
        raise InvalidInput(gettext("Say what it is about."), field="subject")
    with transaction.atomic():
        order = orders.locked_order(order_ulid)
        if order.member_id != member.pk or order.paid_at is None:
            raise NotFound
        if Conversation.objects.filter(order=order, kind=TalkKind.COMPLAINT).exclude(turn=Turn.CLOSED).exists():
            raise ComplaintOpen
        talk = Conversation.objects.create(
            ulid=new_ulid(),
            member=member,
            seller_ulid=order.seller_ulid,
            kind=TalkKind.COMPLAINT,
            subject=subject,
            order=order,
            turn=Turn.SELLER if order.seller_ulid else Turn.MALL,
            opened_at=now,
            last_at=now,
        )
        say(talk_ulid=talk.ulid, party=Party.SHOPPER, actor=f"member:{member.ulid}", text=text, photos=photos, now=now)
        talk.refresh_from_db()
        _run(talk, now)
    return talk


def say(
    *,
    talk_ulid: str,
    party: Party,
    actor: str,
    text: str,
    now: dt.datetime,
    photos: Sequence[tuple[bytes, str]] = (),
    member: Member | None = None,
    seller_ulid: str | None = None,
) -> Message:
    """One message; the others have it unread. With `member` or `seller_ulid` only in an own conversation.

    Raises NotFound, IllegalTransition (a closed complaint), InvalidInput (text, photos), WordBlocked, TooManyAttempts.
    """
    words = text.strip()
    if len(words) > MAX_MESSAGE or not (words or photos):
        raise InvalidInput(gettext("Write 1 to {number} characters.").format(number=MAX_MESSAGE), field="text")
    blocking.require_allowed(words, now=now)
    with transaction.atomic():
        talk = _locked(talk_ulid, member=member, seller_ulid=seller_ulid)
        if talk.turn == Turn.CLOSED:
            raise IllegalTransition(current=talk.turn, wanted=Turn.OPEN)
        if party is not Party.MALL:
            wanted = [limits.Limit("talk.person", actor)]
            limits.check(wanted, now=now)
            limits.record(wanted, now=now)
        names = evidence.store_photos(photos, folder=FOLDER)
        message = _add(talk, party, actor, words, now, names)
        if party is Party.SHOPPER and talk.kind == TalkKind.CHAT:
            _answer_away(talk, now)
        return message


def _answer_away(talk: Conversation, now: dt.datetime) -> None:
    """Outside the hours of whoever is asked, the answer that he wrote for it; for the shopper alone, and not at every word."""
    words = desks.away_text(talk.seller_ulid, now=now)
    said = Message.objects.filter(talk=talk, party=Party.CLOCK, actor=AWAY, at__gt=now - AGAIN)
    if words and not said.exists():
        Message.objects.create(talk=talk, party=Party.CLOCK, actor=AWAY, text=words, at=now)
        Conversation.objects.filter(pk=talk.pk).update(shopper_unread=F("shopper_unread") + 1)


def mark_read(*, talk: Conversation, party: Party) -> None:
    """A party has seen everything said so far."""
    if getattr(talk, _SEES[party]):
        with transaction.atomic():
            Conversation.objects.filter(pk=talk.pk).update(**{_SEES[party]: 0})


def escalate(*, talk_ulid: str, member: Member, now: dt.datetime) -> Conversation:
    """The shopper calls the mall, once the seller has answered. Raises NotFound, IllegalTransition."""
    with transaction.atomic():
        talk = _locked(talk_ulid, member=member)
        if not Message.objects.filter(talk=talk, party=Party.SELLER).exists():
            raise IllegalTransition(current=talk.turn, wanted=Turn.MALL)
        _to_mall(talk, gettext("The shopper asks the mall to decide."), now)
    return talk


def settle(*, talk_ulid: str, member: Member, now: dt.datetime) -> Conversation:
    """The shopper is content: his complaint is closed, and counts as not upheld. Raises NotFound, IllegalTransition."""
    with transaction.atomic():
        talk = _locked(talk_ulid, member=member)
        _close(talk, gettext("The shopper has closed the complaint."), f"member:{member.ulid}", now, upheld=False)
    return talk


def decide(*, talk_ulid: str, actor: str, note: str, upheld: bool, now: dt.datetime) -> Conversation:
    """The mall closes a complaint with its decision, which both read. Raises NotFound, IllegalTransition, InvalidInput (note)."""
    if not note.strip():
        raise InvalidInput(gettext("Please say why."), field="note")
    with transaction.atomic():
        talk = _locked(talk_ulid)
        if talk.turn != Turn.MALL:
            raise IllegalTransition(current=talk.turn, wanted=Turn.CLOSED)
        _close(talk, note.strip()[:200], actor, now, upheld=upheld)
        audit.record(actor, "complaint.decided", target=f"complaint:{talk.ulid}", reason=talk.decision, upheld=upheld)
    return talk


def follow_complaint(*, talk_ulid: str, now: dt.datetime) -> bool:
    """What the clock does: reminds a day before the deadline, then takes a complaint from the seller to the mall.

    Whether it did anything; a repeat changes nothing. The mall is reminded each day after its own deadline.
    """
    with transaction.atomic():
        talk = _locked(talk_ulid)
        if talk.due_at is None or now < talk.due_at - REMINDER:
            return False
        if now < talk.due_at:
            if talk.reminders:
                return False
            talk.reminders = 1
            talk.save(update_fields=["reminders"])
            _add(talk, Party.CLOCK, "system", gettext("Please answer: the time is over in a day."), now)
            return True
        if talk.turn == Turn.SELLER:
            _to_mall(talk, gettext("The seller did not answer in time. The mall decides."), now)
            return True
        days = 1 + (now - talk.due_at).days
        if talk.reminders > days:
            return False
        talk.reminders = days + 1
        talk.save(update_fields=["reminders"])
        _add(talk, Party.CLOCK, "system", gettext("The mall’s time for this complaint is over."), now)
        _remind(talk, now + REMINDER)
        return True


def read_photo(talk: Conversation, name: str) -> bytes:
    """A picture of a conversation, JPEG. Raises NotFound."""
    row = Message.objects.filter(talk=talk, photos__contains=[name]).first()
    return evidence.read_photo(row.photos if row else [], name, folder=FOLDER)


def _to_mall(talk: Conversation, words: str, now: dt.datetime) -> None:
    check_transition(TRANSITIONS, Turn(talk.turn), Turn.MALL)
    talk.turn = Turn.MALL
    _add(talk, Party.CLOCK, "system", words, now)
    talk.refresh_from_db()
    talk.turn = Turn.MALL
    _run(talk, now)


def _close(talk: Conversation, note: str, actor: str, now: dt.datetime, *, upheld: bool) -> None:
    check_transition(TRANSITIONS, Turn(talk.turn), Turn.CLOSED)
    party = Party.MALL if actor.startswith("user:") else Party.SHOPPER
    _add(talk, party, actor, note, now)
    Conversation.objects.filter(pk=talk.pk).update(
        turn=Turn.CLOSED, due_at=None, decision=note, decided_by=actor, decided_at=now, is_upheld=upheld
    )
    talk.refresh_from_db()


def _run(talk: Conversation, now: dt.datetime) -> None:
    """The clock of whoever's turn it is starts."""
    terms = blocking.terms(now)
    talk.due_at = due(
        Turn(talk.turn), now, seller_days=terms.complaint_seller_days, mall_days=terms.complaint_mall_days
    )
    talk.reminders = 0
    talk.save(update_fields=["turn", "due_at", "reminders"])
    if talk.due_at is not None:
        _remind(talk, max(now, talk.due_at - REMINDER))
        _remind(talk, talk.due_at)


def _remind(talk: Conversation, at: dt.datetime) -> None:
    bus.publish(
        "care.complaint_due", {"talk": talk.ulid}, key=f"{talk.ulid}:{talk.turn}:{at:%Y%m%d%H%M%S}", available_at=at
    )


def _add(
    talk: Conversation, party: Party, actor: str, text: str, now: dt.datetime, photos: Sequence[str] = ()
) -> Message:
    message = Message.objects.create(talk=talk, party=party, actor=actor, text=text, photos=list(photos), at=now)
    more = {name: F(name) + 1 for who, name in _SEES.items() if who is not party}
    if not talk.seller_ulid:
        more.pop("seller_unread", None)
    Conversation.objects.filter(pk=talk.pk).update(last_text=text[:80], last_at=now, **more)
    return message


def _locked(ulid: str, *, member: Member | None = None, seller_ulid: str | None = None) -> Conversation:
    talk = Conversation.objects.select_for_update().filter(ulid=ulid).first()
    if talk is None or (member is not None and talk.member_id != member.pk):
        raise NotFound
    if seller_ulid is not None and talk.seller_ulid != seller_ulid:
        raise NotFound
    return talk
