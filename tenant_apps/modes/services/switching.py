"""Switching a mode on and off: a version like any other, through every check."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from tenant_apps.modes import selectors, worst_case
from tenant_apps.modes.models import SettingsVersion
from tenant_apps.modes.registry import MODES
from tenant_apps.modes.selectors import WHOLE_MALL
from tenant_apps.modes.services import publishing


def switch_mode(
    *,
    actor: str,
    mode: str,
    on: bool,
    reason: str,
    now: dt.datetime,
    accept_cautions: bool = False,
    combinations: Iterable[worst_case.Combination] | None = None,
    approved_by: str = "",
) -> SettingsVersion:
    """Publish a mode's newest settings, or its defaults where there are none, switched on or off for the whole mall.

    Zones that have settings of their own keep them. Raises UnknownMode, and what publishing raises.
    """
    if mode not in MODES:
        raise publishing.UnknownMode
    latest = selectors.history(mode=mode, zone=WHOLE_MALL).first()
    values: dict[str, Any] = dict(latest.values) if latest else {}
    return publishing.publish_settings(
        actor=actor,
        mode=mode,
        values=values | {"enabled": on},
        reason=reason,
        now=now,
        accept_cautions=accept_cautions,
        expected_number=latest.number if latest else 0,
        combinations=combinations,
        approved_by=approved_by,
    )
