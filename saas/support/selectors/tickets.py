"""Tickets, news, access and verification as pages show them."""

import datetime as dt
from collections.abc import Collection

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from saas.kernel.errors import NotFound
from saas.support.models import (
    Announcement,
    AnnouncementRead,
    SupportAct,
    SupportGrant,
    Ticket,
    TicketMessage,
    Verification,
)
from saas.support.rules import TicketState, VerificationState
from saas.tenants.vendors.models import Vendor


def tickets_of(vendor: Vendor) -> QuerySet[Ticket]:
    """A vendor's tickets, what changed last first."""
    return Ticket.objects.filter(vendor=vendor).order_by("-changed_at")


def tickets_waiting() -> QuerySet[Ticket]:
    """Tickets that wait for the platform, the oldest first."""
    return Ticket.objects.filter(state=TicketState.OPEN).select_related("vendor").order_by("changed_at")


def ticket(ulid: str, *, vendor: Vendor | None = None) -> Ticket:
    """A ticket; with `vendor`, only if it is theirs. Raises NotFound."""
    wanted = Q(ulid=ulid) if vendor is None else Q(ulid=ulid, vendor=vendor)
    found = Ticket.objects.filter(wanted).select_related("vendor").first()
    if found is None:
        raise NotFound
    return found


def messages_of(ticket: Ticket) -> QuerySet[TicketMessage]:
    """What was said, in order."""
    return TicketMessage.objects.filter(ticket=ticket).order_by("pk")


def news(*, plans: Collection[str], now: dt.datetime) -> list[Announcement]:
    """What a vendor with malls on these plans (codes) is shown now, the newest first."""
    running = Announcement.objects.filter(shown_from__lte=now).exclude(shown_until__lte=now)
    rows = running.order_by("-shown_from", "-pk")[:50]
    return [row for row in rows if not row.plans or set(row.plans) & set(plans)]


def announced() -> QuerySet[Announcement]:
    """All announcements with the number of malls where somebody has read them (`readers`), the newest first."""
    read = AnnouncementRead.objects.filter(announcement=OuterRef("pk")).order_by().values("announcement")
    return Announcement.objects.annotate(
        readers=Coalesce(Subquery(read.annotate(n=Count("pk")).values("n")), 0)
    ).order_by("-shown_from", "-pk")


def grants_of(vendor: Vendor) -> QuerySet[SupportGrant]:
    """Who of the platform asked to enter the vendor's malls, the newest first."""
    return SupportGrant.objects.filter(vendor=vendor).order_by("-pk")


def grants_of_mall(mall: str) -> QuerySet[SupportGrant]:
    """The same of one mall."""
    return SupportGrant.objects.filter(mall=mall).order_by("-pk")


def acts_of(grants: QuerySet[SupportGrant]) -> QuerySet[SupportAct]:
    """What was done with them, the newest first."""
    return SupportAct.objects.filter(grant__in=grants).select_related("grant").order_by("-pk")


def verification_of(vendor: Vendor) -> Verification | None:
    """What the vendor handed in, if anything."""
    return Verification.objects.filter(vendor=vendor).first()


def verifications_waiting() -> QuerySet[Verification]:
    """What waits for an operator, the oldest first."""
    waiting = Verification.objects.filter(state=VerificationState.IN_REVIEW)
    return waiting.select_related("vendor").order_by("submitted_at")
