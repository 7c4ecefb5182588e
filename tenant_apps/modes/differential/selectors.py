"""What a member's turnover reaches, and what is missing to the next rank (FEATURES M3). Turnover is read downward."""

import datetime as dt
from dataclasses import dataclass

from django.utils import timezone

from tenant_apps.members import selectors as members
from tenant_apps.members.models import Member
from tenant_apps.members.rules import TurnoverFacts
from tenant_apps.modes import selectors as modes
from tenant_apps.modes.contract import TOP_RANK
from tenant_apps.modes.differential.settings import DifferentialSettings


@dataclass(frozen=True)
class Path:
    """One way to a rank: turnover asked for and turnover there is, in fen."""

    word: str  # own, team
    needed_amount: int
    has_amount: int

    @property
    def missing_amount(self) -> int:
        return max(0, self.needed_amount - self.has_amount)

    @property
    def percent(self) -> int:
        """Whole percent for a bar, 100 at most."""
        return min(100, self.has_amount * 100 // self.needed_amount) if self.needed_amount else 100


@dataclass(frozen=True)
class RankStep:
    """A rank with its rate (ppm), whether the member holds it, and the ways to it by turnover (none: not by turnover)."""

    rank: int
    rate_ppm: int
    held: bool
    paths: tuple[Path, ...]


@dataclass(frozen=True)
class Progress:
    """A member's standing by rank; `window_days` is how long turnover counts."""

    rank: int
    window_days: int
    turnover: TurnoverFacts
    steps: tuple[RankStep, ...]

    @property
    def next_step(self) -> RankStep | None:
        """The lowest rank above his."""
        return next((step for step in self.steps if step.rank > self.rank), None)


def settings_in_force(now: dt.datetime) -> DifferentialSettings | None:
    """The mode's settings, None where it is off."""
    pinned = modes.current_settings(mode="differential", now=now)
    return pinned.values if pinned and pinned.values.enabled else None


def turnover_in_window(member: Member, settings: DifferentialSettings, now: dt.datetime) -> TurnoverFacts:
    """What counts of a member's turnover today: the days of the rolling window, today included."""
    since = timezone.localdate(now) - dt.timedelta(days=settings.upgrade_window_days - 1)
    return members.turnover(member.pk, since=since)


def progress(member: Member, *, now: dt.datetime) -> Progress | None:
    """Rank, ways to the next ones and what is missing; None where ranks earn nothing (the mode is off)."""
    settings = settings_in_force(now)
    if settings is None:
        return None
    turnover = turnover_in_window(member, settings, now)
    steps = tuple(_step(settings, rank, member.rank, turnover) for rank in range(1, TOP_RANK + 1))
    return Progress(member.rank, settings.upgrade_window_days, turnover, steps)


def _step(settings: DifferentialSettings, rank: int, held: int, turnover: TurnoverFacts) -> RankStep:
    asked = (
        ("own", settings.upgrade_own_fen.of(rank), turnover.own_amount),
        ("team", settings.upgrade_team_fen.of(rank), turnover.own_amount + turnover.direct_amount),
    )
    paths = tuple(Path(word, needed, has) for word, needed, has in asked if needed)
    return RankStep(rank, settings.rank_rate_ppm.of(rank), rank <= held, paths)
