"""Tickets: a vendor asks, an operator answers, either closes; each answer is told to the vendor by notice."""

import datetime as dt

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from saas.identity import audit
from saas.kernel.errors import InvalidInput, NotFound
from saas.kernel.ids import new_ulid
from saas.messaging.notices import services as notices
from saas.support.models import Ticket, TicketMessage
from saas.support.rules import TicketState
from saas.tenants.vendors.models import Vendor

TEXT_MAX = 5_000


class TextMissing(InvalidInput):
    """Nothing was written, or too much."""

    code = "text_missing"
    message = _("Please write what it is about (at most 5,000 characters).")


def open_ticket(
    *,
    vendor: Vendor,
    mall: str,
    subject: str,
    text: str,
    by_platform: bool,
    author_name: str,
    actor: str,
    now: dt.datetime,
) -> Ticket:
    """A new ticket with its first message. Raises TextMissing."""
    if not subject.strip():
        raise TextMissing(field="subject")
    with transaction.atomic():
        ticket = Ticket.objects.create(
            ulid=new_ulid(),
            vendor=vendor,
            mall=mall,
            subject=subject.strip()[:120],
            state=TicketState.OPEN,
            opened_at=now,
            changed_at=now,
        )
        _say(ticket, text, by_platform, author_name, actor, now)
        audit.record(actor, "ticket.opened", target=f"ticket:{ticket.ulid}")
    return ticket


def answer(*, ulid: str, text: str, by_platform: bool, author_name: str, actor: str, now: dt.datetime) -> Ticket:
    """Say something; a closed ticket is open again. Raises NotFound, TextMissing."""
    with transaction.atomic():
        ticket = _locked(ulid)
        _say(ticket, text, by_platform, author_name, actor, now)
        audit.record(actor, "ticket.answered", target=f"ticket:{ticket.ulid}")
    return ticket


def close(*, ulid: str, actor: str, now: dt.datetime) -> Ticket:
    """Nothing is left to say. Raises NotFound."""
    with transaction.atomic():
        ticket = _locked(ulid)
        ticket.state, ticket.changed_at, ticket.closed_at = TicketState.CLOSED, now, now
        ticket.save(update_fields=["state", "changed_at", "closed_at"])
        audit.record(actor, "ticket.closed", target=f"ticket:{ticket.ulid}")
    return ticket


def _locked(ulid: str) -> Ticket:
    found = Ticket.objects.select_for_update(of=("self",)).select_related("vendor__owner").filter(ulid=ulid).first()
    if found is None:
        raise NotFound
    return found


def _say(ticket: Ticket, text: str, by_platform: bool, author_name: str, actor: str, now: dt.datetime) -> None:
    if not 1 <= len(text.strip()) <= TEXT_MAX:
        raise TextMissing(field="text")
    said = TicketMessage.objects.create(
        ticket=ticket, text=text.strip(), by_platform=by_platform, author=actor, author_name=author_name[:60], at=now
    )
    ticket.state = TicketState.ANSWERED if by_platform else TicketState.OPEN
    ticket.changed_at, ticket.closed_at = now, None
    ticket.save(update_fields=["state", "changed_at", "closed_at"])
    owner = ticket.vendor.owner
    if by_platform and (owner.email or owner.phone):
        to = {"to_email": owner.email} if owner.email else {"to_phone": owner.phone or ""}
        with translation.override("zh-hans"):
            notices.send_notice(
                kind="ticket_answered", context={"subject": ticket.subject}, key=f"ticket:{said.pk}", **to
            )
