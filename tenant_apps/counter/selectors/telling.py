"""Reads of what people were told of cards and bookings, in the reader's language; cards that end soon."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.translation import gettext, ngettext

from saas.kernel.clock import CHINA
from saas.kernel.money import display_yuan
from saas.messaging.notices.kinds import KINDS, placeholders
from tenant_apps.counter.models import Card, Told
from tenant_apps.counter.rules.cards import CardKind
from tenant_apps.counter.rules.telling import ENDING_DAYS, Facts, ending_stage
from tenant_apps.members.models import Member

PAGE_SIZE = 20


@dataclass(frozen=True)
class Line:
    """One notice as it is read: its heading, its sentence, the card it is about."""

    row: Told
    title: str
    text: str


def words(kind: str, facts: Facts) -> dict[str, str]:
    """What fills the texts of a kind of notice, in the active language."""
    at = dt.datetime.fromisoformat(facts.at).astimezone(CHINA) if facts.at else None
    known = {
        "card": facts.card,
        "shop": facts.shop,
        "left": _quantity(facts.unit, facts.left),
        "used": _quantity(facts.unit, facts.used),
        "amount": display_yuan(facts.amount),
        "time": at.strftime("%Y-%m-%d %H:%M") if at else "",
        "day": at.strftime("%Y-%m-%d") if at else "",
        "reason": facts.reason or "–",
    }
    return {name: known[name] for name in dict.fromkeys(("card", "shop", *placeholders(kind)))}


def line(row: Told) -> Line:
    """A notice in the active language."""
    kind, filled = KINDS[row.kind], words(row.kind, Facts(**row.facts))
    return Line(row, gettext(kind.subject).format(**filled), gettext(kind.body).format(**filled))


def told(member: Member) -> QuerySet[Told]:
    """What a member was told, the newest first."""
    return Told.objects.filter(member=member).order_by("-at", "-pk")


def told_store(seller_ulid: str) -> QuerySet[Told]:
    """What a store was told, the newest first."""
    return Told.objects.filter(seller_ulid=seller_ulid).exclude(seller_ulid="").order_by("-at", "-pk")


def unread_of_store(seller_ulid: str) -> int:
    """How much a store has not read."""
    return told_store(seller_ulid).filter(read_at=None).count()


def ending(*, now: dt.datetime, limit: int = 500) -> list[tuple[Card, int]]:
    """Cards with visits left that end soon, each with the stage (days) its holder was not told of (two statements)."""
    rows = Card.objects.filter(
        expires_at__gt=now,
        expires_at__lte=now + dt.timedelta(days=ENDING_DAYS[0]),
        kind=CardKind.VISIT,
        closed_at=None,
    ).select_related("terms", "member__user")
    due: dict[str, tuple[Card, int]] = {}
    for card in rows.order_by("expires_at", "pk"):
        stage = ending_stage(card.issued_at, card.expires_at, now) if card.expires_at else None
        if card.visits_left and stage is not None:
            due[f"card_ending:{card.ulid}:{stage}"] = (card, stage)
    known = set(Told.objects.filter(key__in=list(due)).values_list("key", flat=True))
    return [found for key, found in due.items() if key not in known][:limit]


def _quantity(unit: str, number: int) -> str:
    if unit == CardKind.STORED:
        return display_yuan(number)
    return ngettext("{number} visit", "{number} visits", number).format(number=number)
