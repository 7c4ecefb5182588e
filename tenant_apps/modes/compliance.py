"""The nightly look at teams (MODES 14 #6): who has thirty people or more over three rewarded levels or more."""

import datetime as dt

from django.db import transaction
from django.db.models import QuerySet
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from saas.identity import audit
from saas.identity.models import AuditRecord, User
from saas.identity.roles import Role
from saas.kernel.clock import china_date
from saas.kernel.errors import InvalidInput, NotFound
from saas.messaging.notices import services as notices
from tenant_apps.members import selectors as members
from tenant_apps.modes import selectors
from tenant_apps.modes.legal_table import MANY_LEVELS, MANY_PEOPLE, rewarded_levels
from tenant_apps.modes.models import ComplianceAlarm

NIGHT_HOUR = 2


def look_if_night(*, now: dt.datetime) -> bool:
    """Look once a day, from two in the morning on; whether this looked. The audit trail keeps that it was done."""
    day = f"day:{china_date(now).isoformat()}"
    if localtime(now).hour < NIGHT_HOUR or AuditRecord.objects.filter(target=day, action="compliance.looked").exists():
        return False
    look_at_teams(now=now)
    return True


def look_at_teams(*, now: dt.datetime) -> list[ComplianceAlarm]:
    """Find large teams under the settings in force; the alarms that are new. Teams that fell below are cleared.

    The compliance role and the owners are told once a day of new ones.
    """
    in_force = selectors.settings_in_force(now=now)
    depth = max((rewarded_levels({one.mode: one.values}) for one in in_force.values()), default=0)
    found = members.large_teams(depth=depth, people=MANY_PEOPLE, levels=MANY_LEVELS) if depth >= MANY_LEVELS else []
    with transaction.atomic():
        known = {one.member_ulid: one for one in ComplianceAlarm.objects.select_for_update()}
        fresh = []
        for team in found:
            alarm = known.pop(team.member_ulid, None)
            if alarm is None:
                alarm = ComplianceAlarm(member_ulid=team.member_ulid, first_seen_at=now)
                fresh.append(alarm)
            alarm.people, alarm.levels, alarm.last_seen_at = team.people, team.levels, now
            alarm.save()
        for gone in known.values():
            audit.record("system", "compliance.cleared", target=f"member:{gone.member_ulid}", note=gone.note)
            gone.delete()
        day = china_date(now).isoformat()
        audit.record(
            "system", "compliance.looked", target=f"day:{day}", levels=depth, teams=len(found), fresh=len(fresh)
        )
        if fresh:
            _tell(len(fresh), key=f"compliance:{day}")
    return fresh


def alarms() -> QuerySet[ComplianceAlarm]:
    """Every alarm, what nobody has looked at first, then the largest."""
    return ComplianceAlarm.objects.order_by("noted_at", "-people", "pk")


def note_alarm(*, member_ulid: str, note: str, actor: str, now: dt.datetime) -> ComplianceAlarm:
    """Somebody has looked at a team and says what was found. Raises NotFound, InvalidInput."""
    if not note.strip():
        raise InvalidInput(str(_("Please write what you found.")), field="note")
    with transaction.atomic():
        alarm = ComplianceAlarm.objects.select_for_update().filter(member_ulid=member_ulid).first()
        if alarm is None:
            raise NotFound
        alarm.note, alarm.noted_by, alarm.noted_at = note.strip()[:300], actor, now
        alarm.save()
        audit.record(actor, "compliance.noted", target=f"member:{member_ulid}", reason=alarm.note, people=alarm.people)
    return alarm


def _tell(count: int, *, key: str) -> None:
    people = User.objects.filter(is_active=True, is_staff=True, groups__name__in=[Role.OWNER, Role.COMPLIANCE])
    for user in people.distinct().order_by("pk"):
        if user.phone or user.email:
            notices.send_notice(
                kind="compliance_alarm",
                to_phone=user.phone or "",
                to_email="" if user.phone else user.email,
                context={"count": count},
                key=f"{key}:{user.public_id}",
            )
