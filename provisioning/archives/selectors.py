"""Reads of the cell's backups and drills."""

import datetime as dt

from provisioning.archives.models import Backup, Drill
from provisioning.archives.rules import BackupState
from saas.kernel.errors import NotFound


def newest_backup(mall: str) -> Backup | None:
    """The newest backup of a mall that is whole, or None."""
    return Backup.objects.filter(mall=mall, state=BackupState.READY).order_by("-started_at", "-pk").first()


def backup(ulid: str) -> Backup:
    """A backup that is whole. Raises NotFound."""
    found = Backup.objects.filter(ulid=ulid, state=BackupState.READY).first()
    if found is None:
        raise NotFound
    return found


def ready_backups(mall: str) -> list[tuple[str, dt.datetime]]:
    """A mall's whole backups: ULID and when they were taken."""
    rows = Backup.objects.filter(mall=mall, state=BackupState.READY)
    return list(rows.order_by("started_at").values_list("ulid", "started_at"))


def backed_up_since(since: dt.datetime) -> set[str]:
    """Malls with a whole backup taken since then."""
    rows = Backup.objects.filter(state=BackupState.READY, started_at__gte=since)
    return set(rows.values_list("mall", flat=True))


def failed_since(since: dt.datetime) -> dict[str, int]:
    """How often backups of a mall failed since then."""
    counts: dict[str, int] = {}
    for mall in Backup.objects.filter(state=BackupState.FAILED, started_at__gte=since).values_list("mall", flat=True):
        counts[mall] = counts.get(mall, 0) + 1
    return counts


def last_drill(mall: str) -> Drill | None:
    """The newest drill of a mall."""
    return Drill.objects.filter(mall=mall).order_by("-started_at").first()
