"""Reads of settings: what holds now, what an order was sold under, what changed from version to version."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from pydantic import BaseModel

from saas.kernel.errors import NotFound
from tenant_apps.catalog import selectors as catalog
from tenant_apps.modes import line_awards
from tenant_apps.modes.contract import Award, BuyerFacts, LineFacts, OfferFacts, SaleFacts
from tenant_apps.modes.models import SettingsVersion
from tenant_apps.modes.registry import MODES, SETTINGS
from tenant_apps.modes.settlement_terms.settings import SettlementSettings
from tenant_apps.modes.worst_case import Combination

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


@dataclass(frozen=True)
class Change:
    """One setting that differs between two versions."""

    name: str
    label: str
    before: Any
    after: Any


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
    return _with_terms({_key(row.mode, row.zone): _pinned(row) for row in rows})


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
    earlier = values_of(model() if before is None else model.model_validate(dict(before)))
    later = values_of(model.model_validate(dict(after)))
    return [
        Change(name, field.title or name, earlier[name], later[name])
        for name, field in model.model_fields.items()
        if earlier[name] != later[name]
    ]


def values_of(settings: BaseModel) -> dict[str, Any]:
    """Settings as JSON holds them."""
    return settings.model_dump(mode="json")


def combinations() -> Iterator[Combination]:
    """Every offer on shelf as a line of one piece: what the payout ratio of new settings is computed on (MODES 1)."""
    for offer in catalog.offers_on_shelf():
        line = LineFacts(
            line=offer.sku_ulid,
            level_amount=offer.price_amount,
            list_amount=offer.price_amount,
            supply_cost=offer.supply_amount or 0,
            zone=offer.zone,
            sku=offer.sku_ulid,
            product=offer.product_ulid,
            categories=offer.categories,
        )
        yield Combination(f"{offer.title} {offer.option_text}".strip(), line)


def share_earning(*, offer: OfferFacts, now: dt.datetime) -> int:
    """Fen that sharing one piece of an offer earns its promoter at most, under the settings in force."""
    pinned = current_settings(mode="distribution", now=now, zone=offer.zone)
    return MODES["distribution"].quote(pinned.values, offer, NOBODY).share_earning if pinned else 0


def awards_of_line(line: LineFacts, sale: SaleFacts, pinned: Mapping[str, Pinned]) -> list[Award]:
    """Awards of every mode for a line under pinned settings, in the order of the pot, not cut yet."""
    here = of_zone(pinned, line.zone)
    return line_awards.awards_of_line({key: here[key].values for key in MODES if key in here}, line, sale)


def _key(mode: str, zone: str) -> str:
    return f"{mode}@{zone}" if zone else mode


def _with_terms(found: dict[str, Pinned]) -> dict[str, Pinned]:
    for mode in ("settlement", "orders"):
        found.setdefault(mode, Pinned("", mode, WHOLE_MALL, 0, SETTINGS[mode]()))
    return found


def _in_force(now: dt.datetime) -> dict[str, Pinned]:
    rows = (
        SettingsVersion.objects.filter(effective_from__lte=now, mode__in=list(SETTINGS))
        .order_by("mode", "zone", "-effective_from", "-number")
        .distinct("mode", "zone")
    )
    return {_key(row.mode, row.zone): _pinned(row) for row in rows}


def _pinned(row: SettingsVersion) -> Pinned:
    return Pinned(row.ulid, row.mode, row.zone, row.number, SETTINGS[row.mode].model_validate(row.values))
