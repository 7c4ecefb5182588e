"""Reads of settings: what holds now, what an order was sold under, what changed from version to version."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db.models import JSONField, QuerySet
from django.db.models.expressions import RawSQL
from pydantic import BaseModel

from saas.kernel.errors import NotFound
from saas.kernel.prepared import PreparedRead
from saas.tenants.approvals import Subject
from saas.tenants.malls import selectors as malls
from saas.tenants.malls.activation import active_mall
from tenant_apps.catalog import selectors as catalog
from tenant_apps.catalog.rules import OfferFact
from tenant_apps.modes import line_awards, selling
from tenant_apps.modes.contract import (
    AreaFacts,
    Award,
    BuyerFacts,
    Channel,
    LineFacts,
    LineKind,
    OfferFacts,
    SaleFacts,
    SellerFacts,
)
from tenant_apps.modes.models import ModeRuling, SavedPreset, SettingsDraft, SettingsVersion
from tenant_apps.modes.regional import selectors as regional
from tenant_apps.modes.registry import MODES, SETTINGS
from tenant_apps.modes.rulebook import Rulebook
from tenant_apps.modes.rulings import Rulings, is_on, needed, read_rulings
from tenant_apps.modes.settlement_terms.settings import SettlementSettings
from tenant_apps.modes.worst_case import LINE, Combination
from tenant_apps.sellers import selectors as sellers

WHOLE_MALL = ""
NOBODY = BuyerFacts(member="")
AREA_MODES = frozenset({"regional", "gift_pack"})  # the modes that pay the agents of an area


@dataclass(frozen=True)
class Pinned:
    """Settings with the version they come from; `ulid` is empty where the mall never published any (defaults)."""

    ulid: str
    mode: str
    zone: str
    number: int
    values: Any


@dataclass(frozen=True)
class Drafted:
    """Settings as somebody would have them, for the whole mall or a zone; None: the zone follows the whole mall."""

    mode: str
    zone: str
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


def drafted(draft: SettingsDraft) -> Drafted:
    """A stored draft with its values as the mode's model."""
    values = None if draft.inherits else SETTINGS[draft.mode].model_validate(draft.values)
    return Drafted(draft.mode, draft.zone, values)


def saved_presets() -> list[SavedPreset]:
    """The vendor's own sets, newest first."""
    return list(SavedPreset.objects.order_by("-pk"))


def scheduled(*, now: dt.datetime) -> list[SettingsVersion]:
    """Versions published already that take effect later, soonest first."""
    return list(SettingsVersion.objects.filter(effective_from__gt=now).order_by("effective_from", "number"))


def zone_names() -> dict[str, str]:
    """Zones of the mall: key → name, in their order."""
    return catalog.zone_names()


def zones_with_own_settings(*, now: dt.datetime) -> dict[str, list[str]]:
    """Mode → keys of the zones that have settings of their own in force."""
    found: dict[str, list[str]] = {}
    for pinned in _in_force(now).values():
        if pinned.zone:
            found.setdefault(pinned.mode, []).append(pinned.zone)
    return found


def rulebook(*, at: dt.datetime, drafted: Iterable[Drafted] = ()) -> Rulebook:
    """Settings as they hold together at an instant, with drafts laid over what is published."""
    pinned = settings_in_force(now=at)
    for one in drafted:
        key = _key(one.mode, one.zone)
        if one.values is None:
            pinned.pop(key, None)
        else:
            pinned[key] = Pinned("", one.mode, one.zone, 0, one.values)
    return rulebook_of(pinned)


def rulebook_of(pinned: Mapping[str, Pinned]) -> Rulebook:
    """Pinned settings as a rulebook: in the order of the pot, zones that have their own apart."""

    def of(zone: str) -> dict[str, Any]:
        here = of_zone(pinned, zone)
        return {key: here[key].values for key in MODES if key in here}

    zones = {one.zone for one in pinned.values() if one.zone}
    return Rulebook(pinned["settlement"].values, of(WHOLE_MALL), {zone: of(zone) for zone in sorted(zones)})


def instants_from(start: dt.datetime, *, drafted: Sequence[Drafted]) -> list[dt.datetime]:
    """`start`, and every later instant at which published settings change while all of `drafted` would still hold."""
    keys = {(one.mode, one.zone) for one in drafted}
    found = [start]
    for row in SettingsVersion.objects.filter(effective_from__gt=start).order_by("effective_from", "number"):
        if (row.mode, row.zone) in keys:
            break  # from here on that version holds, not the draft
        found.append(row.effective_from)
    return list(dict.fromkeys(found))


def values_of(settings: BaseModel) -> dict[str, Any]:
    """Settings as JSON holds them."""
    return settings.model_dump(mode="json")


def combinations() -> Iterator[Combination]:
    """Every offer on shelf as a line of one piece: what the payout ratio of new settings is computed on (MODES 1).

    A seller's with the lowest take that he can reach: the worst case is not what holds today.
    """
    terms = sellers.lowest_terms()
    for offer in catalog.offers_on_shelf():
        known = terms.get(offer.seller_ulid) if offer.kind == LineKind.GOODS else None
        seller = selling.of_terms(known, offer.supply_amount or 0) if known else SellerFacts()
        yield Combination(f"{offer.title} {offer.option_text}".strip(), piece_of(offer, seller))


def piece_of(offer: OfferFact, seller: SellerFacts) -> LineFacts:
    """One piece of an offer at the zone's price, as a line that nobody has bought."""
    cost = selling.supply_cost(seller, qty=1, supply_price=offer.supply_amount or 0, cash=offer.price_amount)
    return LineFacts(
        line=LINE,
        level_amount=offer.price_amount,
        list_amount=offer.price_amount,
        supply_cost=cost,
        zone=offer.zone,
        sku=offer.sku_ulid,
        product=offer.product_ulid,
        categories=offer.categories,
        kind=LineKind(offer.kind),
        seller=seller,
    )


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
        pinned = _pinned(row)
        if not read_rulings(row.rulings).bars(row.mode, pinned.values, now):
            found[_key(row.mode, row.zone)] = pinned
    return found


# Versions never change and their settings are frozen, so each is validated once a process. Compared with the row all
# the same: what is read is what holds.
_validated: dict[str, tuple[Any, Any]] = {}


def _pinned(row: SettingsVersion) -> Pinned:
    known = _validated.get(row.ulid)
    if known is None or known[0] != row.values:
        if len(_validated) >= 5000:
            _validated.clear()
        known = _validated[row.ulid] = (row.values, SETTINGS[row.mode].model_validate(row.values))
    return Pinned(row.ulid, row.mode, row.zone, row.number, known[1])


class ModeStanding(StrEnum):
    """Where a mode stands in this mall."""

    ON = "on"
    OFF = "off"
    STOPPED = "stopped"
    NEEDS_APPROVAL = "needs_approval"
    NOT_IN_PLAN = "not_in_plan"


@dataclass(frozen=True, kw_only=True)
class ModeState:
    """A mode's standing and why. `missing` are the approvals that its settings, or the mode itself, would need.

    `latest` is the newest published version for the whole mall, `until` the end of the stop, or of the soonest approval.
    """

    mode: str
    standing: ModeStanding
    reason: str = ""
    until: dt.datetime | None = None
    missing: tuple[Subject, ...] = ()
    latest: SettingsVersion | None = None


def mode_states(*, now: dt.datetime) -> dict[str, ModeState]:
    """Every mode of the registry, in the order of the pot."""
    newest = {
        row.mode: row
        for row in SettingsVersion.objects.filter(mode__in=list(MODES), zone=WHOLE_MALL, effective_from__lte=now)
        .order_by("mode", "-effective_from", "-number")
        .distinct("mode")
    }
    ruled, planned = rulings(), planned_modes()
    return {mode: _state(mode, newest.get(mode), ruled, planned, now) for mode in MODES}


def mode_state(mode: str, *, now: dt.datetime) -> ModeState:
    """Where one mode stands. Raises NotFound."""
    found = mode_states(now=now).get(mode)
    if found is None:
        raise NotFound
    return found


def rulings() -> Rulings:
    """What operators have ruled about this mall."""
    rows = ModeRuling.objects.values_list("kind", "subject", "is_on", "until", "reason")
    return read_rulings(
        (kind, subject, on, until.isoformat() if until else None, why) for kind, subject, on, until, why in rows
    )


def planned_modes() -> tuple[str, ...] | None:
    """The modes of the mall's plan, from the cell's copy; None: no plan limits them."""
    found = malls.entitlement(active_mall(), "modes")
    return tuple(str(one) for one in found) if isinstance(found, list) else None


def approved(subject: Subject, *, now: dt.datetime) -> bool:
    """Whether operators have opened something for this mall, and the approval has not run out."""
    return rulings().approved(subject, now)


def channel(*, now: dt.datetime) -> Channel:
    """Where the mall sells, for the law of levels: a third level is approved only for malls in no WeChat mini-program."""
    third = approved(Subject.THIRD_LEVEL, now=now)
    return Channel(wechat=not third, third_level_approved=third)


def areas_of_sale(
    *, pins: Mapping[str, str], district_code: str, street_code: str = "", now: dt.datetime
) -> tuple[AreaFacts, ...]:
    """The areas of an order's address with their agents at `now`; asked for only where a mode that pays them is pinned."""
    if not AREA_MODES & {key.partition("@")[0] for key in pins}:
        return ()
    return regional.areas_of_address(district_code=district_code, street_code=street_code, now=now)


def _state(
    mode: str,
    latest: SettingsVersion | None,
    ruled: Rulings,
    planned: tuple[str, ...] | None,
    now: dt.datetime,
) -> ModeState:
    settings = _pinned(latest).values if latest else None
    turned_on = settings is not None and is_on(settings)
    stop = ruled.stop(mode, now)
    wanted = needed(mode, settings if turned_on else None)
    missing = tuple(subject for subject in wanted if not ruled.approved(subject, now))
    ends = [one.until for subject in wanted if (one := ruled.approval(subject)) and one.until]
    if stop is not None:
        return ModeState(
            mode=mode,
            standing=ModeStanding.STOPPED,
            reason=stop.reason,
            until=stop.until,
            missing=missing,
            latest=latest,
        )
    standing = ModeStanding.ON if turned_on else ModeStanding.OFF
    if missing:
        standing = ModeStanding.NEEDS_APPROVAL
    elif planned is not None and mode not in planned:
        standing = ModeStanding.NOT_IN_PLAN
    return ModeState(mode=mode, standing=standing, until=min(ends, default=None), missing=missing, latest=latest)
