"""Settings in force at an instant, and the versions that an order pinned."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import JSONField
from django.db.models.expressions import RawSQL

from saas.kernel.prepared import PreparedRead
from tenant_apps.modes.contract import (
    BuyerFacts,
)
from tenant_apps.modes.models import SettingsVersion
from tenant_apps.modes.registry import SETTINGS
from tenant_apps.modes.rulings import read_rulings
from tenant_apps.modes.settlement_terms.settings import SettlementSettings

WHOLE_MALL = ""
NOBODY = BuyerFacts(member="")


@dataclass(frozen=True)
class Pinned:
    """Settings with the version they come from; `ulid` is empty where the mall never published any (defaults)."""

    ulid: str
    mode: str
    zone: str
    number: int
    values: Any


def current_version_ids(*, now: dt.datetime) -> dict[str, str]:
    """What an order placed at `now` pins: mode, or `mode@zone`, → ULID of the version in force. One statement."""
    return {key: pinned.ulid for key, pinned in _in_force(now).items()}


def settings_in_force(*, now: dt.datetime) -> dict[str, Pinned]:
    """Every published mode's settings at `now` by mode, a zone's own by `mode@zone`; the terms always. One statement."""
    return _with_terms(_in_force(now))


def of_zone(pinned: Mapping[str, Pinned], zone: str) -> dict[str, Pinned]:
    """By mode, what holds in a zone: its own settings, else the whole mall's."""
    found = {key: one for key, one in pinned.items() if not one.zone}
    found.update({one.mode: one for one in pinned.values() if one.zone and one.zone == zone})
    return found


def current_settings(*, mode: str, now: dt.datetime, zone: str = WHOLE_MALL) -> Pinned | None:
    """Settings of a mode in force at `now`: the zone's own, else the whole mall's; None: the mode is off.

    The terms of settlement and of orders are never None: where the mall has not published any, the defaults hold.
    """
    return of_zone(settings_in_force(now=now), zone).get(mode)


def settlement_terms(*, now: dt.datetime) -> SettlementSettings:
    """The settlement terms in force: windows, the pot, the warning line."""
    pinned = current_settings(mode="settlement", now=now)
    values: SettlementSettings = pinned.values if pinned else SettlementSettings()
    return values


def settings_for_order(pins: Mapping[str, str]) -> dict[str, Pinned]:
    """Settings of the versions that an order pinned, by `mode` or `mode@zone`; the terms fall back to the defaults."""
    rows = SettingsVersion.objects.filter(ulid__in=list(pins.values()))
    return _with_terms({key_of(row.mode, row.zone): pinned_of(row) for row in rows})


def zones_with_own_settings(*, now: dt.datetime) -> dict[str, list[str]]:
    """Mode → keys of the zones that have settings of their own in force."""
    found: dict[str, list[str]] = {}
    for pinned in _in_force(now).values():
        if pinned.zone:
            found.setdefault(pinned.mode, []).append(pinned.zone)
    return found


def key_of(mode: str, zone: str) -> str:
    """How a mode's settings are called: `mode`, or `mode@zone` for a zone's own."""
    return f"{mode}@{zone}" if zone else mode


def _with_terms(found: dict[str, Pinned]) -> dict[str, Pinned]:
    for mode in ("settlement", "orders"):
        found.setdefault(mode, Pinned("", mode, WHOLE_MALL, 0, SETTINGS[mode]()))
    return found


# Rulings travel with the settings: what an order may pin is one statement.
_RULINGS = RawSQL(
    "(SELECT coalesce(jsonb_agg(jsonb_build_array(kind, subject, is_on, until, reason)), '[]') FROM modes_moderuling)",
    [],
    output_field=JSONField(),
)


_NEWEST: PreparedRead[Any] = PreparedRead(
    lambda now: (
        SettingsVersion.objects.filter(effective_from__lte=now, mode__in=list(SETTINGS))
        .order_by("mode", "zone", "-effective_from", "-number")
        .distinct("mode", "zone")
        .annotate(rulings=_RULINGS)
    ),
    now=dt.datetime(1970, 1, 1, tzinfo=dt.UTC),
)


def _in_force(now: dt.datetime) -> dict[str, Pinned]:
    """The newest version of each mode and zone, unless operators have stopped the mode or it lacks their approval.

    A zone that follows the whole mall again has none.
    """
    found = {}
    for row in _NEWEST.rows(now=now):
        if row.inherits:
            continue
        pinned = pinned_of(row)
        if not read_rulings(row.rulings).bars(row.mode, pinned.values, now):
            found[key_of(row.mode, row.zone)] = pinned
    return found


# Versions never change and their settings are frozen, so each is validated once a process. Compared with the row all
# the same: what is read is what holds.
_validated: dict[str, tuple[Any, Any]] = {}


def pinned_of(row: SettingsVersion) -> Pinned:
    """A version with its values as the mode's model, validated once a process."""
    known = _validated.get(row.ulid)
    if known is None or known[0] != row.values:
        if len(_validated) >= 5000:
            _validated.clear()
        known = _validated[row.ulid] = (row.values, SETTINGS[row.mode].model_validate(row.values))
    return Pinned(row.ulid, row.mode, row.zone, row.number, known[1])
