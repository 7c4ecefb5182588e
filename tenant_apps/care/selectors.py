"""Reads of reviews, invoices and shelves."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from django.db.models import Count, F, Q, QuerySet, Sum, Window

from saas.kernel.errors import NotFound
from saas.kernel.prepared import PreparedRead
from tenant_apps.care.desks import Hours
from tenant_apps.care.invoicing import TO_DO
from tenant_apps.care.models import Conversation, Desk, Invoice, Message, Review, Shelf
from tenant_apps.care.rules import average_tenths
from tenant_apps.care.talking import ComplaintRate, TalkKind, Turn
from tenant_apps.members.models import Member
from tenant_apps.orders import selectors as orders
from tenant_apps.orders.models import Order, OrderHistory
from tenant_apps.sellers import applications
from tenant_apps.sellers.models import Application

PAGE_SIZE = 20


@dataclass(frozen=True, kw_only=True)
class Summary:
    """All visible reviews of a product: how many, their average, the newest ones."""

    count: int
    tenths: int
    newest: tuple[Review, ...] = ()

    @property
    def average(self) -> str:
        """The average as it is read: 4.8."""
        return f"{self.tenths // 10}.{self.tenths % 10}"


def summary(product_ulid: str) -> Summary:
    """A product's visible reviews and the newest three (one prepared statement: every product page reads it)."""
    rows: list[Any] = _NEWEST.rows(product_ulid=product_ulid)
    if not rows:
        return Summary(count=0, tenths=0)
    count = rows[0].everybody
    return Summary(count=count, tenths=average_tenths(count, rows[0].all_stars), newest=tuple(rows))


def shown(product_ulid: str, *, stars: int = 0, with_photos: bool = False) -> QuerySet[Review]:
    """A product's visible reviews, the newest first, with their authors."""
    rows = Review.objects.filter(product_ulid=product_ulid, hidden_at=None).select_related("member__user")
    rows = rows.filter(stars=stars) if stars else rows
    rows = rows.exclude(photos=[], follow_photos=[]) if with_photos else rows
    return rows.order_by("-pk")


_NEWEST = PreparedRead(
    lambda product_ulid: shown(product_ulid).annotate(everybody=Window(Count("pk")), all_stars=Window(Sum("stars")))[
        :3
    ],
    product_ulid="?product",
)


def review(ulid: str) -> Review:
    """One review with its line and order. Raises NotFound."""
    row = Review.objects.select_related("line__order", "member__user").filter(ulid=ulid).first()
    if row is None:
        raise NotFound
    return row


def reviews_of_lines(line_ids: list[int]) -> dict[int, Review]:
    """Reviews by the row of their order's line (one statement)."""
    return {row.line_id: row for row in Review.objects.filter(line_id__in=line_ids)}


def reviews_of_member(member: Member) -> QuerySet[Review]:
    """What a member has written, newest first."""
    return Review.objects.filter(member=member).select_related("line__order").order_by("-pk")


def reviews(*, state: str = "", seller_ulid: str | None = None) -> QuerySet[Review]:
    """Reviews for staff and sellers, newest first: everything, unanswered, low (1 or 2 stars) or hidden."""
    rows = Review.objects.select_related("line__order", "member__user")
    if seller_ulid is not None:
        rows = rows.filter(seller_ulid=seller_ulid)
    narrowed = {
        "open": Q(replied_at=None, hidden_at=None),
        "low": Q(stars__lte=2, hidden_at=None),
        "hidden": Q(hidden_at__isnull=False),
    }
    return rows.filter(narrowed.get(state, Q())).order_by("-pk")


def stars_of_seller(seller_ulid: str) -> tuple[int, int]:
    """How many visible reviews a seller has, and the sum of their stars (one statement)."""
    found = Review.objects.filter(seller_ulid=seller_ulid, hidden_at=None).aggregate(
        count=Count("pk"), stars=Sum(F("stars"), default=0)
    )
    return found["count"], found["stars"]


def scores(sellers: Iterable[str]) -> dict[str, Summary]:
    """How many visible reviews these sellers have and their average (one statement); who has none is absent."""
    rows = Review.objects.filter(seller_ulid__in=set(sellers), hidden_at=None).values_list("seller_ulid")
    found = rows.annotate(count=Count("pk"), stars=Sum("stars"))
    return {ulid: Summary(count=count, tenths=average_tenths(count, stars)) for ulid, count, stars in found}


def invoice(ulid: str) -> Invoice:
    """One invoice with its order. Raises NotFound."""
    row = Invoice.objects.select_related("order").filter(ulid=ulid).first()
    if row is None:
        raise NotFound
    return row


def invoices_of_order(order: Order) -> QuerySet[Invoice]:
    """Every invoice asked for an order, newest first."""
    return Invoice.objects.filter(order=order).select_related("order").order_by("-pk")


def invoices_of_member(member: Member) -> QuerySet[Invoice]:
    """A member's invoices, newest first."""
    return Invoice.objects.filter(member=member).select_related("order").order_by("-pk")


def last_title(member: Member) -> Invoice | None:
    """The invoice that a member asked for last: its title is offered again."""
    return Invoice.objects.filter(member=member).order_by("-pk").first()


def invoices(*, state: str = "", seller_ulid: str | None = None) -> QuerySet[Invoice]:
    """Invoices for who issues them: `open` the oldest first, one state, or all the newest first."""
    rows = Invoice.objects.select_related("order")
    if seller_ulid is not None:
        rows = rows.filter(seller_ulid=seller_ulid)
    if state == "open":
        return rows.filter(state__in=sorted(TO_DO)).order_by("pk")
    return (rows if state in ("", "all") else rows.filter(state=state)).order_by("-pk")


def talk(ulid: str, *, member: Member | None = None, seller_ulid: str | None = None) -> Conversation:
    """One conversation; with `member` or `seller_ulid` only an own one. Raises NotFound."""
    row = Conversation.objects.select_related("member__user", "order").filter(ulid=ulid).first()
    if row is None or (member is not None and row.member_id != member.pk):
        raise NotFound
    if seller_ulid is not None and row.seller_ulid != seller_ulid:
        raise NotFound
    return row


def desk(seller_ulid: str) -> Desk:
    """How a seller (empty: the mall) answers; an empty desk if he never said."""
    return Desk.objects.filter(seller_ulid=seller_ulid).first() or Desk(seller_ulid=seller_ulid)


def hours_of(row: Desk) -> Hours:
    """The hours of a desk as the rules read them."""
    return Hours(tuple(row.days), row.start_minute, row.end_minute)


def messages_of(row: Conversation, *, limit: int = 100) -> list[Message]:
    """The newest messages of a conversation, the oldest of them first."""
    return list(reversed(Message.objects.filter(talk=row).order_by("-pk")[:limit]))


def talks(
    *, member: Member | None = None, seller_ulid: str | None = None, state: str = "", now: dt.datetime | None = None
) -> QuerySet[Conversation]:
    """Conversations of one party, or all for the mall, the last spoken in first.

    `state`: unread (by the mall), chats, complaints (not closed), mall (the mall decides), late (over their deadline).
    """
    rows = Conversation.objects.select_related("member__user", "order")
    rows = rows if member is None else rows.filter(member=member)
    rows = rows if seller_ulid is None else rows.filter(seller_ulid=seller_ulid)
    narrowed = {
        "unread": Q(mall_unread__gt=0, seller_ulid="") | Q(mall_unread__gt=0, kind=TalkKind.COMPLAINT),
        "chats": Q(kind=TalkKind.CHAT),
        "complaints": Q(kind=TalkKind.COMPLAINT) & ~Q(turn=Turn.CLOSED),
        "mall": Q(turn=Turn.MALL),
        "late": Q(due_at__lt=now),
    }
    rows = rows.filter(narrowed.get(state, Q()))
    return rows.order_by("due_at", "-pk") if state in ("mall", "late") else rows.order_by("-last_at", "-pk")


def unread_talks(*, member: Member | None = None, seller_ulid: str | None = None) -> int:
    """Messages that a party has not seen (one statement)."""
    name = "shopper_unread" if member is not None else "seller_unread"
    rows = talks(member=member, seller_ulid=seller_ulid)
    return int(rows.aggregate(sum=Sum(name, default=0))["sum"])


def complaint_rates(*, since: dt.datetime) -> list[ComplaintRate]:
    """Every seller with a complaint since then, the highest rate first; the mall's own goods are the seller ``."""
    found = (
        Conversation.objects.filter(kind=TalkKind.COMPLAINT, opened_at__gte=since)
        .values_list("seller_ulid")
        .annotate(all=Count("pk"), upheld=Count("pk", filter=Q(is_upheld=True)))
    )
    rows = {seller: (number, upheld) for seller, number, upheld in found}
    paid = orders.paid_by_seller(list(rows), since=since)
    rates = [ComplaintRate(one, paid.get(one, 0), number, upheld) for one, (number, upheld) in rows.items()]
    return sorted(rates, key=lambda one: (-one.rate_ppm, one.seller_ulid))


class Dated(Protocol):
    """A notice of somebody else's, as far as its place in the list goes."""

    @property
    def at(self) -> dt.datetime: ...


@dataclass(frozen=True)
class Told:
    """One notice: a step of an order (or, `is_order` off, somebody else's), whether it is unread, the words said."""

    row: Any
    is_unread: bool
    note: str
    is_order: bool = True


@dataclass(frozen=True)
class Notices:
    """A page of a member's notices, and how many he has not read, of all."""

    rows: list[Told]
    unread: int
    has_next: bool
    application: Application | None = None  # to open a shop, as the mall last answered it; on the first page
    application_at: dt.datetime | None = None
    is_application_unread: bool = False


_SAID = frozenset({"case_declined", "case_ruled", "refund_refused", "invoice_refused", "shipped", "parcel_sent"})


def notices(member: Member, *, page: int = 1, others: QuerySet[Any] | None = None) -> Notices:
    """What happened to a member's orders, parcels, cases and invoices, newest first (four statements).

    `others` are further notices with an instant `at` (of cards and bookings), the newest first: they stand between.
    """
    start = (max(page, 1) - 1) * PAGE_SIZE
    end = start + PAGE_SIZE + 1
    both: list[Dated] = [*orders.told(member)[:end], *(others[:end] if others is not None else ())]
    both.sort(key=lambda one: one.at, reverse=True)
    rows = both[start:end]
    read_at = shelf(member).notices_read_at
    asked, answered_at = _answered(member)
    return Notices(
        [_told(row, read_at) for row in rows[:PAGE_SIZE]],
        _unread(member, read_at, answered_at, others),
        len(rows) > PAGE_SIZE,
        asked if page <= 1 else None,
        answered_at,
        _is_new(answered_at, read_at),
    )


def unread_notices(member: Member, *, others: QuerySet[Any] | None = None) -> int:
    """How many notices a member has not read, with those of `others` (as `notices`; three statements, or four)."""
    return _unread(member, shelf(member).notices_read_at, _answered(member)[1], others)


def _told(row: Any, read_at: dt.datetime | None) -> Told:
    is_order = isinstance(row, OrderHistory)
    said = row.reason if is_order and row.action in _SAID else ""
    return Told(row, read_at is None or row.at > read_at, said, is_order)


def _answered(member: Member) -> tuple[Application | None, dt.datetime | None]:
    """His application to open a shop as the mall answered it, and when."""
    row = applications.answered_of(member)
    return row, applications.answered_at(row) if row else None


def _unread(
    member: Member,
    read_at: dt.datetime | None,
    answered_at: dt.datetime | None,
    others: QuerySet[Any] | None = None,
) -> int:
    kinds = [orders.told(member), *([others] if others is not None else [])]
    number = sum((rows.filter(at__gt=read_at) if read_at else rows).count() for rows in kinds)
    return number + _is_new(answered_at, read_at)


def _is_new(at: dt.datetime | None, read_at: dt.datetime | None) -> bool:
    return at is not None and (read_at is None or at > read_at)


def shelf(member: Member) -> Shelf:
    """What a member keeps; an empty shelf if he never kept anything."""
    return Shelf.objects.filter(member=member).first() or Shelf(member=member)
