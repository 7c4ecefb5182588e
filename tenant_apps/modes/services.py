"""Publishing settings: validated, explained, versioned. Nothing is ever changed in place; going back is a new version."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _
from pydantic import BaseModel, ValidationError

from saas.identity import audit
from saas.kernel.errors import DomainError, InvalidInput
from saas.kernel.ids import new_ulid
from tenant_apps.modes import operators, quoting, selectors, sentences, worst_case
from tenant_apps.modes.contract import Caution, Channel, Problem, Refusal
from tenant_apps.modes.models import SettingsVersion
from tenant_apps.modes.registry import MODES, SETTINGS
from tenant_apps.modes.selectors import WHOLE_MALL


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


def parse_settings(mode: str, values: Mapping[str, Any]) -> BaseModel:
    """Values as the mode's own model. Raises UnknownMode, SettingsInvalid (naming each setting and its range)."""
    model = SETTINGS.get(mode)
    if model is None:
        raise UnknownMode
    try:
        return model.model_validate(dict(values))
    except ValidationError as error:
        fields = {
            ".".join(str(part) for part in one["loc"]) or "settings": one["msg"]
            for one in error.errors(include_url=False, include_context=False)
        }
        texts = "; ".join(f"{name}: {text}" for name, text in fields.items())
        raise SettingsInvalid(field=next(iter(fields)), texts=texts, fields=fields) from None


def check_settings(
    *,
    mode: str,
    values: Mapping[str, Any],
    now: dt.datetime,
    combinations: Iterable[worst_case.Combination] | None = None,
    channel: Channel | None = None,
    zone: str = WHOLE_MALL,
) -> tuple[BaseModel, Sequence[Problem]]:
    """The settings as a model, and everything that stands against them; writes nothing, so a form may preview with it."""
    draft = parse_settings(mode, values)
    problems: list[Problem] = []
    if mode in MODES:
        problems += operators.problems(mode, draft, now=now)
        problems += MODES[mode].validate(draft, channel or selectors.channel(now=now))
    terms = draft if mode == "settlement" else selectors.settlement_terms(now=now)
    in_force = selectors.of_zone(selectors.settings_in_force(now=now), zone)
    drafted = {key: one.values for key, one in in_force.items() if key in MODES}
    if mode in MODES:
        drafted[mode] = draft
    offered = selectors.combinations() if combinations is None else combinations
    found = worst_case.payouts(offered, drafted, terms)  # type: ignore[arg-type]
    return draft, [*problems, *worst_case.problems(found, terms)]  # type: ignore[arg-type]


def publish_settings(
    *,
    actor: str,
    mode: str,
    values: Mapping[str, Any],
    reason: str,
    now: dt.datetime,
    combinations: Iterable[worst_case.Combination] | None = None,
    zone: str = WHOLE_MALL,
    effective_from: dt.datetime | None = None,
    accept_cautions: bool = False,
    channel: Channel | None = None,
    expected_number: int | None = None,
) -> SettingsVersion:
    """Publish a new version; orders placed from `effective_from` on (default: now) are sold under it.

    `combinations` are the offers the payout ratio is computed on, by default everything on shelf. `expected_number`
    is the version the author was looking at. Raises UnknownMode, SettingsInvalid, SettingsRefused, CautionsUnread,
    SettingsChanged, InvalidInput (no reason, or an instant that has passed).
    """
    if not reason.strip():
        raise InvalidInput(str(_("Please say why the settings change.")), field="reason")
    start = effective_from or now
    if start < now:
        raise InvalidInput(str(_("Settings cannot take effect in the past.")), field="effective_from")
    draft, problems = check_settings(
        mode=mode, values=values, combinations=combinations, now=now, channel=channel, zone=zone
    )
    _raise_problems(problems, accept_cautions=accept_cautions)
    with transaction.atomic():
        _lock(mode, zone)
        latest = selectors.history(mode=mode, zone=zone).first()
        number = latest.number if latest else 0
        if expected_number is not None and expected_number != number:
            raise SettingsChanged
        version = SettingsVersion(
            ulid=new_ulid(),
            mode=mode,
            zone=zone,
            number=number + 1,
            values=selectors.values_of(draft),
            effective_from=start,
            author=actor,
            reason=reason.strip(),
            cautions=[problem.code for problem in problems],
            created_at=now,
        )
        version.save(force_insert=True)
        quoting.forget_shown()
        changed = selectors.changes(mode=mode, before=latest.values if latest else None, after=version.values)
        audit.record(
            actor,
            "settings.published",
            target=f"settings:{version.ulid}",
            reason=version.reason,
            mode=mode,
            zone=zone,
            number=version.number,
            changes={change.name: [change.before, change.after] for change in changed},
        )
    return version


def roll_back_settings(
    *,
    actor: str,
    version_ulid: str,
    reason: str,
    now: dt.datetime,
    combinations: Iterable[worst_case.Combination] | None = None,
    accept_cautions: bool = False,
) -> SettingsVersion:
    """Publish an earlier version's values again, as a new version: checked like any other. Raises what publishing raises."""
    earlier = selectors.settings_version(version_ulid)
    return publish_settings(
        actor=actor,
        mode=earlier.mode,
        zone=earlier.zone,
        values=earlier.values,
        reason=reason,
        now=now,
        combinations=combinations,
        accept_cautions=accept_cautions,
    )


def _raise_problems(problems: Sequence[Problem], *, accept_cautions: bool) -> None:
    refusals = [problem for problem in problems if isinstance(problem, Refusal)]
    if refusals:
        raise SettingsRefused(field=refusals[0].field or None, texts=_texts(refusals), problems=refusals)
    cautions = [problem for problem in problems if isinstance(problem, Caution)]
    if cautions and not accept_cautions:
        raise CautionsUnread(texts=_texts(cautions), problems=cautions)


def _texts(problems: Sequence[Problem]) -> str:
    return " ".join(sentences.render_problem(problem) for problem in problems)


def _lock(mode: str, zone: str) -> None:
    """One publication at a time for a mode and zone of this mall."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || %s || '/' || %s, 0))", [mode, zone]
        )
