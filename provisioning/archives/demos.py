"""Public demo malls: a pinned backup with its pictures, and the hour at which the mall is made anew from it.

A demo is a rehearsal that everybody sees; the job that makes it anew is provisioning.rehearsals.resets.
"""

import datetime as dt
import logging

from django.core.files.base import File
from django.db import transaction

from provisioning.archives import selectors, services, shelves
from provisioning.archives.models import Backup
from provisioning.archives.rules import BackupState
from saas.kernel.clock import CHINA
from saas.tenants.jobs import selectors as jobs
from saas.tenants.jobs import services as job_services
from saas.tenants.jobs.models import Job
from saas.tenants.jobs.rules import JobKind
from saas.tenants.malls import services as malls
from saas.tenants.malls.models import Mall
from saas.tenants.malls.rules import MallState
from saas.tenants.malls.storage import mall_storage, own_folder

logger = logging.getLogger(__name__)


def follow_switch(*, mall: str, hour: int | None, seed: str, actor: str, now: dt.datetime) -> None:
    """Do as control says: a demo with that hour and seed (asked for if it was never taken), or none. Raises ClockIsReal."""
    with transaction.atomic():
        malls.set_demo(mall, hour=hour, seed=seed)
        if hour is not None:
            services.ask_backup(mall=mall, ulid=seed, reason="seed of the public demo", actor=actor, now=now)


def start_reset(*, mall: str, actor: str, now: dt.datetime) -> Job:
    """Begin to make a mall anew; the job refuses one that is no demo. Raises JobUnderWay."""
    return job_services.start_job(mall=mall, kind=JobKind.RESET, asked={}, actor=actor, now=now)


def look_after(*, now: dt.datetime) -> list[str]:
    """Keep the pictures of seeds and begin the resets of the night; the malls of those begun. `now` is the world's."""
    begun = []
    for mall in Mall.objects.filter(demo_hour__gte=0, state=MallState.REHEARSAL, live_at=None).order_by("pk"):
        seed = Backup.objects.filter(ulid=mall.demo_seed, state=BackupState.READY).first()
        if seed is None:
            continue
        try:
            keep_pictures(seed)
            if is_due(mall, seed, now=now):
                start_reset(mall=mall.ulid, actor="system", now=now)
                begun.append(mall.ulid)
        except job_services.JobUnderWay:
            continue  # the next round finds it due again
        except Exception:
            logger.exception("demo mall %s", mall.ulid, extra={"mall": mall.ulid})
    return begun


def is_due(mall: Mall, seed: Backup, *, now: dt.datetime) -> bool:
    """Whether the demo's hour of today has come, its seed is older than that, and it was not made anew since."""
    assert mall.demo_hour is not None
    since = now.astimezone(CHINA).replace(hour=mall.demo_hour, minute=0, second=0, microsecond=0)
    if now < since or seed.started_at >= since:
        return False
    last = jobs.of_mall(mall.ulid, JobKind.RESET, limit=1)
    return not last or last[0].started_at < since


def keep_pictures(seed: Backup) -> int:
    """Copy the seed's pictures beside its backup, out of visitors' reach, as far as they are not there; how many."""
    folder = shelves.kept_folder(seed.mall, seed.ulid)
    kept = {name.removeprefix(folder): size for name, size in mall_storage().walk(folder)}
    if kept and _is_whole(seed, kept):
        return 0
    return copy_files(_pictures(seed), kept, source=own_folder(seed.mall), target=folder)


def bring_back(seed: Backup) -> tuple[int, frozenset[str]]:
    """Copy back which of the seed's pictures the mall has lost; how many, and the names of all that belong to the seed."""
    own, pictures = own_folder(seed.mall), _pictures(seed)
    here = dict(shelves.media(seed.mall))
    count = copy_files(pictures, here, source=shelves.kept_folder(seed.mall, seed.ulid), target=own)
    return count, frozenset(pictures)


def drop_others(mall: str, pictures: frozenset[str]) -> int:
    """Delete what visitors uploaded; how many files."""
    extra = [name for name, _size in shelves.media(mall) if name not in pictures]
    for name in extra:
        shelves.delete(f"{own_folder(mall)}{name}")
    return len(extra)


def copy_files(wanted: dict[str, int], there: dict[str, int], *, source: str, target: str) -> int:
    """Copy files (name, bytes) from one folder to another where they are not there; what the source lost is left out."""
    storage, count = mall_storage(), 0
    for name, size in wanted.items():
        if there.get(name) == size:
            continue
        try:
            with storage.open(f"{source}{name}") as file:
                shelves.delete(f"{target}{name}")
                storage.save(f"{target}{name}", File(file))
            count += 1
        except FileNotFoundError:
            logger.warning("%s%s is no longer in the storage", source, name)
    return count


def _is_whole(seed: Backup, kept: dict[str, int]) -> bool:
    return kept.items() >= _pictures(seed).items()


def _pictures(seed: Backup) -> dict[str, int]:
    with services.opened_backup(selectors.backup(seed.ulid).name) as (reader, _path):
        return {one["name"]: int(one["bytes"]) for one in reader.manifest["media"]}
