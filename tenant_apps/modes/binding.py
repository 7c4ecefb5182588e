"""When members are bound to the person whose link they came by: the distribution's setting, told to members (MODES 4)."""

import datetime as dt

from tenant_apps.members.rules import BindingRule
from tenant_apps.modes import selectors


def rule_in_force(*, now: dt.datetime) -> BindingRule:
    """The rule of the distribution's settings in force; where the mode is off, bonds are made at the first click, for ever."""
    pinned = selectors.current_settings(mode="distribution", now=now)
    if pinned is None or not pinned.values.enabled:
        return BindingRule()
    return BindingRule(pinned.values.bind_when, pinned.values.bind_days)
