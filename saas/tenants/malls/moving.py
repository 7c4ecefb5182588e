"""A mall's row in the registries of the two cells between which it moves. Plain connections: no process has both aliases.

The row of the cell it leaves is the arbiter. It goes working → moving → moved, each step only from the state and epoch
that the move was ordered for, so a worker that was given up can neither freeze nor flip any more.
"""

# ruff: noqa: S608 - the names of tables and columns are written here, nothing comes from outside

import datetime as dt
from collections.abc import Sequence
from typing import Any

from psycopg import Connection
from psycopg.rows import dict_row

_SETTLED = ("rehearsal", "active", "suspended")


class MoveOvertaken(RuntimeError):
    """The mall is not as this move knew it: another run, an undo or an operator was there in between."""


class CopyKept(RuntimeError):
    """The wanted cell still keeps the copy that an earlier move left there."""


def row(connection: Connection, ulid: str) -> dict[str, Any] | None:
    """A mall's row as a cell's registry has it, or None."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute("SELECT * FROM public.malls_mall WHERE ulid = %s", [ulid]).fetchone()


def has_left(connection: Connection, ulid: str, *, epoch: int, target: str) -> bool:
    """Whether the mall of that epoch has been handed to `target` already."""
    found = row(connection, ulid)
    return found is not None and (found["state"], found["epoch"], found["moved_to"]) == ("moved", epoch, target)


def freeze(connection: Connection, ulid: str, *, epoch: int) -> bool:
    """Refuse writes from now on; waits for those under way. Whether it did it now. Raises MoveOvertaken."""
    done = connection.execute(
        "UPDATE public.malls_mall SET state_before = state, state = 'moving'"
        " WHERE ulid = %s AND epoch = %s AND state = ANY(%s)",
        [ulid, epoch, list(_SETTLED)],
    )
    if done.rowcount:
        return True
    found = row(connection, ulid)
    if found is None or (found["state"], found["epoch"]) != ("moving", epoch):
        raise MoveOvertaken(_told(found, epoch))
    return False


def require_frozen(connection: Connection, ulid: str, *, epoch: int) -> None:
    """Keep the mall frozen until the caller's transaction ends. Raises MoveOvertaken if it is not, or was freed since."""
    found = connection.execute(
        "SELECT state, epoch FROM public.malls_mall WHERE ulid = %s FOR SHARE", [ulid]
    ).fetchone()
    if found != ("moving", epoch):
        raise MoveOvertaken(_told(row(connection, ulid), epoch))


def unfreeze(connection: Connection, ulid: str, *, epoch: int) -> bool:
    """Take writes again, under a new epoch: whoever still works on the old one finds nothing. Raises MoveOvertaken."""
    done = connection.execute(
        "UPDATE public.malls_mall SET epoch = epoch + 1, state_before = '',"
        " state = CASE state WHEN 'moving' THEN state_before ELSE state END"
        " WHERE ulid = %s AND epoch = %s AND state = ANY(%s)",
        [ulid, epoch, [*_SETTLED, "moving"]],
    )
    if done.rowcount:
        return True
    found = row(connection, ulid)
    if found is None or found["epoch"] != epoch + 1 or found["state"] not in _SETTLED:
        raise MoveOvertaken(_told(found, epoch))
    return False


def leave(connection: Connection, ulid: str, *, epoch: int, target: str, now: dt.datetime) -> bool:
    """Hand the mall over to `target`: from here on this copy is the old one. Raises MoveOvertaken."""
    done = connection.execute(
        "UPDATE public.malls_mall SET state = 'moved', moved_to = %s, moved_at = %s"
        " WHERE ulid = %s AND epoch = %s AND state = 'moving'",
        [target, now, ulid, epoch],
    )
    if done.rowcount:
        return True
    if not has_left(connection, ulid, epoch=epoch, target=target):
        raise MoveOvertaken(_told(row(connection, ulid), epoch))
    return False


def expect(connection: Connection, found: dict[str, Any], *, epoch: int) -> None:
    """Enter the mall in the registry of the cell it goes to, `arriving` under its new epoch. Raises CopyKept."""
    done = connection.execute(
        "INSERT INTO public.malls_mall AS here (schema_name, ulid, name, state, epoch, schema_version, created_at,"
        " live_at, clock_offset_seconds, demo_seed, state_before, moved_to) VALUES (%(schema_name)s, %(ulid)s, %(name)s,"
        " 'arriving', %(new)s, %(schema_version)s, %(created_at)s, %(live_at)s, %(clock_offset_seconds)s,"
        " '', '', '') ON CONFLICT (ulid) DO UPDATE SET state = 'arriving',"
        " epoch = EXCLUDED.epoch, name = EXCLUDED.name, schema_version = EXCLUDED.schema_version,"
        " live_at = EXCLUDED.live_at, clock_offset_seconds = EXCLUDED.clock_offset_seconds,"
        " demo_hour = NULL, demo_seed = '', state_before = '', moved_to = '', moved_at = NULL"
        " WHERE here.state = 'gone' AND here.epoch <= EXCLUDED.epoch OR here.state = 'arriving'",
        {**found, "new": epoch},
    )
    if not done.rowcount:
        here = row(connection, str(found["ulid"]))
        raise CopyKept(f"{found['schema_name']} is here as {here and here['state']}, epoch {here and here['epoch']}")


def settle(connection: Connection, ulid: str, *, epoch: int, state: str) -> bool:
    """Open the arrived mall in the state it had; whether it was done now. Raises MoveOvertaken."""
    done = connection.execute(
        "UPDATE public.malls_mall SET state = %s WHERE ulid = %s AND epoch = %s AND state = 'arriving'",
        [state, ulid, epoch],
    )
    if done.rowcount:
        return True
    found = row(connection, ulid)
    if found is None or found["epoch"] != epoch or found["state"] not in _SETTLED:
        raise MoveOvertaken(_told(found, epoch))
    return False


def forget_arrival(connection: Connection, ulid: str) -> bool:
    """Take a mall that never opened here out of use again; whether there was one."""
    _drop_words(connection, ulid)
    done = connection.execute(
        "UPDATE public.malls_mall SET state = 'gone' WHERE ulid = %s AND state = 'arriving'", [ulid]
    )
    return bool(done.rowcount)


def retire(connection: Connection, ulid: str, *, epoch: int) -> bool:
    """The old copy is dropped: its row stays as `gone`. Whether it was done now. Raises MoveOvertaken."""
    found = row(connection, ulid)
    if found is None or found["epoch"] != epoch or found["state"] not in ("moved", "gone"):
        raise MoveOvertaken(_told(found, epoch))
    _drop_words(connection, ulid)
    connection.execute("UPDATE public.malls_mall SET state = 'gone' WHERE ulid = %s AND epoch = %s", [ulid, epoch])
    return bool(found["state"] == "moved")


def copy_words(source: Connection, target: Connection, ulid: str) -> int:
    """Hosts, entitlements and traffic of the mall (how many), and which announcements its staff have read, as the source has
    them now."""
    _drop_words(target, ulid)
    count = 0
    for table, columns in (
        ("public.malls_domain", ("domain", "is_primary")),
        ("public.malls_entitlement", ("feature", "value", "version")),
        ("public.malls_traffic", ("date", "bytes")),
    ):
        owner = "tenant_id" if table.endswith("domain") else "mall_id"
        names = ", ".join(columns)
        found: Sequence[tuple[Any, ...]] = source.execute(
            f"SELECT {', '.join(f'{name}::text' for name in columns)} FROM {table} JOIN public.malls_mall m"
            f" ON m.id = {owner} WHERE m.ulid = %s ORDER BY 1",
            [ulid],
        ).fetchall()
        for values in found:
            places = {"is_primary": "%s::boolean", "value": "%s::jsonb", "version": "%s::bigint"}
            places |= {"date": "%s::date", "bytes": "%s::bigint"}
            wanted = ", ".join(places.get(name, "%s") for name in columns)
            target.execute(
                f"INSERT INTO {table} ({owner}, {names}) SELECT id, {wanted} FROM public.malls_mall WHERE ulid = %s",
                [*values, ulid],
            )
            count += 1
    _copy_reads(source, target, ulid)
    return count


def _copy_reads(source: Connection, target: Connection, ulid: str) -> None:
    """Who of the mall has read which announcement: nobody is shown its banner once more. Both cells know the same ones."""
    reads: Sequence[tuple[Any, ...]] = source.execute(
        "SELECT a.ulid, r.reader, r.at::text FROM public.malls_announcementread r"
        " JOIN public.malls_announcement a ON a.id = r.announcement_id"
        " JOIN public.malls_mall m ON m.id = r.mall_id WHERE m.ulid = %s ORDER BY 1, 2",
        [ulid],
    ).fetchall()
    for announcement, reader, at in reads:
        target.execute(
            "INSERT INTO public.malls_announcementread (announcement_id, mall_id, reader, at)"
            " SELECT a.id, m.id, %s, %s::timestamptz FROM public.malls_announcement a, public.malls_mall m"
            " WHERE a.ulid = %s AND m.ulid = %s",
            [reader, at, announcement, ulid],
        )


def _drop_words(connection: Connection, ulid: str) -> None:
    owned = ("malls_entitlement", "malls_announcementread", "malls_traffic")
    for table, owner in (("malls_domain", "tenant_id"), *((name, "mall_id") for name in owned)):
        connection.execute(
            f"DELETE FROM public.{table} WHERE {owner} = (SELECT id FROM public.malls_mall WHERE ulid = %s)", [ulid]
        )


def _told(found: dict[str, Any] | None, epoch: int) -> str:
    if found is None:
        return "the mall is not in this cell's registry"
    return f"the mall is {found['state']} under epoch {found['epoch']}; this move was ordered for epoch {epoch}"
