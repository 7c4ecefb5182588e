"""What a rollout writes down: that it began, what became of each mall, that it is over; each with its fact for control."""

import datetime as dt
from typing import Any

from django.conf import settings
from django.db import IntegrityError, connection, transaction

from provisioning.executor import schema
from provisioning.rollouts import rules, selectors
from provisioning.rollouts.models import MallRollout, Rollout
from provisioning.rollouts.rules import MallState, RolloutState
from saas.kernel.errors import DomainError, NotFound
from saas.messaging.bus import services as bus
from saas.tenants.malls.models import Mall

_ERROR_LIMIT = 2000


class RolloutRuns(DomainError):
    """A rollout of this cell is under way; only one at a time."""

    code = "rollout_runs"
    message = "A rollout of this cell is under way."


class NothingToRetry(DomainError):
    """The rollout is under way, or every mall of it is migrated."""

    code = "nothing_to_retry"
    message = "Only a rollout that stopped or in which malls failed can be tried again."


def start_rollout(*, ulid: str, actor: str, reason: str, now: dt.datetime) -> Rollout:
    """Enter a rollout to the code's version with every mall that is behind, in waves. The same ULID again: the first one.

    Raises RolloutRuns.
    """
    known = Rollout.objects.filter(ulid=ulid).first()
    if known is not None:
        return known
    version = schema.migrations_hash()
    try:
        with transaction.atomic():
            rollout = Rollout.objects.create(
                ulid=ulid, version=version, requested_by=actor, reason=reason[:300], started_at=now
            )
            behind = {one.mall: one for one in selectors.malls_behind(version)}
            MallRollout.objects.bulk_create(
                MallRollout(
                    rollout=rollout,
                    mall=mall,
                    schema_name=behind[mall].schema_name,
                    from_version=behind[mall].version,
                    wave=wave,
                )
                for wave, malls in enumerate(rules.waves(list(behind)))
                for mall in malls
            )
            report(rollout, list(MallRollout.objects.filter(rollout=rollout)))
            if not behind:
                finish(rollout, now=now)
    except IntegrityError:
        raise RolloutRuns from None
    return rollout


def retry_rollout(*, ulid: str, now: dt.datetime) -> Rollout:
    """Take up again the malls that failed, and a stopped rollout. Raises NotFound, NothingToRetry, RolloutRuns."""
    try:
        with transaction.atomic():
            rollout = Rollout.objects.select_for_update().filter(ulid=ulid).first()
            if rollout is None:
                raise NotFound
            if rollout.state not in (RolloutState.FAILED, RolloutState.STOPPED):
                raise NothingToRetry
            rollout.state, rollout.finished_at = RolloutState.RUNNING, None
            rollout.version = schema.migrations_hash()
            rollout.save(update_fields=["state", "finished_at", "version"])
            failed = MallRollout.objects.filter(rollout=rollout, state=MallState.FAILED)
            failed.update(state=MallState.PENDING, attempts=0, error="", finished_at=None)
            report(rollout, [])
    except IntegrityError:
        raise RolloutRuns from None
    return rollout


def record_done(row: MallRollout, *, method: str, version: str, started_at: dt.datetime, now: dt.datetime) -> None:
    """A mall is migrated: in the transaction of its migration, so the two are one."""
    Mall.objects.filter(ulid=row.mall).update(schema_version=version)
    row.state, row.method, row.attempts, row.error = MallState.DONE, method, row.attempts + 1, ""
    row.started_at, row.finished_at = started_at, now
    row.save()


def record_failure(row: MallRollout, *, error: str, again: bool, started_at: dt.datetime, now: dt.datetime) -> None:
    """A mall could not be migrated and is as it was; `again`: it is tried once more within this rollout."""
    with transaction.atomic():
        row.attempts, row.error = row.attempts + 1, error[-_ERROR_LIMIT:]
        row.state = MallState.PENDING if again else MallState.FAILED
        row.started_at, row.finished_at = started_at, now
        row.save()


def stop(rollout: Rollout, *, now: dt.datetime) -> None:
    """Too many malls of a wave failed: the next one does not begin."""
    with transaction.atomic():
        rollout.state, rollout.finished_at = RolloutState.STOPPED, now
        rollout.save(update_fields=["state", "finished_at"])
        report(rollout, [])


def finish(rollout: Rollout, *, now: dt.datetime) -> None:
    """No mall is left to try."""
    with transaction.atomic():
        found = selectors.counts(rollout)
        state = rules.state_after(pending=found[MallState.PENDING], failed=found[MallState.FAILED])
        rollout.state, rollout.finished_at = state, now
        rollout.save(update_fields=["state", "finished_at"])
        report(rollout, [])


def tell_again(*, ulid: str) -> None:
    """Repeat to control where every mall of a rollout stands. Raises NotFound."""
    with transaction.atomic():
        rollout = Rollout.objects.filter(ulid=ulid).first()
        if rollout is None:
            raise NotFound
        report(rollout, list(MallRollout.objects.filter(rollout=rollout)))


def report(rollout: Rollout, rows: list[MallRollout]) -> None:
    """The fact for control: where the rollout stands and what became of these malls. In the caller's transaction."""
    rollout.sequence += 1
    Rollout.objects.filter(pk=rollout.pk).update(sequence=rollout.sequence)
    bus.publish(
        rules.PROGRESSED,
        _fact(rollout, rows),
        key=f"{rollout.ulid}:{rollout.sequence}",
        destination=bus.CONTROL,
        mall="",
    )


def _fact(rollout: Rollout, rows: list[MallRollout]) -> dict[str, Any]:
    return {
        "rollout": rollout.ulid,
        "cell": settings.CELL,
        "sequence": rollout.sequence,
        "version": rollout.version,
        "state": RolloutState(rollout.state).value,
        "by": rollout.requested_by,
        "reason": rollout.reason,
        "started_at": rollout.started_at.isoformat(),
        "finished_at": rollout.finished_at.isoformat() if rollout.finished_at else None,
        "counts": selectors.counts(rollout),
        "malls": [
            {
                "mall": row.mall,
                "wave": row.wave,
                "state": MallState(row.state).value,
                "method": row.method,
                "attempts": row.attempts,
                "error": row.error[:500],
                "milliseconds": int((row.finished_at - row.started_at).total_seconds() * 1000)
                if row.finished_at and row.started_at
                else 0,
            }
            for row in rows
        ],
    }


LEADER_LOCK = 7350003


def take_lead() -> bool:
    """Whether this process may work on the cell's rollout; the server forgets it when the connection closes."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [LEADER_LOCK])
        return bool(cursor.fetchone()[0])


def give_up_lead() -> None:
    """Let another process work on it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock(%s)", [LEADER_LOCK])
