"""The job that makes a public demo anew: its seed restored beside it, then both change places in one transaction.

Killed before that transaction the demo is as it was, after it the demo is new; whoever comes next goes on from there.
"""

import json
import tempfile
import time
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.core.cache import caches
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from psycopg import sql
from psycopg.rows import dict_row

from provisioning.archives import demos, dumps, restoring, rules, selectors, services, snapshot
from provisioning.executor import schema as schemas
from saas.kernel.clock import real_now
from saas.kernel.crashpoint import crashpoint
from saas.kernel.errors import DomainError, NotFound
from saas.kernel.ids import new_ulid
from saas.messaging.bus import services as bus
from saas.tenants.jobs import selectors as jobs
from saas.tenants.jobs import services as job_services
from saas.tenants.jobs.models import Job
from saas.tenants.jobs.rules import TRIES
from saas.tenants.malls import selectors as malls
from saas.tenants.malls import services as mall_services
from saas.tenants.malls.activation import in_mall
from saas.tenants.malls.models import Mall
from saas.tenants.malls.rules import MallState
from saas.tenants.malls.storage import own_folder

REPORTED = "demo.reported"
_STATES = (MallState.REHEARSAL, MallState.RESETTING)


class NotADemo(DomainError):
    """Only a mall that was marked as a demo, and never opened, is made anew."""

    code = "not_a_demo"
    message = _("{name} is no public demo: nothing in it was changed.")


class SeedMissing(DomainError):
    """The demo's seed was not taken yet, or its file is gone."""

    code = "seed_missing"
    message = _("The seed of this demo is not there. Take a new seed.")


class SeedOutdated(DomainError):
    """The seed was taken before the mall's last update."""

    code = "seed_outdated"
    message = _("The seed of this demo was taken before its last update. Take a new seed.")


def reset_demo(job: Job) -> bool:
    """Take the reset as far as it goes. Always over, or raises: NotADemo, SeedMissing, SeedOutdated, ArchiveRefused,
    RestoreDiffers (then the demo is as it was)."""
    begun = time.monotonic()
    try:
        if "rows" not in job.progress:
            _make_anew(job)
        _tidy(jobs.job(job.ulid), begun)
    except Exception as error:
        _reopen(job.mall)
        said = error.text if isinstance(error, DomainError) else f"{type(error).__name__}: {error}"
        if isinstance(error, DomainError) or job.attempts + 1 >= TRIES:
            _tell(job, "failed", error=said)
        raise
    return True


def _make_anew(job: Job) -> None:
    mall = malls.mall_by_ulid(job.mall)
    _require_demo(mall.name, mall.state, mall.live_at, mall.demo_hour)
    try:
        seed = selectors.backup(mall.demo_seed)
        with services.opened_backup(seed.name) as (reader, _path), tempfile.TemporaryDirectory() as folder:
            manifest = reader.manifest
            _require_own(mall, manifest)
            dump = Path(folder) / rules.DUMP
            with dump.open("wb") as file:
                for block in reader.blocks(rules.DUMP):
                    file.write(block)
            waiting = [json.loads(line) for line in reader.lines(rules.EVENTS)]
            own = own_folder(mall.ulid)
            dumps.drop(schemas.owner_url(), _aside(mall))
            rows = restoring.restore_compared(
                dump, manifest, schema=_fresh(mall), folders=(own, own), url=schemas.owner_url()
            )
    except NotFound:
        raise SeedMissing from None
    pictures, _all = demos.bring_back(seed)
    crashpoint("reset.restored")
    if mall.state == MallState.REHEARSAL:
        mall_services.change_state(mall.ulid, MallState.RESETTING, now=real_now())
    crashpoint("reset.closed")
    _change_places(job, manifest, waiting, {"rows": rows, "pictures": pictures})
    crashpoint("reset.changed")


def _require_demo(name: str, state: str, live_at: Any, hour: int | None) -> None:
    if hour is None or live_at is not None or state not in _STATES:
        raise NotADemo(name=name)


def _require_own(mall: Mall, manifest: dict[str, Any]) -> None:
    if manifest["mall"]["ulid"] != mall.ulid or manifest["mall"]["schema"] != mall.schema_name:
        raise NotADemo(name=mall.name)
    if manifest["mall"]["schema_version"] != mall.schema_version:
        raise SeedOutdated


def _fresh(mall: Mall) -> str:
    return f"t_reset_{mall.ulid.lower()}"


def _aside(mall: Mall) -> str:
    return f"t_aside_{mall.ulid.lower()}"


def _change_places(job: Job, manifest: dict[str, Any], waiting: list[dict[str, Any]], done: dict[str, int]) -> None:
    with psycopg.connect(schemas.owner_url()) as connection:
        connection.execute("SET LOCAL lock_timeout = '20s'")
        with connection.cursor(row_factory=dict_row) as cursor:
            row = cursor.execute("SELECT * FROM public.malls_mall WHERE ulid = %s FOR UPDATE", [job.mall]).fetchone()
        assert row is not None
        _require_demo(row["name"], row["state"], row["live_at"], row["demo_hour"])
        if row["schema_version"] != manifest["mall"]["schema_version"]:
            raise SeedOutdated
        mall = Mall(ulid=row["ulid"], schema_name=row["schema_name"])
        for old, new in ((mall.schema_name, _aside(mall)), (_fresh(mall), mall.schema_name)):
            names = sql.Identifier(old), sql.Identifier(new)
            connection.execute(sql.SQL("ALTER SCHEMA {} RENAME TO {}").format(*names))
        _rewrite_functions(connection, mall.schema_name, written_for=_fresh(mall))
        _put_events(connection, mall.ulid, waiting)
        connection.execute(
            sql.SQL(
                "INSERT INTO {} (at, actor, action, target, reason, data) VALUES (now(), %s, 'mall.reset', %s, '', %s)"
            ).format(sql.Identifier(mall.schema_name, "identity_auditrecord")),
            [job.actor, f"mall:{mall.ulid}", json.dumps({"job": job.ulid, "seed": row["demo_seed"], **done})],
        )
        connection.execute("UPDATE public.malls_mall SET state = 'rehearsal' WHERE ulid = %s", [mall.ulid])
        connection.execute(
            "UPDATE public.jobs_job SET progress = progress || %s WHERE ulid = %s", [json.dumps(done), job.ulid]
        )
        crashpoint("reset.uncommitted")


def _rewrite_functions(connection: psycopg.Connection, schema: str, *, written_for: str) -> None:
    """Bodies of functions are text: they name the schema that they were restored into."""
    connection.execute("SET LOCAL check_function_bodies = off")
    found = connection.execute(
        "SELECT pg_get_functiondef(p.oid) FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace"
        " WHERE n.nspname = %s AND p.prokind = 'f'",
        [schema],
    ).fetchall()
    for (text,) in found:
        if written_for in text:
            connection.execute(text.replace(written_for, schema).encode())


def _put_events(connection: psycopg.Connection, mall: str, waiting: list[dict[str, Any]]) -> None:
    """What waits in the mall is what waited in the seed; what control is to be told of stays."""
    connection.execute(
        "DELETE FROM public.bus_consumption WHERE event_id IN"
        " (SELECT event_id FROM public.bus_outboxevent WHERE mall = %s AND destination = 'local')",
        [mall],
    )
    connection.execute("DELETE FROM public.bus_outboxevent WHERE mall = %s AND destination = 'local'", [mall])
    chosen = [one for one in waiting if not str(one["topic"]).startswith(rules.SPEAKS_OUTSIDE)]
    snapshot.insert_events(connection, mall, [{**one, "event_id": new_ulid()} for one in chosen])


def _tidy(job: Job, begun: float) -> None:
    """What no transaction holds: the old copy, visitors' pictures, what is read from the mall's cache."""
    mall = malls.mall_by_ulid(job.mall)
    malls.forget_mall(mall)
    dumps.drop(schemas.owner_url(), _aside(mall))
    dropped = 0
    if mall.demo_seed:  # switched off meanwhile: what is there stays
        dropped = demos.drop_others(mall.ulid, demos.bring_back(selectors.backup(mall.demo_seed))[1])
    with in_mall(mall):
        cache: Any = caches["default"]
        client = cache.client()
        for key in client.scan_iter(match=cache.make_key("*"), count=1000):
            client.delete(key)
    crashpoint("reset.tidied")
    seconds = round(time.monotonic() - begun)
    _tell(job, "done", dropped=dropped, seconds=seconds)
    job_services.finish_job(job, now=real_now(), dropped=dropped, seconds=seconds, percent=100)


def _reopen(mall: str) -> None:
    """After an error nobody stands before a closed door."""
    if malls.mall_by_ulid(mall).state == MallState.RESETTING:
        mall_services.change_state(mall, MallState.REHEARSAL, now=real_now())


def _tell(job: Job, state: str, *, error: str = "", dropped: int = 0, seconds: int = 0) -> None:
    fact = {
        "reset": job.ulid,
        "mall": job.mall,
        "cell": settings.CELL,
        "state": state,
        "actor": job.actor,
        "error": error[:300],
        "rows": job.progress.get("rows", 0),
        "pictures": job.progress.get("pictures", 0),
        "dropped": dropped,
        "seconds": seconds,
        "started_at": job.started_at.isoformat(),
        "finished_at": real_now().isoformat(),
    }
    with transaction.atomic():
        bus.publish(REPORTED, fact, key=f"{job.ulid}:{new_ulid()}", destination=bus.CONTROL, mall=job.mall)
