"""What takes two persons: one prepares, another approves. Who carries it out is the caller's business.

`approve_action` only records the second person; the caller runs it and the service it stands for in one transaction, so
that a refusal of the service leaves the action open.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from saas.identity import audit
from saas.identity.models import PreparedAction
from saas.identity.rules import OPEN_DAYS, PREPARED_TRANSITIONS, PreparedState, state_now
from saas.kernel.errors import DomainError, InvalidInput, NotFound
from saas.kernel.ids import new_ulid
from saas.kernel.states import check_transition

REASON_LENGTH = 300


class SecondPersonNeeded(DomainError):
    """This takes two persons: it has to be prepared, and approved by somebody else. Everything else is in order.

    `asked` is what `prepare_action` takes: kind, subject, payload, reason.
    """

    code = "second_person_needed"
    message = _("This takes two persons: one prepares it, another approves it.")

    def __init__(self, *, kind: str, subject: str, payload: Mapping[str, Any], reason: str) -> None:
        super().__init__()
        self.asked: dict[str, Any] = {"kind": kind, "subject": subject, "payload": dict(payload), "reason": reason}


class SamePerson(DomainError):
    """Whoever prepared something cannot approve or refuse it himself."""

    code = "same_person"
    http_status = 403
    message = _("You prepared this yourself: somebody else has to decide about it.")


class AlreadyPrepared(DomainError):
    """Something about the same subject waits for its second person already."""

    code = "already_prepared"
    message = _("Something about this waits for a second person already: let it be decided, or withdraw it first.")


class ActionExpired(DomainError):
    """Nobody decided in time: it has to be prepared again."""

    code = "action_expired"
    message = _("Nobody decided about this in time. Please prepare it again.")


class ActionDecided(DomainError):
    """It has been decided, withdrawn or given up already."""

    code = "action_decided"
    message = _("This has been decided already.")


def prepare_action(
    *,
    kind: str,
    subject: str,
    payload: Mapping[str, Any],
    reason: str,
    actor: str,
    now: dt.datetime,
    days: int = OPEN_DAYS,
) -> PreparedAction:
    """Keep what a second person shall approve within `days` days. `payload` is JSON, without secrets.

    Raises InvalidInput (reason), AlreadyPrepared (one open action a kind and subject).
    """
    if not reason.strip():
        raise InvalidInput(str(_("Please say why.")), field="reason")
    with transaction.atomic():
        before = PreparedAction.objects.select_for_update().filter(kind=kind, subject=subject, state=PreparedState.OPEN)
        for row in before:
            if state_now(row.state, row.expires_at, now) is not PreparedState.EXPIRED:
                raise AlreadyPrepared
            _decide(row, PreparedState.EXPIRED, "system", "", now)
        row, made = PreparedAction.objects.get_or_create(
            kind=kind,
            subject=subject,
            state=PreparedState.OPEN,
            defaults={
                "ulid": new_ulid(),
                "payload": dict(payload),
                "reason": reason.strip()[:REASON_LENGTH],
                "prepared_by": actor,
                "prepared_at": now,
                "expires_at": now + dt.timedelta(days=days),
            },
        )
        if not made:  # somebody else was quicker
            raise AlreadyPrepared
        audit.record(actor, "action.prepared", target=subject, reason=row.reason, kind=kind, prepared=row.ulid)
    return row


def approve_action(*, ulid: str, actor: str, now: dt.datetime) -> PreparedAction:
    """Record the second person. In the caller's transaction, together with what is then carried out.

    Raises NotFound, SamePerson, ActionExpired, ActionDecided.
    """
    with transaction.atomic():
        row = _locked(ulid)
        if actor == row.prepared_by:
            raise SamePerson
        if state_now(row.state, row.expires_at, now) is PreparedState.EXPIRED:
            raise ActionExpired
        _decide(row, PreparedState.APPROVED, actor, "", now)
    return row


def refuse_action(*, ulid: str, reason: str, actor: str, now: dt.datetime) -> PreparedAction:
    """The second person says no, with a reason. Raises NotFound, InvalidInput, SamePerson, ActionDecided."""
    if not reason.strip():
        raise InvalidInput(str(_("Please say why.")), field="reason")
    with transaction.atomic():
        row = _locked(ulid)
        if actor == row.prepared_by:
            raise SamePerson
        _decide(row, PreparedState.REFUSED, actor, reason.strip()[:REASON_LENGTH], now)
    return row


def withdraw_action(*, ulid: str, actor: str, now: dt.datetime) -> PreparedAction:
    """Whoever prepared it takes it back. Raises NotFound (also for anybody else), ActionDecided."""
    with transaction.atomic():
        row = _locked(ulid)
        if actor != row.prepared_by:
            raise NotFound
        _decide(row, PreparedState.WITHDRAWN, actor, "", now)
    return row


def require_second(
    *, actor: str, approved_by: str, kind: str, subject: str, payload: Mapping[str, Any], reason: str
) -> None:
    """Raise SecondPersonNeeded unless somebody else than the actor approved: the guard of a service that takes two.

    Called when everything else has been checked; `payload` is what the service is called with once approved.
    """
    if not approved_by or approved_by == actor:
        raise SecondPersonNeeded(kind=kind, subject=subject, payload=payload, reason=reason)


def _locked(ulid: str) -> PreparedAction:
    row = PreparedAction.objects.select_for_update().filter(ulid=ulid).first()
    if row is None:
        raise NotFound
    if row.state != PreparedState.OPEN:
        raise ActionDecided
    return row


def _decide(row: PreparedAction, state: PreparedState, actor: str, reason: str, now: dt.datetime) -> None:
    check_transition(PREPARED_TRANSITIONS, PreparedState(row.state), state)
    row.state, row.decided_by, row.decided_at, row.decision_reason = state, actor, now, reason
    row.save(update_fields=["state", "decided_by", "decided_at", "decision_reason"])
    audit.record(
        actor,
        f"action.{state.value}",
        target=row.subject,
        reason=reason or row.reason,
        kind=row.kind,
        prepared=row.ulid,
    )
