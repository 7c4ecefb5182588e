"""A mall's events, schedules and consumption marks go with it to another cell. Plain connections: see malls.moving.

What is left for handlers of the old cell is parked first, so that no worker there can take it while it is copied.
"""

# ruff: noqa: S608 - the names of tables and columns are written here, nothing comes from outside

from psycopg import Connection

PARKED = "moving"  # a destination that no sweeper and no relay serves
_OUTBOX = (
    "event_id, topic, key, destination, mall, epoch, version, payload, created_at, available_at, attempts, done_at,"
    " last_error"
)
_INBOX = (
    "event_id, source, topic, mall, epoch, version, payload, created_at, received_at, available_at, attempts, done_at,"
    " last_error"
)


def waiting_facts(connection: Connection, mall: str) -> int:
    """Facts of the mall for control that the relay has not carried yet."""
    query = (
        "SELECT count(*) FROM public.bus_outboxevent WHERE mall = %s AND done_at IS NULL AND destination = 'control'"
    )
    found = connection.execute(query, [mall]).fetchone()
    return int(found[0]) if found else 0


def park(connection: Connection, mall: str) -> int:
    """Withdraw the mall's undelivered local events from this cell's workers; waits for deliveries under way."""
    return connection.execute(
        "UPDATE public.bus_outboxevent SET destination = %s WHERE mall = %s AND done_at IS NULL AND destination = 'local'",
        [PARKED, mall],
    ).rowcount


def unpark(connection: Connection, mall: str) -> int:
    """Give parked events back to this cell's workers."""
    return connection.execute(
        "UPDATE public.bus_outboxevent SET destination = 'local' WHERE mall = %s AND destination = %s", [mall, PARKED]
    ).rowcount


def copy_events(source: Connection, target: Connection, mall: str) -> int:
    """Outbox, inbox and consumption of the mall, as the source has them now; how many rows. Parked ones are local again."""
    forget_events(target, mall)
    marks = "event_id IN (SELECT event_id FROM public.bus_{} WHERE mall = %s)"
    count = _stream(source, target, "bus_outboxevent", _OUTBOX, "mall = %s", mall)
    count += _stream(source, target, "bus_inboxevent", _INBOX, "mall = %s", mall)
    for table in ("outboxevent", "inboxevent"):
        count += _stream(source, target, "bus_consumption", "event_id, handler, consumed_at", marks.format(table), mall)
    unpark(target, mall)
    return count


def forget_events(connection: Connection, mall: str) -> None:
    """Delete every event of the mall and what was consumed of them."""
    for table in ("bus_outboxevent", "bus_inboxevent"):
        connection.execute(
            "DELETE FROM public.bus_consumption c USING public."
            + table
            + " e WHERE c.event_id = e.event_id AND e.mall = %s",
            [mall],
        )
        # A fact for control that the relay has not carried yet stays: the steps of this very run tell control so.
        kept = " AND (destination <> 'control' OR done_at IS NOT NULL)" if table == "bus_outboxevent" else ""
        connection.execute("DELETE FROM public." + table + " WHERE mall = %s" + kept, [mall])


def close(connection: Connection, mall: str, target: str) -> int:
    """Mark what was handed over as done here. Raises RuntimeError if an event turned up since the copy was made."""
    late = connection.execute(
        "SELECT count(*) FROM public.bus_outboxevent WHERE mall = %s AND done_at IS NULL"
        " AND destination NOT IN (%s, 'control')",
        [mall, PARKED],
    ).fetchone()
    if late and late[0]:
        raise RuntimeError(f"{late[0]} events were published after the copy: it is made again")
    told = f"handed over to cell {target}"
    count = 0
    for table in ("bus_outboxevent", "bus_inboxevent"):
        ours = " AND destination <> 'control'" if table == "bus_outboxevent" else ""  # the relay still carries those
        count += connection.execute(
            "UPDATE public."
            + table
            + " SET done_at = now(), last_error = %s WHERE mall = %s AND done_at IS NULL"
            + ours,
            [told, mall],
        ).rowcount
    return count


def _stream(source: Connection, target: Connection, table: str, columns: str, condition: str, mall: str) -> int:
    target.execute(f"CREATE TEMP TABLE crossing ON COMMIT DROP AS SELECT {columns} FROM public.{table} WITH NO DATA")
    with (
        source.cursor() as giving,
        target.cursor() as taking,
        giving.copy(
            f"COPY (SELECT {columns} FROM public.{table} WHERE {condition} ORDER BY id) TO STDOUT", [mall]
        ) as out,
        taking.copy(f"COPY crossing ({columns}) FROM STDIN") as into,
    ):
        for block in out:
            into.write(block)
    done = target.execute(
        f"INSERT INTO public.{table} ({columns}) SELECT {columns} FROM crossing ON CONFLICT DO NOTHING"
    )
    target.execute("DROP TABLE crossing")
    return done.rowcount
