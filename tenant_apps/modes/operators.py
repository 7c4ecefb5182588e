"""What operators rule about this mall's modes: received as a fact, kept, and held against new settings."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as lazy

from saas.identity import audit
from saas.identity.models import User
from saas.identity.roles import Role
from saas.kernel.errors import DomainError
from saas.messaging.bus import services as bus
from saas.messaging.notices import services as notices
from saas.tenants.approvals import RulingKind, Subject
from saas.tenants.malls.activation import active_mall_ulid
from tenant_apps.modes import selectors, sentences
from tenant_apps.modes.contract import Problem, Refusal
from tenant_apps.modes.contract import noop as _
from tenant_apps.modes.models import ModeRuling
from tenant_apps.modes.registry import MODES
from tenant_apps.modes.rulings import is_on

SUBJECT_WORDS: dict[str, str] = {
    Subject.LINK21: _("Link 2+1 (rules 1, 4 and 5 of the legal guard-rails)"),
    Subject.THIRD_LEVEL: _("A third distribution level (rules 1 and 5 of the legal guard-rails)"),
    Subject.SUBSIDY: _("The universal subsidy (rules 9 and 10 of the legal guard-rails)"),
    Subject.GIFT_PACK_AGENCY: _("Gift packs that grant an agency (rules 3, 4 and 20 of the legal guard-rails)"),
}


def _field(subject: Subject, mode: str) -> str:
    """The setting that asks for an approval, where one does."""
    if subject is not Subject.THIRD_LEVEL:
        return ""
    return "rate_ppm" if mode == "distribution" else "max_depth"


class ApprovalMissing(DomainError):
    """Something that MODES 14 flags has not been opened for this mall, or the approval has run out."""

    code = "approval_missing"
    http_status = 422
    message = lazy("{subject} opens only after the platform's approval for this mall, which is missing or has expired.")


def problems(mode: str, settings: Any, *, now: dt.datetime) -> list[Problem]:
    """What operators' rulings and the plan have against switching a mode on with these settings."""
    if not is_on(settings):
        return []
    found: list[Problem] = []
    ruled, planned = selectors.rulings(), selectors.planned_modes()
    stop = ruled.stop(mode, now)
    if stop is not None:
        found.append(
            Refusal(
                code="mode_stopped",
                message=_("The platform has stopped {mode_word} in this mall: {reason}"),
                data={"mode_word": MODES[mode].label, "reason": stop.reason},
            )
        )
    if planned is not None and mode not in planned:
        found.append(
            Refusal(
                code="mode_not_in_plan",
                message=_("{mode_word} is not part of this mall's plan."),
                data={"mode_word": MODES[mode].label},
            )
        )
    for subject in ruled.missing(mode, settings, now):
        found.append(
            Refusal(
                code="approval_missing",
                field=_field(subject, mode),
                message=_(
                    "{subject_word} opens only after the platform's approval for this mall, which is missing or has expired ({mode_word})."
                ),
                data={"mode_word": MODES[mode].label, "subject_word": SUBJECT_WORDS[subject]},
            )
        )
    return found


def require_approval(subject: Subject, *, now: dt.datetime) -> None:
    """Raise ApprovalMissing unless operators have opened `subject` for this mall and the approval still holds."""
    if not selectors.approved(subject, now=now):
        raise ApprovalMissing(subject=subject_text(RulingKind.APPROVAL, subject))


def receive_ruling(*, fact: Mapping[str, Any], now: dt.datetime) -> bool:
    """Keep a ruling that control sent; whether it was news. Facts may come twice and in any order: `version` decides.

    `fact`: kind, subject, is_on, until (ISO instant or empty), reason, version, ruled_at.
    """
    kind, subject, version = RulingKind(fact["kind"]), str(fact["subject"]), int(fact["version"])
    until = dt.datetime.fromisoformat(fact["until"]) if fact["until"] else None
    values = {
        "is_on": bool(fact["is_on"]),
        "until": until,
        "reason": str(fact["reason"])[:300],
        "version": version,
        "ruled_at": dt.datetime.fromisoformat(fact["ruled_at"]),
    }
    with transaction.atomic():
        row, made = ModeRuling.objects.select_for_update().get_or_create(kind=kind, subject=subject, defaults=values)
        if not made:
            if version <= row.version:
                return False
            for name, value in values.items():
                setattr(row, name, value)
            row.save()
        audit.record(
            "operators",
            f"mode.{kind.value}_{'on' if row.is_on else 'off'}",
            target=f"mode:{subject}",
            reason=row.reason,
            until=fact["until"],
            version=version,
        )
        if row.is_on and until is not None and until > now:
            due = {"kind": kind.value, "subject": subject, "version": version}
            mine = f"{active_mall_ulid()}:{kind.value}:{subject}:{version}"  # malls of a cell share one outbox
            bus.publish("mode.ruling_due", due, key=mine, available_at=until)
        _tell_owners(_NOTICES[kind, row.is_on], row, key=f"ruling:{kind.value}:{subject}:{version}")
    return True


def note_end(*, kind: str, subject: str, version: int, now: dt.datetime) -> bool:
    """A ruling's time is over: it is written down and the owners are told; whether it was still the newest one."""
    with transaction.atomic():
        row = ModeRuling.objects.select_for_update().filter(kind=kind, subject=subject, version=version).first()
        if row is None or not row.is_on or row.until is None or row.until > now:
            return False
        audit.record("system", f"mode.{kind}_expired", target=f"mode:{subject}", version=version)
        told = "mode_approval_expired" if kind == RulingKind.APPROVAL else "mode_stop_over"
        _tell_owners(told, row, key=f"ruling-end:{kind}:{subject}:{version}")
    return True


_NOTICES = {
    (RulingKind.APPROVAL, True): "mode_approved",
    (RulingKind.APPROVAL, False): "mode_approval_revoked",
    (RulingKind.STOP, True): "mode_stopped",
    (RulingKind.STOP, False): "mode_stop_over",
}


def subject_text(kind: str, subject: str) -> str:
    """What a ruling is about, in the active language."""
    known = SUBJECT_WORDS.get(subject) if kind == RulingKind.APPROVAL else None
    if known is None and subject in MODES:
        known = MODES[subject].label
    return gettext(known) if known else subject


def _tell_owners(notice: str, row: ModeRuling, *, key: str) -> None:
    """A notice to every owner of the mall, in the mall's language."""
    context = {"mode": subject_text(row.kind, row.subject), "reason": row.reason, "until": ""}
    if row.until is not None:
        context["until"] = sentences.day(row.until)
    for owner in owners():
        notices.send_notice(
            kind=notice,
            to_phone=owner.phone or "",
            to_email="" if owner.phone else owner.email,
            context=context,
            key=f"{key}:{owner.public_id}",
        )


def owners() -> list[User]:
    """Active owners of the mall who can be reached."""
    found = User.objects.filter(is_active=True, is_staff=True, groups__name=Role.OWNER.value).order_by("pk")
    return [user for user in found if user.phone or user.email]
