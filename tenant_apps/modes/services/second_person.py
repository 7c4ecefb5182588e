"""What a second person approved is published, in the transaction of the approval (MODES 14 #5, #10)."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from tenant_apps.modes.models import SettingsVersion
from tenant_apps.modes.services import presets, publishing


def publish_approved(
    *, actor: str, approved_by: str, reason: str, payload: Mapping[str, Any], now: dt.datetime
) -> SettingsVersion:
    """Publish what `actor` prepared (`payload` as publish_settings asked for it), through every check again.

    Refused where somebody published since. A start that has passed meanwhile is now. Raises what publishing raises.
    """
    text = payload["effective_from"]
    start = dt.datetime.fromisoformat(text) if text else None
    return publishing.publish_settings(
        actor=actor,
        approved_by=approved_by,
        mode=payload["mode"],
        zone=payload["zone"],
        values=payload["values"],
        reason=reason,
        effective_from=start if start and start > now else None,
        accept_cautions=True,
        expected_number=payload["number"],
        now=now,
    )


def apply_approved(
    *, actor: str, approved_by: str, reason: str, payload: Mapping[str, Any], now: dt.datetime
) -> list[SettingsVersion]:
    """Apply the set that `actor` prepared, through every check again. Raises what publishing raises."""
    return presets.apply_settings_set(
        actor=actor,
        approved_by=approved_by,
        settings=payload["settings"],
        only_planned=payload["only_planned"],
        reason=reason,
        accept_cautions=True,
        now=now,
    )
