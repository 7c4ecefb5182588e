"""Where each mode stands in this mall: on, off, stopped, not approved, not in the plan."""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from saas.kernel.errors import NotFound
from saas.tenants.approvals import Subject
from saas.tenants.malls import selectors as malls
from saas.tenants.malls.activation import active_mall
from tenant_apps.modes.contract import (
    Channel,
)
from tenant_apps.modes.models import ModeRuling, SettingsVersion
from tenant_apps.modes.registry import MODES
from tenant_apps.modes.rulings import Rulings, is_on, needed, read_rulings
from tenant_apps.modes.selectors.in_force import WHOLE_MALL, pinned_of


class ModeStanding(StrEnum):
    """Where a mode stands in this mall."""

    ON = "on"
    OFF = "off"
    STOPPED = "stopped"
    NEEDS_APPROVAL = "needs_approval"
    NOT_IN_PLAN = "not_in_plan"


@dataclass(frozen=True, kw_only=True)
class ModeState:
    """A mode's standing and why. `missing` are the approvals that its settings, or the mode itself, would need.

    `latest` is the newest published version for the whole mall, `until` the end of the stop, or of the soonest approval.
    """

    mode: str
    standing: ModeStanding
    reason: str = ""
    until: dt.datetime | None = None
    missing: tuple[Subject, ...] = ()
    latest: SettingsVersion | None = None


def mode_states(*, now: dt.datetime) -> dict[str, ModeState]:
    """Every mode of the registry, in the order of the pot."""
    newest = {
        row.mode: row
        for row in SettingsVersion.objects.filter(mode__in=list(MODES), zone=WHOLE_MALL, effective_from__lte=now)
        .order_by("mode", "-effective_from", "-number")
        .distinct("mode")
    }
    ruled, planned = rulings(), planned_modes()
    return {mode: _state(mode, newest.get(mode), ruled, planned, now) for mode in MODES}


def mode_state(mode: str, *, now: dt.datetime) -> ModeState:
    """Where one mode stands. Raises NotFound."""
    found = mode_states(now=now).get(mode)
    if found is None:
        raise NotFound
    return found


def rulings() -> Rulings:
    """What operators have ruled about this mall."""
    rows = ModeRuling.objects.values_list("kind", "subject", "is_on", "until", "reason")
    return read_rulings(
        (kind, subject, on, until.isoformat() if until else None, why) for kind, subject, on, until, why in rows
    )


def planned_modes() -> tuple[str, ...] | None:
    """The modes of the mall's plan, from the cell's copy; None: no plan limits them."""
    found = malls.entitlement(active_mall(), "modes")
    return tuple(str(one) for one in found) if isinstance(found, list) else None


def approved(subject: Subject, *, now: dt.datetime) -> bool:
    """Whether operators have opened something for this mall, and the approval has not run out."""
    return rulings().approved(subject, now)


def channel(*, now: dt.datetime) -> Channel:
    """Where the mall sells, for the law of levels: a third level is approved only for malls in no WeChat mini-program."""
    third = approved(Subject.THIRD_LEVEL, now=now)
    return Channel(wechat=not third, third_level_approved=third)


def _state(
    mode: str,
    latest: SettingsVersion | None,
    ruled: Rulings,
    planned: tuple[str, ...] | None,
    now: dt.datetime,
) -> ModeState:
    settings = pinned_of(latest).values if latest else None
    turned_on = settings is not None and is_on(settings)
    stop = ruled.stop(mode, now)
    wanted = needed(mode, settings if turned_on else None)
    missing = tuple(subject for subject in wanted if not ruled.approved(subject, now))
    ends = [one.until for subject in wanted if (one := ruled.approval(subject)) and one.until]
    if stop is not None:
        return ModeState(
            mode=mode,
            standing=ModeStanding.STOPPED,
            reason=stop.reason,
            until=stop.until,
            missing=missing,
            latest=latest,
        )
    standing = ModeStanding.ON if turned_on else ModeStanding.OFF
    if missing:
        standing = ModeStanding.NEEDS_APPROVAL
    elif planned is not None and mode not in planned:
        standing = ModeStanding.NOT_IN_PLAN
    return ModeState(mode=mode, standing=standing, until=min(ends, default=None), missing=missing, latest=latest)
