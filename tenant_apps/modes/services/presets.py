"""Sets of settings: apply one, all of it or nothing; keep the mall's own settings as a set of the vendor's."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from saas.identity import audit
from saas.identity import services as identity
from saas.kernel.errors import DomainError, InvalidInput, NotFound
from saas.kernel.ids import new_ulid
from tenant_apps.modes import presets, selectors, worst_case
from tenant_apps.modes.models import SavedPreset, SettingsVersion
from tenant_apps.modes.presets import Values
from tenant_apps.modes.registry import MODES
from tenant_apps.modes.selectors import Drafted, Pinned
from tenant_apps.modes.services import publishing

SAVED_MAX = 50
APPLY = "settings_set"  # prepared actions that applying a set asks for


class NameTaken(DomainError):
    """The vendor has a set of that name already."""

    code = "preset_name_taken"
    http_status = 422
    message = _("You have a set of that name already.")  # type: ignore[assignment]


def apply_settings_set(
    *,
    actor: str,
    settings: Values,
    reason: str,
    now: dt.datetime,
    accept_cautions: bool = False,
    only_planned: bool = False,
    combinations: Iterable[worst_case.Combination] | None = None,
    approved_by: str = "",
) -> list[SettingsVersion]:
    """Publish a set: what it names as it says, every other mode that is on switched off, zones left to the mall.

    The checks see the whole set at once; one refusal, and nothing is published. What holds already gets no new version.
    `only_planned` leaves out modes that the mall's plan does not have. Raises what publishing raises,
    SecondPersonNeeded among it.
    """
    start = publishing.require_reason_and_start(reason=reason, effective_from=None, now=now)
    with transaction.atomic():
        publishing.lock()
        pinned = selectors.settings_in_force(now=now)
        drafted = [*_named(settings, only_planned=only_planned), *_others(settings, pinned)]
        drafted = [one for one in drafted if not _holds(one, pinned)]
        if not drafted:
            return []
        problems = publishing.check_drafts(drafted, now=now, combinations=combinations)
        publishing.raise_problems(problems, accept_cautions=accept_cautions)
        if publishing.takes_two(problems):
            identity.require_second(
                actor=actor,
                approved_by=approved_by,
                kind=APPLY,
                subject="settings:set",
                payload={"settings": settings, "only_planned": only_planned},
                reason=reason,
            )
        return [
            publishing.write_version(
                actor=actor,
                approved_by=approved_by,
                draft=one,
                latest=selectors.history(mode=one.mode, zone=one.zone).first(),
                start=start,
                reason=reason,
                cautions=[problem.code for problem in problems],
                now=now,
            )
            for one in drafted
        ]


def save_preset(*, actor: str, name: str, now: dt.datetime, note: str = "") -> SavedPreset:
    """Keep the settings in force as a set of the vendor's own. Raises InvalidInput (no name, too many), NameTaken."""
    name = name.strip()
    if not 1 <= len(name) <= 40:
        raise InvalidInput(str(_("A name of 1 to 40 characters is needed.")), field="name")
    if SavedPreset.objects.count() >= SAVED_MAX:
        raise InvalidInput(str(_("Fifty sets are kept at most; delete one first.")), field="name")
    pinned = selectors.settings_in_force(now=now)
    values = {key: selectors.values_of(one.values) for key, one in pinned.items() if one.number}
    try:
        with transaction.atomic():
            row = SavedPreset.objects.create(
                ulid=new_ulid(), name=name, note=note.strip()[:200], values=values, author=actor, created_at=now
            )
            audit.record(actor, "preset.saved", target=f"preset:{row.ulid}", name=name)
    except IntegrityError:
        raise NameTaken(field="name") from None
    return row


def delete_preset(*, actor: str, ulid: str, now: dt.datetime) -> None:
    """Forget a set of the vendor's own. Raises NotFound."""
    with transaction.atomic():
        row = SavedPreset.objects.filter(ulid=ulid).first()
        if row is None:
            raise NotFound
        audit.record(actor, "preset.deleted", target=f"preset:{ulid}", name=row.name)
        row.delete()


def settings_of_preset(key: str) -> Values:
    """The settings of a named set, or of the vendor's own by its ULID. Raises NotFound."""
    if key in presets.BY_KEY:
        return presets.BY_KEY[key].settings
    row = SavedPreset.objects.filter(ulid=key).first()
    if row is None:
        raise NotFound
    values: Mapping[str, Mapping[str, Any]] = row.values
    return values


def _named(settings: Values, *, only_planned: bool) -> list[Drafted]:
    planned = selectors.planned_modes() if only_planned else None
    found = []
    for key, values in settings.items():
        mode, zone = presets.split(key)
        if planned is not None and mode in MODES and mode not in planned:
            continue
        found.append(Drafted(mode, zone, publishing.parse_draft(mode, zone, values)))
    return found


def _others(settings: Values, in_force: Mapping[str, Pinned]) -> list[Drafted]:
    """Modes that are on and not in the set are switched off; zones whose settings the set does not name follow the mall."""
    found = []
    for key, pinned in in_force.items():
        if key in settings or pinned.mode not in MODES:
            continue
        if pinned.zone:
            found.append(Drafted(pinned.mode, pinned.zone, None))
        elif pinned.values.enabled:
            found.append(Drafted(pinned.mode, "", pinned.values.model_copy(update={"enabled": False})))
    return found


def _holds(draft: Drafted, in_force: Mapping[str, Pinned]) -> bool:
    """Whether the draft is what holds already."""
    key = f"{draft.mode}@{draft.zone}" if draft.zone else draft.mode
    pinned = in_force.get(key)
    return pinned is not None and bool(pinned.number) and pinned.values == draft.values
