"""Exports: asked for, finished, downloaded by a link that holds ten minutes, expired."""

import datetime as dt
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from provisioning.lifecycle import rules, selectors
from provisioning.lifecycle.models import ExportFile
from provisioning.lifecycle.rules import ExportState
from provisioning.orchestrator.services import runs
from provisioning.rules import RunKind
from saas.identity import audit, tokens
from saas.kernel.errors import DomainError, InvalidInput, NotFound
from saas.kernel.ids import new_ulid
from saas.messaging.bus import services as bus
from saas.tenants.vendors import selectors as vendor_facts
from saas.tenants.vendors.rules import PlaceState

EXPORT_EXPIRED = "export.expired"
PURPOSE = "export"
_EXPORTABLE = (PlaceState.REHEARSAL, PlaceState.LIVE, PlaceState.HELD)  # suspended or not: an export stays a right


class ExportRuns(DomainError):
    """The mall has an export under way."""

    code = "export_runs"
    message = _("An export of this mall is being made. Please wait for its end.")


class NotExportable(DomainError):
    """The mall is not made, or is gone."""

    code = "not_exportable"
    message = _("This mall is not ready, so there is nothing to export.")


class ExportNotReady(DomainError):
    """There is no file: it is being made, failed, or its time is over."""

    code = "export_not_ready"
    message = _("This export cannot be downloaded: it is not ready, or its time is over. Please make a new one.")


def request_export(*, mall: str, reason: str, actor: str, now: dt.datetime) -> ExportFile:
    """Have everything of a mall written into one file, whether it trades or is suspended.

    Raises NotFound, InvalidInput (reason), NotExportable, ExportRuns, RunIsActive (another run of the mall is under way).
    """
    if not reason.strip():
        raise InvalidInput(str(_("Please give a reason.")), field="reason")
    with transaction.atomic():
        place = vendor_facts.lock_place(mall)
        if place is None:
            raise NotFound
        if place.state not in _EXPORTABLE:
            raise NotExportable
        if ExportFile.objects.filter(mall=mall, state=ExportState.MAKING).exists():
            raise ExportRuns
        ulid = new_ulid()
        run = runs.new_run(
            place=place, kind=RunKind.EXPORT, order={}, key=f"export:{ulid}", actor=actor, now=now, reason=reason
        )
        try:
            with transaction.atomic():
                row = ExportFile.objects.create(
                    ulid=ulid,
                    mall=mall,
                    run=run.ulid,
                    reason=reason.strip()[:300],
                    requested_by=actor,
                    requested_at=now,
                )
        except IntegrityError:
            raise ExportRuns from None
        audit.record(actor, "export.requested", target=f"mall:{mall}", reason=reason.strip(), export=ulid)
    return row


def note_ready(*, fact: dict[str, Any], now: dt.datetime) -> None:
    """The cell has written and read back the file. A second time changes nothing."""
    with transaction.atomic():
        row = ExportFile.objects.select_for_update().filter(run=fact["run"], mall=fact["mall"]).first()
        if row is None or row.state == ExportState.EXPIRED:
            return
        row.state, row.name, row.size, row.sha256 = ExportState.READY, fact["name"], fact["size"], fact["sha256"]
        row.facts = {key: fact[key] for key in ("tables", "rows", "media", "withheld", "trial_balance", "taken_at")}
        row.ready_at, row.expires_at = now, now + dt.timedelta(days=rules.EXPORT_DAYS)
        row.save()
        audit.record("provisioning", "export.ready", target=f"mall:{row.mall}", export=row.ulid, sha256=row.sha256)


def note_run_ended(*, run: str, state: str) -> None:
    """The run of an export failed or was cancelled: another one may be asked for. A retry makes it again."""
    with transaction.atomic():
        if state == "succeeded":
            return
        ExportFile.objects.filter(run=run, state=ExportState.MAKING).update(state=ExportState.FAILED)


def download_link(*, mall: str, ulid: str, reason: str, actor: str, now: dt.datetime) -> str:
    """The address under which the file can be fetched for ten minutes, at the mall's own host; audited.

    Whoever calls has made sure that the actor is the vendor's owner (with a fresh code) or an operator. Raises NotFound,
    InvalidInput (reason), ExportNotReady.
    """
    if not reason.strip():
        raise InvalidInput(str(_("Please give a reason.")), field="reason")
    with transaction.atomic():
        place = vendor_facts.place_of_mall(mall)
        row = selectors.export(ulid, mall=mall)
        if row.state != ExportState.READY or (row.expires_at is not None and row.expires_at <= now):
            raise ExportNotReady
        ExportFile.objects.filter(pk=row.pk).update(downloads=F("downloads") + 1)
        audit.record(actor, "export.link_given", target=f"mall:{mall}", reason=reason.strip(), export=ulid)
        token = tokens.seal(PURPOSE, mall, {"name": row.name, "actor": actor, "export": ulid})
    return vendor_facts.mall_url(place, f"/_export/{token}")


def expire_due(*, now: dt.datetime) -> int:
    """Let go of exports whose time is over: their cells delete the files. How many."""
    count = 0
    with transaction.atomic():
        due = ExportFile.objects.select_for_update().filter(state=ExportState.READY, expires_at__lte=now)
        for row in due:
            row.state = ExportState.EXPIRED
            row.save(update_fields=["state"])
            place = vendor_facts.place_or_none(row.mall)
            if place is not None:
                bus.publish(
                    EXPORT_EXPIRED,
                    {"mall": row.mall, "name": row.name},
                    key=row.ulid,
                    destination=place.cell.cell_id,
                    mall=row.mall,
                )
            count += 1
    return count
