"""Where entry points read the time. Services and rules take `now` as an argument and never call this.

Two clocks. `now()` is the time of the mall that is active: a mall in rehearsal may be ahead of the world (its offset
lies in the registry row; saas.tenants.malls installs how it is found). `real_now()` is the world's: for sessions, codes,
limits, tokens, what is due in the outbox, runs of provisioning — and channels, which live in the world as well.
"""

import datetime as dt
from collections.abc import Callable
from zoneinfo import ZoneInfo

CHINA = ZoneInfo("Asia/Shanghai")
_NONE = dt.timedelta(0)
_ahead: Callable[[], dt.timedelta] = lambda: _NONE  # noqa: E731 - replaced once, by follow()


def follow(ahead: Callable[[], dt.timedelta]) -> None:
    """Install how far the active mall is ahead of the world; without it (control, the relay) nobody is."""
    global _ahead
    _ahead = ahead


def now() -> dt.datetime:
    """The present instant of the active mall, aware, in UTC; outside a mall the world's."""
    return real_now() + _ahead()


def real_now() -> dt.datetime:
    """The present instant of the world, aware, in UTC."""
    return dt.datetime.now(dt.UTC)


def ahead() -> dt.timedelta:
    """How far the active mall is ahead of the world; zero in every mall that has opened."""
    return _ahead()


def to_real(instant: dt.datetime) -> dt.datetime:
    """An instant of the active mall as the world counts it."""
    return instant - _ahead()


def to_mall(instant: dt.datetime) -> dt.datetime:
    """An instant of the world as the active mall counts it."""
    return instant + _ahead()


def china_date(instant: dt.datetime) -> dt.date:
    """The calendar day of an instant in China, where malls keep their books."""
    return instant.astimezone(CHINA).date()
