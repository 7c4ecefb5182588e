"""Use cases of settings: publish, go back, draft."""

from tenant_apps.modes.services.drafts import (
    DraftChanged,
    NoDraft,
    discard_draft,
    publish_draft,
    save_draft,
)
from tenant_apps.modes.services.publishing import (
    CautionsUnread,
    NoZoneOfItsOwn,
    SettingsChanged,
    SettingsInvalid,
    SettingsRefused,
    UnknownMode,
    UnknownZone,
    check_settings,
    parse_draft,
    parse_settings,
    publish_settings,
    roll_back_settings,
)

__all__ = [
    "CautionsUnread",
    "DraftChanged",
    "NoDraft",
    "NoZoneOfItsOwn",
    "SettingsChanged",
    "SettingsInvalid",
    "SettingsRefused",
    "UnknownMode",
    "UnknownZone",
    "check_settings",
    "discard_draft",
    "parse_draft",
    "parse_settings",
    "publish_draft",
    "publish_settings",
    "roll_back_settings",
    "save_draft",
]
