"""Which settings need an operator's approval, and what his rulings mean at an instant (MODES 14, FEATURES R6). Pure."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from saas.tenants.approvals import RulingKind, Subject
from tenant_apps.modes.contract import WECHAT_MAX_LEVELS

# Modes that are flagged as a whole. The others need leave only for what `needed` finds in their settings.
FLAGGED_MODES: Mapping[str, Subject] = {"link21": Subject.LINK21, "subsidy": Subject.SUBSIDY}


@dataclass(frozen=True)
class Ruling:
    """The newest ruling about one subject: whether it is in force, until when, and why."""

    is_on: bool
    until: dt.datetime | None
    reason: str = ""

    def holds(self, now: dt.datetime) -> bool:
        return self.is_on and (self.until is None or now < self.until)


@dataclass(frozen=True)
class Rulings:
    """Everything operators have ruled about a mall, by kind and subject."""

    found: Mapping[tuple[str, str], Ruling] = field(default_factory=dict)

    def approved(self, subject: str, now: dt.datetime) -> bool:
        """Whether an approval is in force."""
        ruling = self.approval(subject)
        return ruling is not None and ruling.holds(now)

    def approval(self, subject: str) -> Ruling | None:
        """The newest ruling on an approval, in force or not."""
        return self.found.get((RulingKind.APPROVAL, subject))

    def stop(self, mode: str, now: dt.datetime) -> Ruling | None:
        """The stop of a mode that is in force, if there is one."""
        ruling = self.found.get((RulingKind.STOP, mode))
        return ruling if ruling is not None and ruling.holds(now) else None

    def missing(self, mode: str, settings: Any, now: dt.datetime) -> list[Subject]:
        """What these settings need leave for and do not have."""
        return [subject for subject in needed(mode, settings) if not self.approved(subject, now)]

    def bars(self, mode: str, settings: Any, now: dt.datetime) -> bool:
        """Whether new orders may not be sold under these settings."""
        return is_on(settings) and (self.stop(mode, now) is not None or bool(self.missing(mode, settings, now)))


def read_rulings(rows: Iterable[tuple[str, str, bool, str | None, str]]) -> Rulings:
    """Rulings from (kind, subject, on, until as ISO text, reason)."""
    return Rulings(
        {
            (kind, subject): Ruling(is_on, dt.datetime.fromisoformat(until) if until else None, reason)
            for kind, subject, is_on, until, reason in rows
        }
    )


def is_on(settings: Any) -> bool:
    """Whether settings switch their mode on; terms that have no switch are."""
    return bool(getattr(settings, "enabled", True))


def needed(mode: str, settings: Any) -> list[Subject]:
    """What settings need an operator's approval for; None: what the mode needs whatever its settings.

    Settings that switch the mode off need none.
    """
    if settings is not None and not is_on(settings):
        return []
    found = [FLAGGED_MODES[mode]] if mode in FLAGGED_MODES else []
    if settings is not None and levels(mode, settings) > WECHAT_MAX_LEVELS:
        found.append(Subject.THIRD_LEVEL)
    return found


def levels(mode: str, settings: Any) -> int:
    """How many levels above a buyer settings pay at most, overrides included; 0 for modes that pay no uplines."""
    if mode == "distribution":
        deepest: int = max([settings.levels, *(len(one.rate_ppm) for one in settings.overrides)])
        return deepest
    return int(settings.max_depth) if mode in ("differential", "gift_pack", "link21") else 0
