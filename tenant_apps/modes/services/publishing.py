"""Publishing settings: validated, explained, versioned. Nothing is ever changed in place; going back is a new version."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _
from pydantic import BaseModel, ValidationError

from saas.identity import audit
from saas.identity import services as identity
from saas.kernel.errors import DomainError, InvalidInput
from saas.kernel.ids import new_ulid
from saas.tenants.malls import selectors as malls
from saas.tenants.malls.activation import active_mall
from tenant_apps.modes import faults, operators, quoting, selectors, sentences, worst_case
from tenant_apps.modes.contract import Caution, Channel, Problem, Refusal
from tenant_apps.modes.models import SettingsDraft, SettingsVersion
from tenant_apps.modes.registry import EVIDENCE, MODES, SETTINGS, WHOLE_MALL_ONLY
from tenant_apps.modes.selectors import WHOLE_MALL
from tenant_apps.modes.services import standing

PUBLISH = "settings_publish"  # prepared actions that publishing asks for


class UnknownMode(DomainError):
    """There is no such mode."""

    code = "unknown_mode"
    http_status = 404
    message = _("There is no money rule of that name.")  # type: ignore[assignment]


class SettingsInvalid(DomainError):
    """A value is of the wrong kind or outside its range; `data["fields"]` has a text for each setting at fault."""

    code = "settings_invalid"
    http_status = 422
    message = _("These settings cannot be used: {texts}")  # type: ignore[assignment]


class SettingsRefused(DomainError):
    """The law, or the arithmetic, forbids these settings; nothing was published. `data["problems"]` says why."""

    code = "settings_refused"
    http_status = 422
    message = _("These settings cannot be published: {texts}")  # type: ignore[assignment]


class CautionsUnread(DomainError):
    """The settings may be published once the cautions have been read and accepted; `data["problems"]` has them."""

    code = "cautions_unread"
    http_status = 409
    message = _("Please read and accept before publishing: {texts}")  # type: ignore[assignment]


class SettingsChanged(DomainError):
    """Somebody else published meanwhile."""

    code = "settings_changed"
    message = _("These settings were changed by somebody else in the meantime. Please look at them again.")  # type: ignore[assignment]


class NoZoneOfItsOwn(DomainError):
    """These terms hold for the whole mall, or the whole mall was told to follow itself."""

    code = "no_zone_of_its_own"
    http_status = 422
    message = _("These settings hold for the whole mall; only a zone's own settings can be given up.")  # type: ignore[assignment]


class UnknownZone(DomainError):
    """There is no such zone in this mall."""

    code = "unknown_zone"
    http_status = 422
    message = _("There is no zone of that name.")  # type: ignore[assignment]


def parse_settings(mode: str, values: Mapping[str, Any]) -> BaseModel:
    """Values as the mode's own model. Raises UnknownMode, SettingsInvalid (naming each setting and its range)."""
    model = SETTINGS.get(mode)
    if model is None:
        raise UnknownMode
    try:
        return model.model_validate(dict(values))
    except ValidationError as error:
        fields = faults.fields_at_fault(model, error)
        texts = "; ".join(fields.values())
        raise SettingsInvalid(field=next(iter(fields)), texts=texts, fields=fields) from None


def check_settings(
    *,
    mode: str,
    values: Mapping[str, Any] | None,
    now: dt.datetime,
    combinations: Iterable[worst_case.Combination] | None = None,
    channel: Channel | None = None,
    zone: str = WHOLE_MALL,
    effective_from: dt.datetime | None = None,
) -> tuple[BaseModel | None, Sequence[Problem]]:
    """The settings as a model, and everything that stands against them; writes nothing, so a form may preview with it.

    `values` None: the zone gives up its own settings. The payout ratio is computed at `effective_from` and at every
    later instant at which a version that is published already takes effect. Raises what parsing raises, NoZoneOfItsOwn.
    """
    draft = parse_draft(mode, zone, values)
    drafted = [selectors.Drafted(mode, zone, draft)]
    return draft, check_drafts(
        drafted, now=now, combinations=combinations, channel=channel, effective_from=effective_from
    )


def check_drafts(
    drafted: Sequence[selectors.Drafted],
    *,
    now: dt.datetime,
    combinations: Iterable[worst_case.Combination] | None = None,
    channel: Channel | None = None,
    effective_from: dt.datetime | None = None,
) -> list[Problem]:
    """What stands against publishing several drafts together: the law's word on each, the payout ratio of all."""
    problems: list[Problem] = []
    for one in drafted:
        if one.mode in MODES and one.values is not None:
            problems += operators.problems(one.mode, one.values, now=now)
            problems += standing.problems(one.mode, one.values, effective_from=effective_from or now, now=now)
            problems += MODES[one.mode].validate(one.values, channel or selectors.channel(now=now))
    if all(one.mode == "orders" for one in drafted):
        return problems
    offered = list(selectors.combinations() if combinations is None else combinations)
    found: list[Problem] = []
    for instant in selectors.instants_from(effective_from or now, drafted=drafted):
        book = selectors.rulebook(at=instant, drafted=drafted)
        then = worst_case.problems(worst_case.payouts(offered, book), book.terms)
        if not found or any(isinstance(one, Refusal) for one in then):
            found = then or found
        if any(isinstance(one, Refusal) for one in found):
            break
    return [*problems, *found]


def parse_draft(mode: str, zone: str, values: Mapping[str, Any] | None) -> BaseModel | None:
    """A draft's values as the mode's model; None gives a zone's own settings up. Raises as parsing, NoZoneOfItsOwn."""
    if mode not in SETTINGS:
        raise UnknownMode
    if zone and (mode not in MODES or mode in WHOLE_MALL_ONLY):
        raise NoZoneOfItsOwn
    if values is None and not zone:
        raise NoZoneOfItsOwn
    if zone and zone not in selectors.zone_names():
        raise UnknownZone
    return None if values is None else parse_settings(mode, values)


def publish_settings(
    *,
    actor: str,
    mode: str,
    values: Mapping[str, Any] | None,
    reason: str,
    now: dt.datetime,
    combinations: Iterable[worst_case.Combination] | None = None,
    zone: str = WHOLE_MALL,
    effective_from: dt.datetime | None = None,
    accept_cautions: bool = False,
    channel: Channel | None = None,
    expected_number: int | None = None,
    approved_by: str = "",
) -> SettingsVersion:
    """Publish a new version; orders placed from `effective_from` on (default: now) are sold under it.

    `combinations` are the offers the payout ratio is computed on, by default everything on shelf. `expected_number`
    is the version the author was looking at. `values` None: the zone follows the whole mall again. An open draft of the
    same mode and zone is done with. `approved_by` is the second person, whom settings under legal guard-rails 5 and 10
    need in a mall that has opened. Raises UnknownMode, UnknownZone, NoZoneOfItsOwn, SettingsInvalid, SettingsRefused,
    CautionsUnread, SettingsChanged, InvalidInput (no reason, or an instant that has passed), SecondPersonNeeded.
    """
    start = require_reason_and_start(reason=reason, effective_from=effective_from, now=now)
    with transaction.atomic():
        lock()
        latest = selectors.history(mode=mode, zone=zone).first()
        number = latest.number if latest else 0
        if expected_number is not None and expected_number != number:
            raise SettingsChanged
        draft, problems = check_settings(
            mode=mode,
            values=values,
            combinations=combinations,
            now=now,
            channel=channel,
            zone=zone,
            effective_from=start,
        )
        raise_problems(problems, accept_cautions=accept_cautions)
        if draft is None and (latest is None or latest.inherits):
            raise NoZoneOfItsOwn
        if takes_two(problems):
            identity.require_second(
                actor=actor,
                approved_by=approved_by,
                kind=PUBLISH,
                subject=f"settings:{mode}@{zone}",
                payload={
                    "mode": mode,
                    "zone": zone,
                    "values": None if draft is None else selectors.values_of(draft),
                    "effective_from": effective_from.isoformat() if effective_from else "",
                    "number": number,
                    "cautions": [problem.code for problem in problems],
                },
                reason=reason,
            )
        return write_version(
            actor=actor,
            approved_by=approved_by,
            draft=selectors.Drafted(mode, zone, draft),
            latest=latest,
            start=start,
            reason=reason,
            cautions=[problem.code for problem in problems],
            now=now,
        )


def require_reason_and_start(*, reason: str, effective_from: dt.datetime | None, now: dt.datetime) -> dt.datetime:
    """From when on a version holds. Raises InvalidInput without a reason, or for an instant that has passed."""
    if not reason.strip():
        raise InvalidInput(str(_("Please say why the settings change.")), field="reason")
    start = effective_from or now
    if start < now:
        raise InvalidInput(str(_("Settings cannot take effect in the past.")), field="effective_from")
    return start


def takes_two(problems: Sequence[Problem]) -> bool:
    """Whether a caution asks for a second person here: in a mall that has opened (MODES 14 #5, #10)."""
    asked = any(isinstance(one, Caution) and one.two_persons for one in problems)
    return asked and malls.is_real(active_mall().ulid)


def write_version(
    *,
    actor: str,
    approved_by: str = "",
    draft: selectors.Drafted,
    latest: SettingsVersion | None,
    start: dt.datetime,
    reason: str,
    cautions: Sequence[str],
    now: dt.datetime,
) -> SettingsVersion:
    """Write what was checked as the next version, under the lock; the open draft is done with."""
    version = SettingsVersion(
        ulid=new_ulid(),
        mode=draft.mode,
        zone=draft.zone,
        number=latest.number + 1 if latest else 1,
        values=selectors.values_of(draft.values) if draft.values else {},
        inherits=draft.values is None,
        effective_from=start,
        author=actor,
        approved_by=approved_by,
        reason=reason.strip(),
        cautions=list(cautions),
        evidence=_evidence(draft),
        created_at=now,
    )
    version.save(force_insert=True)
    quoting.forget_shown()
    SettingsDraft.objects.filter(mode=draft.mode, zone=draft.zone).delete()
    changed = selectors.changes_to(version, earlier=latest)
    audit.record(
        actor,
        "settings.published",
        target=f"settings:{version.ulid}",
        reason=version.reason,
        mode=version.mode,
        zone=version.zone,
        number=version.number,
        approved_by=approved_by,
        changes={change.name: [change.before, change.after] for change in changed},
    )
    return version


def _evidence(draft: selectors.Drafted) -> dict[str, Any]:
    """What the version is kept with; from the open draft where that was computed of the same values."""
    if draft.mode not in EVIDENCE or draft.values is None:
        return {}
    kept = SettingsDraft.objects.filter(mode=draft.mode, zone=draft.zone).values_list("evidence", flat=True).first()
    return EVIDENCE[draft.mode](draft.values, kept or {})


def roll_back_settings(
    *,
    actor: str,
    version_ulid: str,
    reason: str,
    now: dt.datetime,
    combinations: Iterable[worst_case.Combination] | None = None,
    accept_cautions: bool = False,
    effective_from: dt.datetime | None = None,
    approved_by: str = "",
) -> SettingsVersion:
    """Publish an earlier version's values again, as a new version: checked like any other. Raises what publishing raises."""
    earlier = selectors.settings_version(version_ulid)
    return publish_settings(
        actor=actor,
        mode=earlier.mode,
        zone=earlier.zone,
        values=None if earlier.inherits else earlier.values,
        reason=reason,
        effective_from=effective_from,
        now=now,
        combinations=combinations,
        accept_cautions=accept_cautions,
        approved_by=approved_by,
    )


def raise_problems(problems: Sequence[Problem], *, accept_cautions: bool) -> None:
    refusals = [problem for problem in problems if isinstance(problem, Refusal)]
    if refusals:
        raise SettingsRefused(field=refusals[0].field or None, texts=_texts(refusals), problems=refusals)
    cautions = [problem for problem in problems if isinstance(problem, Caution)]
    if cautions and not accept_cautions:
        raise CautionsUnread(texts=_texts(cautions), problems=cautions)


def _texts(problems: Sequence[Problem]) -> str:
    return " ".join(sentences.render_problem(problem) for problem in problems)


def lock() -> None:
    """One publication at a time in this mall: what one mode may still pay depends on the others."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || '/settings', 0))")
