"""News of the platform: on vendors' account pages, and as a banner in their malls (one fact for each cell)."""

import datetime as dt
from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from saas.identity import audit
from saas.kernel.errors import InvalidInput, NotFound
from saas.kernel.ids import new_ulid
from saas.messaging.bus import services as bus
from saas.support.models import Announcement, AnnouncementRead
from saas.support.rules import Audience
from saas.tenants.vendors import selectors as vendor_facts

CHANGED = "announcement.changed"


class BadAnnouncement(InvalidInput):
    """A title or text is missing in one of the languages, or it ends before it begins."""

    code = "bad_announcement"
    message = _("An announcement needs title and text in both languages, and an end after its beginning.")


class BadAudience(InvalidInput):
    """Nobody of that name is told in a mall."""

    code = "bad_audience"
    message = _("Choose who sees it in the malls.")


def announce(
    *,
    texts: dict[str, str],
    shown_from: dt.datetime,
    shown_until: dt.datetime | None,
    plans: Sequence[str] = (),
    audience: str = Audience.OWNERS,
    actor: str,
    now: dt.datetime,
) -> Announcement:
    """Show news to vendors, and to staff of malls. `texts`: title, title_en, body, body_en. `plans`: codes, empty for all.

    Raises BadAnnouncement, BadAudience.
    """
    for name in ("title", "title_en", "body", "body_en"):
        if not texts.get(name, "").strip():
            raise BadAnnouncement(field=name)
    if shown_until is not None and shown_until <= shown_from:
        raise BadAnnouncement(field="shown_until")
    if audience not in {one.value for one in Audience}:
        raise BadAudience(field="audience")
    with transaction.atomic():
        row = Announcement.objects.create(
            ulid=new_ulid(),
            title=texts["title"].strip()[:120],
            title_en=texts["title_en"].strip()[:120],
            body=texts["body"].strip(),
            body_en=texts["body_en"].strip(),
            shown_from=shown_from,
            shown_until=shown_until,
            plans=sorted(set(plans)),
            audience=audience,
            made_by=actor,
        )
        audit.record(
            actor, "announcement.made", target=f"announcement:{row.ulid}", plans=row.plans, audience=str(audience)
        )
        _tell(row, vendor_facts.cell_ids())
    return row


def withdraw(*, ulid: str, actor: str, now: dt.datetime) -> None:
    """Show it no longer, in malls neither. Raises NotFound."""
    with transaction.atomic():
        row = Announcement.objects.select_for_update().filter(ulid=ulid).first()
        if row is None:
            raise NotFound
        row.shown_until, row.version, cells = now, row.version + 1, row.told
        row.told = []
        row.save(update_fields=["shown_until", "version", "told"])
        audit.record(actor, "announcement.withdrawn", target=f"announcement:{ulid}")
        _tell(row, cells)


def tell_cell(*, cell_id: str, now: dt.datetime) -> None:
    """Tell a cell what runs and it does not know yet: one that was registered later."""
    with transaction.atomic():
        running = Announcement.objects.select_for_update().exclude(audience=Audience.NOBODY)
        for row in running.exclude(shown_until__lte=now).exclude(told__contains=[cell_id]):
            _tell(row, [cell_id])


def note_read(*, ulid: str, mall: str, at: dt.datetime) -> None:
    """Somebody in the mall has read it; the first time counts. Raises NotFound."""
    row = Announcement.objects.filter(ulid=ulid).first()
    if row is None:
        raise NotFound
    AnnouncementRead.objects.get_or_create(announcement=row, mall=mall, defaults={"at": at})


def _tell(row: Announcement, cells: Sequence[str]) -> None:
    if row.audience == Audience.NOBODY:
        return
    fact = {
        "ulid": row.ulid,
        "version": row.version,
        **{name: getattr(row, name) for name in ("title", "title_en", "body", "body_en", "plans", "audience")},
        "shown_from": row.shown_from.isoformat(),
        "shown_until": row.shown_until.isoformat() if row.shown_until else "",
    }
    for cell_id in cells:
        bus.publish(CHANGED, fact, key=f"{row.ulid}:{row.version}:{cell_id}", destination=cell_id, mall="")
    row.told = sorted({*row.told, *cells})
    row.save(update_fields=["told"])
