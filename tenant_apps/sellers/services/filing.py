"""A seller's papers while he sells: new ones, checked by the mall; a warning 30 and 7 days before one runs out, then a pause."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext

from saas.identity import audit
from saas.kernel.clock import china_date
from saas.kernel.errors import InvalidInput, NotFound
from saas.messaging.notices import services as notices
from tenant_apps.members.models import Member
from tenant_apps.sellers.applying import WARN_DAYS, PaperKind, ends_on, running_out
from tenant_apps.sellers.models import Seller
from tenant_apps.sellers.rules import SellerState
from tenant_apps.sellers.services import papers
from tenant_apps.sellers.services.editing import locked, pause_seller


def add_seller_paper(
    *,
    seller_ulid: str,
    content: bytes,
    content_type: str,
    kind: str,
    title: str = "",
    category: str = "",
    until: dt.date | None = None,
    actor: str,
    member: Member | None = None,
    now: dt.datetime,
) -> Seller:
    """Add a paper to a seller's file. What he hands in himself (`member`) waits for the mall's look.

    Raises NotFound (also for another's), InvalidInput (paper…), ImageRefused.
    """
    if until is not None and until < china_date(now):
        raise InvalidInput(gettext("This paper has run out."), field="paper_until")
    with transaction.atomic():
        row = locked(seller_ulid)
        if member is not None and row.owner_id != member.pk:
            raise NotFound
        paper = papers.store_paper(
            content=content,
            content_type=content_type,
            kind=kind,
            title=title,
            category=category,
            until=until,
            held=len(row.papers),
        )
        if member is not None:
            paper["waits"] = True
        row.papers, row.updated_at = [*row.papers, paper], now
        if member is None:
            _renew(row, paper)
        row.save(update_fields=["papers", "updated_at", "licence_until"])
        audit.record(actor, "seller.paper_added", target=f"seller:{seller_ulid}", kind=kind, until=paper["until"])
    return row


def check_paper(*, seller_ulid: str, name: str, good: bool, actor: str, now: dt.datetime) -> Seller:
    """The mall has looked at a paper that a seller handed in: it counts from now on, or goes. Raises NotFound."""
    with transaction.atomic():
        row = locked(seller_ulid)
        paper = next((one for one in row.papers if one["file"] == name and one.get("waits")), None)
        if paper is None:
            raise NotFound
        checked = {key: value for key, value in paper.items() if key != "waits"}
        row.papers = [checked if one is paper else one for one in row.papers if good or one is not paper]
        if good:
            _renew(row, checked)
        row.updated_at = now
        row.save(update_fields=["papers", "updated_at", "licence_until"])
        word = "seller.paper_checked" if good else "seller.paper_removed"
        audit.record(actor, word, target=f"seller:{seller_ulid}", kind=paper["kind"], until=paper["until"])
    return row


def watch_papers(*, now: dt.datetime) -> int:
    """Warn owners of licences that run out, pause shops whose licence has run out (MODES 14 #16); how many shops."""
    touched = 0
    for row in Seller.objects.select_related("owner__user").filter(state=SellerState.ACTIVE).order_by("pk"):
        day = running_out(row.papers, row.licence_until)
        left = (day - china_date(now)).days if day else None
        stage = min((one for one in WARN_DAYS if left is not None and left <= one), default=0)
        if day is not None and left is not None and left < 0:
            pause_seller(
                ulid=row.ulid,
                actor="system",
                reason=gettext("A licence has run out on {day}.").format(day=day.isoformat()),
                now=now,
            )
            touched += 1
        elif stage != row.papers_warned:
            if stage and day is not None:
                _warn(row, day, stage)
                touched += 1
            Seller.objects.filter(pk=row.pk).update(papers_warned=stage)
    return touched


def _renew(row: Seller, paper: dict[str, str]) -> None:
    if paper["kind"] == PaperKind.LICENCE and paper["until"]:
        row.licence_until = max(ends_on(paper) or dt.date.min, row.licence_until or dt.date.min)


def _warn(row: Seller, day: dt.date, stage: int) -> None:
    with transaction.atomic():
        audit.record("system", "seller.papers_warned", target=f"seller:{row.ulid}", until=day.isoformat(), days=stage)
        phone = row.owner.user.phone if row.owner else ""
        if phone:
            notices.send_notice(
                kind="seller_licence",
                to_phone=phone,
                context={"shop": row.name, "day": day.isoformat()},
                key=f"seller_licence:{row.ulid}:{day}:{stage}",
            )
