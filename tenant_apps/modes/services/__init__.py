"""Use cases of settings: publish, go back, draft."""

from tenant_apps.modes.services.confirming import NothingToConfirm, ask_confirmation, record_confirmation, unconfirmed
from tenant_apps.modes.services.drafts import (
    DraftChanged,
    NoDraft,
    discard_draft,
    keep_evidence,
    publish_draft,
    save_draft,
)
from tenant_apps.modes.services.presets import (
    NameTaken,
    apply_settings_set,
    delete_preset,
    save_preset,
    settings_of_preset,
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
from tenant_apps.modes.services.second_person import apply_approved, publish_approved
from tenant_apps.modes.services.switching import switch_mode

__all__ = [
    "CautionsUnread",
    "DraftChanged",
    "NameTaken",
    "NoDraft",
    "NoZoneOfItsOwn",
    "NothingToConfirm",
    "SettingsChanged",
    "SettingsInvalid",
    "SettingsRefused",
    "UnknownMode",
    "UnknownZone",
    "apply_approved",
    "apply_settings_set",
    "ask_confirmation",
    "check_settings",
    "delete_preset",
    "discard_draft",
    "keep_evidence",
    "parse_draft",
    "parse_settings",
    "publish_approved",
    "publish_draft",
    "publish_settings",
    "record_confirmation",
    "roll_back_settings",
    "save_draft",
    "save_preset",
    "settings_of_preset",
    "switch_mode",
    "unconfirmed",
]
