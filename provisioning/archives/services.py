"""Backups of single malls: taken, kept by a rule, deleted; each told to control. In the cell, on the owner's connection."""

import contextlib
import datetime as dt
import json
import logging
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from provisioning.archives import bundles, dumps, rules, selectors, shelves, snapshot
from provisioning.archives.bundles import Reader
from provisioning.archives.models import Backup, Drill
from provisioning.archives.rules import BackupState
from provisioning.executor import schema as template
from saas.kernel import clock
from saas.kernel.crashpoint import crashpoint
from saas.kernel.errors import DomainError, NotFound
from saas.kernel.ids import new_ulid
from saas.messaging.bus import services as bus
from saas.tenants.backend.locks import session_lock
from saas.tenants.malls import selectors as malls
from saas.tenants.malls.rules import LEFT, MallState
from saas.tenants.malls.storage import mall_storage

logger = logging.getLogger(__name__)
BACKUP_REPORTED, DRILL_REPORTED = "backup.reported", "drill.reported"
_ABSENT = LEFT | {MallState.CREATING}
_GIVEN_UP = "its worker ended in the middle"


class BackupRuns(DomainError):
    """Another backup of the mall is being taken."""

    code = "backup_runs"
    message = _("A backup of this mall is being taken. Please wait for its end.")


class NothingToBackUp(DomainError):
    """The mall is not in this cell: being made, moved away or gone."""

    code = "nothing_to_back_up"
    message = _("The mall is not in this cell, so there is nothing to back up.")


def take_backup(*, mall: str, reason: str, actor: str, now: dt.datetime, ulid: str = "") -> Backup:
    """Write a backup of the mall as it is in one moment; the mall trades meanwhile.

    With `ulid` the same backup is never taken twice. Raises NotFound, NothingToBackUp, BackupRuns, DumpFailed.
    """
    connection.set_schema_to_public()  # type: ignore[attr-defined]
    here = malls.mall_by_ulid(mall)
    if here.state in _ABSENT:
        raise NothingToBackUp
    with session_lock(f"mall:{mall}") as alone:
        if not alone:
            raise BackupRuns
        if ulid and (known := Backup.objects.filter(ulid=ulid, state=BackupState.READY).first()):
            return known
        row = _begin(mall, reason, actor, now, ulid or new_ulid())
        try:
            _write(row, here.schema_name)
        except Exception as error:
            _finish(row, BackupState.FAILED, error=f"{type(error).__name__}: {error}"[:2000])
            raise
    return row


def ask_backup(*, mall: str, ulid: str, reason: str, actor: str, now: dt.datetime) -> Backup:
    """Note that a backup was asked for; the sweeper takes it. The same ULID again changes nothing."""
    with transaction.atomic():
        row, _made = Backup.objects.get_or_create(
            ulid=ulid,
            defaults={
                "mall": mall,
                "name": shelves.backup_name(mall, ulid),
                "state": BackupState.ASKED,
                "reason": reason[:300],
                "actor": actor,
                "started_at": now,
            },
        )
    return row


def give_up(row: Backup, error: str) -> None:
    """A backup that was asked for cannot be taken."""
    _finish(row, BackupState.FAILED, error=error[:2000])


def _begin(mall: str, reason: str, actor: str, now: dt.datetime, ulid: str) -> Backup:
    with transaction.atomic():
        for left in Backup.objects.filter(mall=mall, state=BackupState.RUNNING):  # nobody holds the lock but we
            _finish(left, BackupState.FAILED, error=_GIVEN_UP)
        Backup.objects.filter(ulid=ulid).delete()
        return Backup.objects.create(
            ulid=ulid,
            mall=mall,
            name=shelves.backup_name(mall, ulid),
            reason=reason[:300],
            actor=actor,
            started_at=now,
        )


def _write(row: Backup, schema: str) -> None:
    url = template.owner_url()
    with snapshot.moment(url) as moment, shelves.writing(row.name) as shelf:
        writer = bundles.Writer(shelf)
        facts = snapshot.registry(moment.connection, row.mall)
        writer.add(rules.DUMP, dumps.dump(url, schema, snapshot=moment.name), packed=False)
        crashpoint("backup.dumped")
        writer.add(rules.EVENTS, _lines(snapshot.waiting_events(moment.connection, row.mall)))
        tables = snapshot.digests(moment.connection, schema)
        manifest = {
            "format": rules.BACKUP_FORMAT,
            "format_version": rules.FORMAT_VERSION,
            "backup": row.ulid,
            "taken_at": row.started_at.isoformat(),
            "cell": settings.CELL,
            "server_version": moment.connection.info.server_version,
            "mall": facts,
            "tables": tables,
            "trial_balance": snapshot.trial_balance(moment.connection, schema),
            "media": [{"name": name, "bytes": size} for name, size in shelves.media(row.mall)],
            "files": dict(writer.files),
        }
        content = rules.canonical(manifest)
        writer.add(rules.MANIFEST, [content])
        writer.add(rules.SIGNATURE, [rules.sign(content, settings.SECRET_KEY).encode()])
        writer.close()
    crashpoint("backup.written")
    row.size, row.sha256 = shelf.size, shelf.sha256()
    row.tables, row.rows = len(tables), sum(one["rows"] for one in tables.values())
    _finish(row, BackupState.READY)


def _lines(rows: Iterator[dict[str, Any]]) -> Iterator[bytes]:
    for row in rows:
        yield json.dumps(row, ensure_ascii=False, default=str).encode() + b"\n"


def _finish(row: Backup, state: BackupState, *, error: str = "") -> None:
    row.state, row.error, row.finished_at = state, error, clock.real_now()
    with transaction.atomic():
        row.save()
        _tell(row)


def _tell(row: Backup) -> None:
    bus.publish(
        BACKUP_REPORTED,
        {
            "backup": row.ulid,
            "mall": row.mall,
            "cell": settings.CELL,
            "state": row.state,
            "reason": row.reason,
            "actor": row.actor,
            "size": row.size,
            "rows": row.rows,
            "tables": row.tables,
            "sha256": row.sha256,
            "error": row.error[:300],
            "started_at": row.started_at.isoformat(),
            "finished_at": row.finished_at.isoformat() if row.finished_at else None,
        },
        key=f"{row.ulid}:{row.state}:{row.finished_at.isoformat() if row.finished_at else ''}",
        destination=bus.CONTROL,
        mall=row.mall,
    )


def delete_backup(row: Backup) -> None:
    """Delete a backup's file; the row stays as the record that there was one."""
    shelves.delete(row.name)
    mall_storage().delete_folder(shelves.kept_folder(row.mall, row.ulid))
    _finish(row, BackupState.DELETED)


def apply_retention(*, mall: str, now: dt.datetime) -> int:
    """Delete the mall's backups that the rule of retention does not keep; how many."""
    stay = rules.kept(
        selectors.ready_backups(mall),
        now=now,
        daily=settings.BACKUP_DAILY,
        weekly=settings.BACKUP_WEEKLY,
        monthly=settings.BACKUP_MONTHLY,
    )
    stay.add(malls.mall_by_ulid(mall).demo_seed)
    count = 0
    for row in Backup.objects.filter(mall=mall, state=BackupState.READY).exclude(ulid__in=stay):
        delete_backup(row)
        count += 1
    return count


@contextlib.contextmanager
def opened_backup(name: str) -> Iterator[tuple[Reader, Any]]:
    """A stored backup, its signature and directory checked, and its path. Raises ArchiveRefused, NotFound."""
    try:
        with (
            shelves.reading(name) as path,
            bundles.opened(path, wanted=rules.BACKUP_FORMAT, secret=settings.SECRET_KEY) as reader,
        ):
            yield reader, path
    except FileNotFoundError:
        raise NotFound from None


def ask_drill(*, mall: str, ulid: str, actor: str, now: dt.datetime) -> Drill:
    """Note that the mall's newest backup shall be proved; the sweeper does it. The same ULID again changes nothing."""
    with transaction.atomic():
        return Drill.objects.get_or_create(ulid=ulid, defaults={"mall": mall, "actor": actor, "started_at": now})[0]


def finish_drill(*, drill: Drill, passed: bool, report: dict[str, Any], now: dt.datetime) -> Drill:
    """Note what came of it, and tell control."""
    with transaction.atomic():
        drill.passed, drill.report, drill.finished_at = passed, report, now
        drill.save()
        bus.publish(
            DRILL_REPORTED,
            {
                "drill": drill.ulid,
                "mall": drill.mall,
                "cell": settings.CELL,
                "backup": drill.backup,
                "passed": passed,
                "report": report,
                "actor": drill.actor,
                "started_at": drill.started_at.isoformat(),
                "finished_at": now.isoformat(),
            },
            key=drill.ulid,
            destination=bus.CONTROL,
            mall=drill.mall,
        )
    return drill
