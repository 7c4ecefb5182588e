"""Reads of what waits for a second person, and of what operators of the platform did in a mall."""

from django.db.models import QuerySet

from saas.identity.models import AuditRecord, PreparedAction
from saas.identity.rules import PreparedState
from saas.kernel.errors import NotFound


def prepared_action(ulid: str) -> PreparedAction:
    """One prepared action. Raises NotFound."""
    row = PreparedAction.objects.filter(ulid=ulid).first()
    if row is None:
        raise NotFound
    return row


def prepared_actions(*, state: str = "") -> QuerySet[PreparedAction]:
    """Prepared actions, newest first."""
    rows = PreparedAction.objects.order_by("-pk")
    return rows.filter(state=state) if state else rows


def open_action(*, kind: str, subject: str) -> PreparedAction | None:
    """What waits for a second person about this subject, or None. It may have expired (rules.state_now)."""
    return PreparedAction.objects.filter(kind=kind, subject=subject, state=PreparedState.OPEN).first()


def support_trail() -> QuerySet[AuditRecord]:
    """The audit rows of everybody of the platform who ever came in, the newest first."""
    guests = AuditRecord.objects.filter(action="support.entered").values("actor")
    return AuditRecord.objects.filter(actor__in=guests).order_by("-pk")
