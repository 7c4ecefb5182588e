"""Reads of rollouts, and the one query that finds the malls that are behind."""

from dataclasses import dataclass
from typing import Any

from django.db import connection

from provisioning.rollouts.models import MallRollout, Rollout
from provisioning.rollouts.rules import MallState, RolloutState

_PENDING = """
SELECT ulid, schema_name, schema_version FROM public.malls_mall m
 WHERE schema_version <> %s AND state IN ('rehearsal', 'active', 'suspended')
   AND NOT EXISTS (SELECT FROM pg_publication p WHERE p.pubname = 'move_' || m.schema_name)
 ORDER BY schema_version, id"""  # a mall that is being replicated to another cell is migrated there


@dataclass(frozen=True)
class Behind:
    """A mall whose schema is of another version than the code's."""

    mall: str
    schema_name: str
    version: str


def malls_behind(version: str) -> list[Behind]:
    """Every mall that a rollout to `version` would migrate: one query, however many malls there are."""
    with connection.cursor() as cursor:
        cursor.execute(_PENDING, [version])
        return [Behind(*row) for row in cursor.fetchall()]


def running() -> Rollout | None:
    """The rollout under way in this cell, or None."""
    return Rollout.objects.filter(state=RolloutState.RUNNING).first()


def counts(rollout: Rollout) -> dict[str, int]:
    """How many malls stand in each state."""
    found = dict.fromkeys((state.value for state in MallState), 0)
    for state in MallRollout.objects.filter(rollout=rollout).values_list("state", flat=True):
        found[state] += 1
    return found


def summary(ulid: str) -> dict[str, Any]:
    """A rollout as plain data: state, malls by state, how they were migrated, and what failed."""
    rollout = Rollout.objects.get(ulid=ulid)
    rows = MallRollout.objects.filter(rollout=rollout).order_by("wave", "pk")
    methods: dict[str, int] = {}
    for method in rows.values_list("method", flat=True):
        methods[method] = methods.get(method, 0) + 1
    return {
        "rollout": ulid,
        "state": rollout.state,
        "version": rollout.version,
        **counts(rollout),
        "methods": methods,
        "seconds": (rollout.finished_at - rollout.started_at).total_seconds() if rollout.finished_at else None,
        "errors": [[row.schema_name, row.error] for row in rows.filter(state=MallState.FAILED)[:20]],
    }
