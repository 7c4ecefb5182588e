"""The desk of a seller or the mall: its ready answers, hours, and the automatic answer outside them."""

import datetime as dt
from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from saas.identity import audit
from saas.kernel.clock import CHINA
from saas.kernel.errors import InvalidInput
from tenant_apps.care import selectors
from tenant_apps.care.desks import Hours, desk_fault
from tenant_apps.care.models import Desk
from tenant_apps.care.services.blocking import require_allowed
from tenant_apps.sellers import selectors as sellers

_MESSAGES = {
    "answers": _("Up to 12 ready answers, one a line, each of at most 200 characters."),
    "days": _("Choose days of the week."),
    "start": _("The hours begin at a time such as 09:00, and end at another."),
    "end": _("The hours end at a time such as 18:00."),
    "away": _("The automatic answer has at most 200 characters, and needs the days on which you answer."),
}


class DeskInvalid(InvalidInput):
    """A field of a desk is impossible; `field` names it."""

    code = "desk_invalid"


def save_desk(
    *, seller_ulid: str, answers: Sequence[str], hours: Hours, away: str, actor: str, now: dt.datetime
) -> Desk:
    """Keep how a seller (empty: the mall) answers. Raises DeskInvalid naming the field, WordBlocked, NotFound."""
    texts, words = [one.strip() for one in answers if one.strip()], away.strip()
    if field := desk_fault(texts, hours, words):
        raise DeskInvalid(_MESSAGES[field], field=field)
    for text in (*texts, words):
        require_allowed(text, now=now, field="away" if text == words else "answers")
    if seller_ulid:
        sellers.seller(seller_ulid)
    with transaction.atomic():
        row, _made = Desk.objects.update_or_create(
            seller_ulid=seller_ulid,
            defaults={
                "answers": texts,
                "days": sorted(hours.days),
                "start_minute": hours.start,
                "end_minute": hours.end,
                "away": words,
                "changed_by": actor,
                "changed_at": now,
            },
        )
        audit.record(actor, "service_desk.changed", target=f"desk:{seller_ulid or 'mall'}")
    return row


def away_text(seller_ulid: str, *, now: dt.datetime) -> str:
    """What is said by itself at `now`; empty within the hours, and where none was written."""
    row = selectors.desk(seller_ulid)
    return "" if not row.away or selectors.hours_of(row).are_open(now.astimezone(CHINA)) else row.away
