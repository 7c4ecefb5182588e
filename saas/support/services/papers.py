"""Files of launch items: added and taken back by the vendor, read by both sides; and the round of those that expire."""

import datetime as dt
import logging
from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from saas.identity import audit
from saas.kernel import papers
from saas.kernel.clock import china_date
from saas.kernel.errors import DomainError, InvalidInput, NotFound
from saas.kernel.ids import new_ulid
from saas.support.models import LaunchFile, LaunchItem
from saas.support.rules import FILE_MAX_BYTES, FILES_MAX, REMIND_DAYS, SETTLED, ItemState, reminder_due
from saas.support.services import checklist, telling

logger = logging.getLogger(__name__)


class FileRefused(InvalidInput):
    """Neither a PDF nor a picture, empty, or too large."""

    code = "launch_file_refused"
    message = _("A file has to be a PDF, JPEG or PNG of at most 5 MB.")


class TooManyFiles(InvalidInput):
    """An item holds a handful of files."""

    code = "too_many_launch_files"
    message = _("An item holds at most six files; remove one first.")


class FileKept(DomainError):
    """What an item was settled with stays."""

    code = "launch_file_kept"
    message = _("The item is settled; its files stay.")


def add_file(*, mall: str, key: str, name: str, content: bytes, actor: str, now: dt.datetime) -> LaunchFile:
    """Put a paper to an item. Raises NotFound, FileRefused, TooManyFiles."""
    kind = papers.kind_of_file(content)
    if kind is None or len(content) > FILE_MAX_BYTES:
        raise FileRefused(field="file")
    with transaction.atomic():
        item = LaunchItem.objects.select_for_update().filter(mall=mall, key=key).first()
        if item is None:
            raise NotFound
        if LaunchFile.objects.filter(item=item).count() >= FILES_MAX:
            raise TooManyFiles(field="file")
        row = LaunchFile.objects.create(
            ulid=new_ulid(),
            item=item,
            name=name.strip()[-120:] or f"{key}.{papers.ENDINGS[kind]}",
            kind=kind,
            size=len(content),
            content=content,
            added_by=actor,
            added_at=now,
        )
        audit.record(actor, "launch_item.file_added", target=f"mall:{mall}", key=key, file=row.ulid, name=row.name)
    return row


def hand_in(
    *,
    mall: str,
    key: str,
    reference: str,
    expires_on: dt.date | None,
    files: Sequence[tuple[str, bytes]],
    actor: str,
    now: dt.datetime,
) -> LaunchItem:
    """An item with its number and its files (name, content), all or nothing. Raises what its two halves raise."""
    with transaction.atomic():
        for name, content in files:
            add_file(mall=mall, key=key, name=name, content=content, actor=actor, now=now)
        return checklist.submit_item(
            mall=mall, key=key, reference=reference, expires_on=expires_on, actor=actor, now=now
        )


def remove_file(*, mall: str, ulid: str, actor: str, now: dt.datetime) -> None:
    """Take a paper back while its item is not settled. Raises NotFound, FileKept."""
    with transaction.atomic():
        row = LaunchFile.objects.select_related("item").defer("content").filter(ulid=ulid, item__mall=mall).first()
        if row is None:
            raise NotFound
        item = LaunchItem.objects.select_for_update().get(pk=row.item_id)
        if item.state in SETTLED:
            raise FileKept
        row.delete()
        audit.record(actor, "launch_item.file_removed", target=f"mall:{mall}", key=item.key, file=ulid, name=row.name)


def remind_expiring(*, now: dt.datetime) -> int:
    """The round: tell vendors of papers that end within thirty and seven days, open items whose papers ended; how many.

    Repeating it tells nobody twice. One item's trouble does not stop the others.
    """
    today = china_date(now)
    soon = today + dt.timedelta(days=max(REMIND_DAYS))
    done = 0
    for pk in LaunchItem.objects.filter(state=ItemState.DONE, expires_on__lte=soon).values_list("pk", flat=True):
        try:
            done += _remind(pk, today, now)
        except Exception:
            logger.exception("launch item %s: its end could not be told", pk)
    return done


def _remind(pk: int, today: dt.date, now: dt.datetime) -> int:
    with transaction.atomic():
        item = LaunchItem.objects.select_for_update().filter(pk=pk, state=ItemState.DONE).first()
        days = reminder_due(item.expires_on, today) if item and item.expires_on else None
        if item is None or days is None:
            return 0
        telling.tell_expiring(item, days=days)
        if days == 0:
            checklist.expire_item(item=item, actor="system", now=now)
    return 1
