"""News for vendors."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from saas.identity import audit
from saas.kernel.errors import InvalidInput, NotFound
from saas.kernel.ids import new_ulid
from saas.support.models import Announcement


class BadAnnouncement(InvalidInput):
    """A title or text is missing in one of the languages, or it ends before it begins."""

    code = "bad_announcement"
    message = _("An announcement needs title and text in both languages, and an end after its beginning.")


def announce(
    *, texts: dict[str, str], shown_from: dt.datetime, shown_until: dt.datetime | None, actor: str, now: dt.datetime
) -> Announcement:
    """Show news to every vendor. `texts`: title, title_en, body, body_en. Raises BadAnnouncement."""
    for name in ("title", "title_en", "body", "body_en"):
        if not texts.get(name, "").strip():
            raise BadAnnouncement(field=name)
    if shown_until is not None and shown_until <= shown_from:
        raise BadAnnouncement(field="shown_until")
    with transaction.atomic():
        row = Announcement.objects.create(
            ulid=new_ulid(),
            title=texts["title"].strip()[:120],
            title_en=texts["title_en"].strip()[:120],
            body=texts["body"].strip(),
            body_en=texts["body_en"].strip(),
            shown_from=shown_from,
            shown_until=shown_until,
            made_by=actor,
        )
        audit.record(actor, "announcement.made", target=f"announcement:{row.ulid}")
    return row


def withdraw(*, ulid: str, actor: str, now: dt.datetime) -> None:
    """Show it no longer. Raises NotFound."""
    with transaction.atomic():
        if not Announcement.objects.filter(ulid=ulid).update(shown_until=now):
            raise NotFound
        audit.record(actor, "announcement.withdrawn", target=f"announcement:{ulid}")
