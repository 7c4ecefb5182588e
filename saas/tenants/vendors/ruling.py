"""Operators rule about a mall's modes (FEATURES R6): approvals with reason and expiry, and stops. The cell is told by a fact."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from saas.identity import audit
from saas.kernel.errors import DomainError, InvalidInput, NotFound
from saas.messaging.bus import services as bus
from saas.tenants.approvals import MAX_APPROVAL_DAYS, RULED, RulingKind, Subject, subjects_of
from saas.tenants.vendors import selectors
from saas.tenants.vendors.models import Ruling


class ExpiryInvalid(InvalidInput):
    """An approval ends within a year; a stop may have no end."""

    code = "expiry_invalid"
    message = _("Give an expiry after now and within {days} days.")


class MiniProgramUnread(InvalidInput):
    """MODES 14 #1: never more than two rewarded levels, and never link 2+1, where a mall sells in a mini-program."""

    code = "mini_program_unread"
    message = _(
        "Confirm that this mall sells in no WeChat mini-program: rule 1 of the legal guard-rails allows it nowhere else."
    )


class NothingToRevoke(DomainError):
    """There is no approval, or no stop, in force."""

    code = "nothing_to_revoke"
    message = _("There is nothing in force that could be taken back.")


OFF_WECHAT = frozenset({Subject.THIRD_LEVEL, Subject.LINK21})


def approve_subject(
    *,
    mall: str,
    subject: str,
    until: dt.datetime,
    reason: str,
    opinion: str,
    actor: str,
    now: dt.datetime,
    off_wechat: bool = False,
) -> Ruling:
    """Open something flagged for one mall until an instant. Raises NotFound, InvalidInput, ExpiryInvalid, MiniProgramUnread."""
    if not opinion.strip():
        raise InvalidInput(str(_("Name the legal opinion that this rests on.")), field="opinion")
    if not now < until <= now + dt.timedelta(days=MAX_APPROVAL_DAYS):
        raise ExpiryInvalid(field="until", days=MAX_APPROVAL_DAYS)
    if subject in OFF_WECHAT and not off_wechat:
        raise MiniProgramUnread(field="off_wechat")
    return _rule(
        RulingKind.APPROVAL,
        mall,
        subject,
        is_on=True,
        until=until,
        reason=reason,
        opinion=opinion,
        actor=actor,
        now=now,
    )


def revoke_approval(*, mall: str, subject: str, reason: str, actor: str, now: dt.datetime) -> Ruling:
    """Take an approval back: new orders no longer use it. Raises NotFound, InvalidInput, NothingToRevoke."""
    return _rule(RulingKind.APPROVAL, mall, subject, is_on=False, reason=reason, actor=actor, now=now)


def stop_mode(
    *, mall: str, mode: str, reason: str, actor: str, now: dt.datetime, until: dt.datetime | None = None
) -> Ruling:
    """Stop one mode in one mall; its orders keep what they were sold under. Raises NotFound, InvalidInput, ExpiryInvalid."""
    if until is not None and until <= now:
        raise ExpiryInvalid(field="until", days=MAX_APPROVAL_DAYS)
    return _rule(RulingKind.STOP, mall, mode, is_on=True, until=until, reason=reason, actor=actor, now=now)


def lift_stop(*, mall: str, mode: str, reason: str, actor: str, now: dt.datetime) -> Ruling:
    """Let a stopped mode be used again. Raises NotFound, InvalidInput, NothingToRevoke."""
    return _rule(RulingKind.STOP, mall, mode, is_on=False, reason=reason, actor=actor, now=now)


def _rule(
    kind: RulingKind,
    mall: str,
    subject: str,
    *,
    is_on: bool,
    reason: str,
    actor: str,
    now: dt.datetime,
    until: dt.datetime | None = None,
    opinion: str = "",
) -> Ruling:
    if subject not in subjects_of(kind):
        raise InvalidInput(str(_("There is nothing of that name to rule on.")), field="subject")
    if not reason.strip():
        raise InvalidInput(str(_("Please give a reason.")), field="reason")
    with transaction.atomic():
        place = selectors.lock_place(mall)
        if place is None:
            raise NotFound
        newest = selectors.newest_rulings(mall)
        known = newest.get((kind, subject))
        if not is_on and (known is None or not known.is_on or (known.until is not None and known.until <= now)):
            raise NothingToRevoke
        ruling = Ruling(
            mall=mall,
            kind=kind,
            subject=subject,
            is_on=is_on,
            until=until,
            reason=reason.strip()[:300],
            opinion=opinion.strip()[:300],
            version=max((one.version for one in newest.values()), default=0) + 1,
            actor=actor,
            ruled_at=now,
        )
        ruling.save(force_insert=True)
        fact = {
            "kind": kind.value,
            "subject": subject,
            "is_on": is_on,
            "until": until.isoformat() if until else "",
            "reason": ruling.reason,
            "version": ruling.version,
            "ruled_at": now.isoformat(),
        }
        bus.publish(RULED, fact, key=f"{mall}:{ruling.version}", destination=place.cell.cell_id, mall=mall)
        audit.record(
            actor,
            f"mode.{kind.value}_{'on' if is_on else 'off'}",
            target=f"mall:{mall}",
            reason=ruling.reason,
            subject=subject,
            until=fact["until"],
            opinion=ruling.opinion,
            version=ruling.version,
        )
    return ruling
