"""What cells say of backups and drills; and asking them for one."""

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from provisioning.lifecycle.models import BackupRecord, DrillRecord
from saas.identity import audit
from saas.kernel.errors import InvalidInput, NotFound
from saas.kernel.ids import new_ulid
from saas.messaging.bus import services as bus
from saas.tenants.vendors import selectors as vendor_facts

BACKUP_REQUESTED, DRILL_REQUESTED = "backup.requested", "drill.requested"


def request_backup(*, mall: str, reason: str, actor: str, now: dt.datetime) -> str:
    """Ask the mall's cell for a backup now; its ULID. Raises NotFound, InvalidInput (reason)."""
    return _ask(BACKUP_REQUESTED, "backup.requested", mall, reason, actor)


def request_drill(*, mall: str, reason: str, actor: str, now: dt.datetime) -> str:
    """Ask the mall's cell to prove its newest backup. Raises NotFound, InvalidInput (reason)."""
    return _ask(DRILL_REQUESTED, "drill.requested", mall, reason, actor)


def _ask(topic: str, action: str, mall: str, reason: str, actor: str) -> str:
    if not reason.strip():
        raise InvalidInput(str(_("Please give a reason.")), field="reason")
    with transaction.atomic():
        place = vendor_facts.place_or_none(mall)
        if place is None:
            raise NotFound
        ulid = new_ulid()
        payload = {"mall": mall, "ulid": ulid, "reason": reason.strip()[:300], "actor": actor}
        bus.publish(topic, payload, key=ulid, destination=place.cell.cell_id, mall=mall)
        audit.record(actor, action, target=f"mall:{mall}", reason=reason.strip(), asked=ulid)
    return ulid


def note_backup(*, fact: dict[str, Any]) -> None:
    """Keep what a cell says of a backup; an older word (a backup deleted since) changes nothing."""
    finished = _instant(fact["finished_at"])
    with transaction.atomic():
        row, made = BackupRecord.objects.select_for_update().get_or_create(
            ulid=fact["backup"],
            defaults={
                "mall": fact["mall"],
                "cell": fact["cell"],
                "started_at": dt.datetime.fromisoformat(fact["started_at"]),
            },
        )
        if not made and row.finished_at and finished and row.finished_at > finished:
            return
        for name in ("state", "reason", "actor", "size", "rows", "tables", "sha256", "error"):
            setattr(row, name, fact[name])
        row.finished_at = finished
        row.save()


def note_drill(*, fact: dict[str, Any]) -> None:
    """Keep the result of a drill; a second time changes nothing."""
    with transaction.atomic():
        DrillRecord.objects.get_or_create(
            ulid=fact["drill"],
            defaults={
                **{name: fact[name] for name in ("mall", "cell", "backup", "passed", "report", "actor")},
                "started_at": dt.datetime.fromisoformat(fact["started_at"]),
                "finished_at": dt.datetime.fromisoformat(fact["finished_at"]),
            },
        )


def _instant(text: str | None) -> dt.datetime | None:
    return dt.datetime.fromisoformat(text) if text else None
