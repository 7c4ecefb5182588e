"""Takes a rollout mall by mall. Killed at any line, it is started again: what is migrated is recorded with its migration.

Run in a process of its own as the role that owns the tables (command `roll_out`): DDL is not for the app role, and a
process that has touched a thousand malls keeps a gigabyte of their catalogs.
"""

import logging
from collections.abc import Callable
from typing import Any

import psycopg.errors
from django.conf import settings
from django.db import connection, transaction
from psycopg import sql

from provisioning.rollouts import rules, scripts, services
from provisioning.rollouts.models import MallRollout, Rollout
from provisioning.rollouts.rules import MallState, RolloutState
from saas.kernel.clock import real_now as now
from saas.kernel.crashpoint import crashpoint
from saas.tenants.backend.grants import lacking_grants
from saas.tenants.malls.models import Mall

logger = logging.getLogger(__name__)
_WORKING = ("held", "rehearsal", "active", "suspended")


class MallBusy(RuntimeError):
    """The mall is moving, has moved or is gone: this rollout leaves it alone."""


def roll_out(rollout: Rollout, *, tell: Callable[[str], None] = lambda line: None) -> None:
    """Migrate what is left of a rollout, wave by wave. One mall's failure is written down and the next one is taken."""
    made: dict[str, scripts.Script] = {}
    connection.ungated = True  # type: ignore[attr-defined]  # migrations write in autocommit, too
    try:
        waves = MallRollout.objects.filter(rollout=rollout, state=MallState.PENDING).values_list("wave", flat=True)
        for wave in sorted(set(waves)):
            _take_wave(rollout, wave, made, tell)
            if rollout.state != RolloutState.RUNNING:
                return
        services.finish(rollout, now=now())
    finally:
        connection.ungated = False  # type: ignore[attr-defined]
        _public()


def _take_wave(rollout: Rollout, wave: int, made: dict[str, scripts.Script], tell: Callable[[str], None]) -> None:
    rows = MallRollout.objects.filter(rollout=rollout, wave=wave)
    while pending := list(rows.filter(state=MallState.PENDING).order_by("attempts", "pk")):
        for row in pending:
            _take_mall(rollout, row, made)
            crashpoint("rollout.mall_done")
    _public()
    done = list(rows)
    failed = sum(row.state == MallState.FAILED for row in done)
    tell(f"wave {wave}: {len(done) - failed} of {len(done)} malls")
    with transaction.atomic():
        services.report(rollout, done)
    if rules.must_stop(failed=failed, tried=len(done)):
        services.stop(rollout, now=now())


def _take_mall(rollout: Rollout, row: MallRollout, made: dict[str, scripts.Script]) -> None:
    started_at = now()
    try:
        script = made.get(row.from_version)
        if script is None:
            made[row.from_version] = _by_executor(rollout, row, started_at)
        else:
            _by_script(rollout, row, script, started_at)
    except Exception as error:
        _public()
        again = _is_lock(error) and row.attempts + 1 < rules.MAX_ATTEMPTS
        logger.warning("rollout %s: mall %s: %s", rollout.ulid, row.mall, error)
        services.record_failure(
            row, error=f"{type(error).__name__}: {error}", again=again, started_at=started_at, now=now()
        )


def _by_executor(rollout: Rollout, row: MallRollout, started_at: Any) -> scripts.Script:
    """Migrate the first mall of its version by Django, keeping the SQL; in one transaction where the migrations allow."""
    _enter(row)
    whole = all(migration.atomic for migration in scripts.plan())
    if not whole:
        _set_lock_timeout(local=False)
        script = scripts.capture(row.schema_name)
    with transaction.atomic():
        _public()
        _hold(row)
        _enter(row)
        if whole:
            _set_lock_timeout(local=True)
            script = scripts.capture(row.schema_name)
        _grant(row.schema_name)
        crashpoint("rollout.migrated")
        _public()
        method = "migrated" if script.segments else "current"
        services.record_done(row, method=method, version=rollout.version, started_at=started_at, now=now())
    return script


def _by_script(rollout: Rollout, row: MallRollout, script: scripts.Script, started_at: Any) -> None:
    """Bring a mall on as the first of its version was; text alone is one transaction with its record."""
    if not script.is_replayed:
        _enter(row)
        for segment in script.segments:
            if segment.text is None:
                _set_lock_timeout(local=False)
                scripts.run_segment(segment)
            else:
                _replay(row, script, segment)
    with transaction.atomic():
        _public()
        _hold(row)
        _set_lock_timeout(local=True)
        _look_at(row)
        if script.is_replayed:
            if scripts.applied_migrations() != script.applied:
                raise scripts.ShapeDiffers(f"{row.schema_name} has other migrations than the malls of its version")
            for segment in script.segments:
                scripts.run_segment(segment)
        scripts.run_text(script.extras)
        if scripts.shape_of(row.schema_name) != script.shape:
            raise scripts.ShapeDiffers(f"{row.schema_name} is not what the first mall of its version became")
        _grant(row.schema_name)
        crashpoint("rollout.replayed")
        method = "replayed" if script.is_replayed else "migrated"
        if not script.segments:
            method = "current"
        services.record_done(row, method=method, version=rollout.version, started_at=started_at, now=now())


def _replay(row: MallRollout, script: scripts.Script, segment: scripts.Segment) -> None:
    """One textual part between parts of Python: recorded by the rows that its text adds, so it is never run twice."""
    with transaction.atomic():
        _public()
        _set_lock_timeout(local=True)
        _look_at(row)
        if not set(segment.migrations) <= scripts.applied_migrations():
            scripts.run_segment(segment)
    _enter(row)


def _hold(row: MallRollout) -> None:
    """Keep the mall from being moved away meanwhile. Raises MallBusy."""
    state = Mall.objects.select_for_update(of=("self",)).values_list("state", flat=True).filter(ulid=row.mall).first()
    if state not in _WORKING:
        raise MallBusy(f"the mall is {state}")


def _look_at(row: MallRollout) -> None:
    """Let unqualified names mean this mall until the transaction ends, whatever the wrapper thinks is active."""
    with connection.cursor() as cursor:
        path = sql.SQL("SET LOCAL search_path = {}, public").format(sql.Identifier(row.schema_name))
        cursor.cursor.execute(path)


def _enter(row: MallRollout) -> None:
    connection.set_schema(row.schema_name)  # type: ignore[attr-defined]


def _public() -> None:
    connection.set_schema_to_public()  # type: ignore[attr-defined]


def _set_lock_timeout(*, local: bool) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET {'LOCAL ' if local else ''}lock_timeout = '{rules.LOCK_TIMEOUT_SECONDS}s'")


def _grant(schema: str) -> None:
    with connection.cursor() as cursor:
        for statement in lacking_grants(cursor, schema, settings.TENANT_APPS):
            cursor.cursor.execute(statement)


def _is_lock(error: Exception) -> bool:
    return any(
        isinstance(one, psycopg.errors.LockNotAvailable | psycopg.errors.DeadlockDetected)
        for one in (error, error.__cause__)  # Django wraps what its own cursors raise, not what a replay raises
    )
