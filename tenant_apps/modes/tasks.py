"""The modes' part of a mall's round."""

import datetime as dt

from tenant_apps.modes import compliance


def look_at_teams(*, now: dt.datetime) -> bool:
    """Once a night: large teams (MODES 14 #6)."""
    return compliance.look_if_night(now=now)
