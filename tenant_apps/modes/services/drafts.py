"""Drafts of settings: one open draft a mode and zone, kept until it is published or thrown away."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from saas.identity import audit
from saas.kernel.errors import DomainError
from saas.kernel.ids import new_ulid
from tenant_apps.modes import selectors, worst_case
from tenant_apps.modes.models import SettingsDraft, SettingsVersion
from tenant_apps.modes.selectors import WHOLE_MALL
from tenant_apps.modes.services import publishing


class NoDraft(DomainError):
    """There is nothing drafted for this mode and zone."""

    code = "no_draft"
    http_status = 404
    message = _("There is no draft of these settings.")  # type: ignore[assignment]


class DraftChanged(DomainError):
    """Somebody else saved the draft meanwhile."""

    code = "draft_changed"
    message = _("Somebody else has changed this draft in the meantime. Please look at it again.")  # type: ignore[assignment]


def save_draft(
    *,
    actor: str,
    mode: str,
    values: Mapping[str, Any] | None,
    now: dt.datetime,
    zone: str = WHOLE_MALL,
    note: str = "",
    expected: str | None = None,
) -> SettingsDraft:
    """Keep a draft: values of the right kind and range, whatever the law or the pot will say when it is published.

    `values` None drafts that the zone follows the whole mall again. `expected` is the draft's stamp the author was
    looking at (empty: none). Raises UnknownMode, UnknownZone, NoZoneOfItsOwn, SettingsInvalid, DraftChanged.
    """
    parsed = publishing.parse_draft(mode, zone, values)
    with transaction.atomic():
        found = SettingsDraft.objects.select_for_update().filter(mode=mode, zone=zone).first()
        if expected is not None and expected != (found.stamp if found else ""):
            raise DraftChanged
        latest = selectors.history(mode=mode, zone=zone).first()
        draft = found or SettingsDraft(mode=mode, zone=zone, created_at=now)
        draft.stamp = new_ulid()
        draft.values = selectors.values_of(parsed) if parsed else {}
        draft.inherits = parsed is None
        draft.base_number = latest.number if latest else 0
        draft.author = actor
        draft.note = note.strip()
        draft.updated_at = now
        draft.save()
        audit.record(actor, "settings.drafted", target=f"draft:{draft.stamp}", mode=mode, zone=zone, note=draft.note)
    return draft


def keep_evidence(
    *, actor: str, mode: str, evidence: Mapping[str, Any], now: dt.datetime, zone: str = WHOLE_MALL
) -> SettingsDraft:
    """Keep with the open draft what was computed of it; the version published from it keeps it. Raises NoDraft."""
    with transaction.atomic():
        draft = SettingsDraft.objects.select_for_update().filter(mode=mode, zone=zone).first()
        if draft is None:
            raise NoDraft
        draft.evidence = dict(evidence)
        draft.updated_at = now
        draft.save(update_fields=["evidence", "updated_at"])
        audit.record(actor, "settings.projected", target=f"draft:{draft.stamp}", mode=mode, zone=zone)
    return draft


def discard_draft(*, actor: str, mode: str, now: dt.datetime, zone: str = WHOLE_MALL) -> None:
    """Throw the draft away. Raises NoDraft."""
    with transaction.atomic():
        gone, _rows = SettingsDraft.objects.filter(mode=mode, zone=zone).delete()
        if not gone:
            raise NoDraft
        audit.record(actor, "settings.draft_discarded", target=f"settings:{mode}", mode=mode, zone=zone)


def publish_draft(
    *,
    actor: str,
    mode: str,
    reason: str,
    now: dt.datetime,
    zone: str = WHOLE_MALL,
    effective_from: dt.datetime | None = None,
    accept_cautions: bool = False,
    expected: str | None = None,
    combinations: Iterable[worst_case.Combination] | None = None,
    approved_by: str = "",
) -> SettingsVersion:
    """Publish what is drafted, through the checks of every publication; the draft is done with.

    Refused where a version was published after the draft was written. Raises NoDraft, DraftChanged, and what
    publishing raises.
    """
    draft = selectors.draft_of(mode=mode, zone=zone)
    if draft is None:
        raise NoDraft
    if expected is not None and expected != draft.stamp:
        raise DraftChanged
    return publishing.publish_settings(
        actor=actor,
        mode=mode,
        zone=zone,
        values=None if draft.inherits else draft.values,
        reason=reason,
        now=now,
        effective_from=effective_from,
        accept_cautions=accept_cautions,
        expected_number=draft.base_number,
        combinations=combinations,
        approved_by=approved_by,
    )
