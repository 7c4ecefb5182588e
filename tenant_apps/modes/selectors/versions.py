"""Versions of settings, what each changed, drafts and saved sets."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from pydantic import BaseModel

from saas.kernel.errors import NotFound
from tenant_apps.catalog import selectors as catalog
from tenant_apps.modes.models import SavedPreset, SettingsDraft, SettingsVersion
from tenant_apps.modes.registry import SETTINGS
from tenant_apps.modes.selectors.in_force import WHOLE_MALL


@dataclass(frozen=True)
class Change:
    """One setting that differs between two versions."""

    name: str
    label: str
    before: Any
    after: Any


def settings_version(ulid: str) -> SettingsVersion:
    """One version. Raises NotFound."""
    row = SettingsVersion.objects.filter(ulid=ulid).first()
    if row is None:
        raise NotFound(f"no settings version {ulid}")
    return row


def version_headers(ulids: Iterable[str]) -> dict[str, tuple[int, dt.datetime]]:
    """Number and beginning of settings versions, by ULID (one statement)."""
    rows = SettingsVersion.objects.filter(ulid__in=list(ulids)).values_list("ulid", "number", "effective_from")
    return {ulid: (number, effective_from) for ulid, number, effective_from in rows}


def history(*, mode: str, zone: str = WHOLE_MALL) -> QuerySet[SettingsVersion]:
    """Every version of a mode's settings, newest first."""
    return SettingsVersion.objects.filter(mode=mode, zone=zone).order_by("-number")


def changes(*, mode: str, before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> Sequence[Change]:
    """What differs between two sets of values; against the defaults where there is no earlier version."""
    model = SETTINGS[mode]
    earlier = values_of(model.model_validate(dict(before or {})))
    later = values_of(model.model_validate(dict(after)))
    return [
        Change(name, field.title or name, earlier[name], later[name])
        for name, field in model.model_fields.items()
        if earlier[name] != later[name]
    ]


def changes_to(version: SettingsVersion, *, earlier: SettingsVersion | None) -> Sequence[Change]:
    """What a version changed; nothing to compare where a zone gave its own settings up."""
    if version.inherits:
        return []
    return changes(mode=version.mode, before=earlier.values if earlier else None, after=version.values)


def draft_of(*, mode: str, zone: str = WHOLE_MALL) -> SettingsDraft | None:
    """The open draft of a mode and zone."""
    return SettingsDraft.objects.filter(mode=mode, zone=zone).first()


def open_drafts() -> list[SettingsDraft]:
    """Every open draft of the mall."""
    return list(SettingsDraft.objects.order_by("mode", "zone"))


def saved_presets() -> list[SavedPreset]:
    """The vendor's own sets, newest first."""
    return list(SavedPreset.objects.order_by("-pk"))


def scheduled(*, now: dt.datetime) -> list[SettingsVersion]:
    """Versions published already that take effect later, soonest first."""
    return list(SettingsVersion.objects.filter(effective_from__gt=now).order_by("effective_from", "number"))


def zone_names() -> dict[str, str]:
    """Zones of the mall: key → name, in their order."""
    return catalog.zone_names()


def values_of(settings: BaseModel) -> dict[str, Any]:
    """Settings as JSON holds them."""
    return settings.model_dump(mode="json")
