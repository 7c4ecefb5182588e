"""The cell's round of backups: what was asked for, every mall once a night, drills, and the rule of retention."""

import datetime as dt
import logging

from celery import shared_task
from django.conf import settings

from provisioning.archives import demos, drills, selectors, services
from provisioning.archives.models import Backup, Drill
from provisioning.archives.rules import BackupState
from saas.kernel.clock import CHINA, real_now
from saas.kernel.errors import DomainError
from saas.messaging.bus.tasks import PublicTask
from saas.tenants.backend.locks import session_lock
from saas.tenants.malls.models import Mall
from saas.tenants.malls.rules import LEFT, MallState

logger = logging.getLogger(__name__)
_TRIES_A_NIGHT = 3


@shared_task(base=PublicTask, name="provisioning.archives.sweep", ignore_result=True)
def sweep(**_: object) -> None:
    """Every half minute; one worker of the cell at a time, a second one goes home."""
    with session_lock("archives.sweep") as alone:
        if alone:
            work(now=real_now())


def work(*, now: dt.datetime) -> dict[str, int]:
    """Take what was asked for, then what the night wants; how many backups, failures, drills."""
    done = {"taken": 0, "failed": 0, "drilled": 0}
    for row in list(Backup.objects.filter(state=BackupState.ASKED).order_by("pk")):
        done["taken" if _take(row.mall, row.reason, row.actor, now, row) else "failed"] += 1
    for drill in list(Drill.objects.filter(finished_at=None).order_by("pk")):
        drills.run_drill(drill)
        done["drilled"] += 1
    for mall in nightly_due(now=now):
        done["taken" if _take(mall, "nightly", "system", now, None) else "failed"] += 1
        services.apply_retention(mall=mall, now=now)
    demos.look_after(now=now)
    return done


def nightly_due(*, now: dt.datetime) -> list[str]:
    """Malls of this cell that have not been saved since BACKUP_HOUR of today (China)."""
    local = now.astimezone(CHINA)
    if settings.BACKUP_HOUR < 0 or local.hour < settings.BACKUP_HOUR:
        return []
    since = local.replace(hour=settings.BACKUP_HOUR, minute=0, second=0, microsecond=0)
    saved, failed = selectors.backed_up_since(since), selectors.failed_since(since)
    here = Mall.objects.exclude(state__in=[*LEFT, MallState.CREATING]).order_by("pk").values_list("ulid", flat=True)
    return [mall for mall in here if mall not in saved and failed.get(mall, 0) < _TRIES_A_NIGHT]


def _take(mall: str, reason: str, actor: str, now: dt.datetime, asked: Backup | None) -> bool:
    try:
        services.take_backup(mall=mall, reason=reason, actor=actor, now=now, ulid=asked.ulid if asked else "")
    except DomainError as refused:
        if asked is not None:
            services.give_up(asked, refused.text)
        return False
    except Exception:
        logger.exception("mall %s was not backed up", mall)
        return False
    return True
