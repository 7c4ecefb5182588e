"""Settings under legal guard-rails 5 and 10 that one person published in the rehearsal: a second one before the opening.

In a mall that has opened `publish_settings` asks for two at once; in rehearsal one is enough, so what was published there
is confirmed once, version by version, by somebody else than whoever asks.
"""

import datetime as dt

from django.utils.translation import gettext_lazy as _

from saas.identity import audit
from saas.identity import selectors as identity
from saas.identity import services as people
from saas.identity.models import PreparedAction
from saas.identity.rules import PreparedState
from saas.kernel.errors import DomainError, NotFound
from tenant_apps.modes import selectors
from tenant_apps.modes.contract import Caution
from tenant_apps.modes.models import SettingsVersion
from tenant_apps.modes.registry import MODES
from tenant_apps.modes.services.publishing import parse_settings

CONFIRM = "modes.confirm_settings"


class NothingToConfirm(DomainError):
    """The version needs no second person, or has had one."""

    code = "nothing_to_confirm"
    message = _("This version needs no second person.")


def unconfirmed(*, now: dt.datetime) -> list[SettingsVersion]:
    """Versions in force or to come that need a second person and had none, by mode and zone."""
    confirmed = set(
        identity.prepared_actions(state=PreparedState.APPROVED).filter(kind=CONFIRM).values_list("subject", flat=True)
    )
    found = []
    for row in _standing(now):
        if row.approved_by or row.inherits or row.mode not in MODES or _subject(row) in confirmed:
            continue
        if _is_flagged(row, now):
            found.append(row)
    return found


def ask_confirmation(*, ulid: str, reason: str, actor: str, now: dt.datetime) -> PreparedAction:
    """Ask a second person for a version published in the rehearsal. Raises NotFound, NothingToConfirm, InvalidInput,
    AlreadyPrepared."""
    row = SettingsVersion.objects.filter(ulid=ulid).first()
    if row is None:
        raise NotFound
    if ulid not in {one.ulid for one in unconfirmed(now=now)}:
        raise NothingToConfirm
    payload = {"version": ulid, "mode": row.mode, "zone": row.zone, "number": row.number, "values": row.values}
    return people.prepare_action(
        kind=CONFIRM, subject=_subject(row), payload=payload, reason=reason, actor=actor, now=now
    )


def record_confirmation(*, version: str, actor: str, now: dt.datetime) -> None:
    """The second person has said yes: on record beside the version, which itself never changes."""
    audit.record(actor, "settings.confirmed", target=f"settings:{version}")


def _subject(row: SettingsVersion) -> str:
    return f"settings:{row.ulid}"


def _standing(now: dt.datetime) -> list[SettingsVersion]:
    """Of each mode and zone the version in force and those that come after it."""
    rows: dict[tuple[str, str], list[SettingsVersion]] = {}
    for row in SettingsVersion.objects.order_by("mode", "zone", "effective_from", "number"):
        mine = rows.setdefault((row.mode, row.zone), [])
        if row.effective_from <= now:
            mine.clear()
        mine.append(row)
    return [row for mine in rows.values() for row in mine]


def _is_flagged(row: SettingsVersion, now: dt.datetime) -> bool:
    problems = MODES[row.mode].validate(parse_settings(row.mode, row.values), selectors.channel(now=now))
    return any(isinstance(one, Caution) and one.two_persons for one in problems)
