"""A mall moves between two database servers under four writers: nothing acknowledged is lost, whatever is killed on the way.

SCALE 5, points 4, 5 and 6.
"""

import json
import os
import signal

import pytest

from provisioning.rules import RunKind, Way, steps_of
from saas.kernel.ids import new_schema_name, new_ulid
from tests.cells.conftest import Platform, wait_until
from tests.warm import Process

MODULE = ["-m", "tests.cells.moving"]
# The storefront's answer at the end is what tests of a whole run look at; here it would only be slow.
STEPS = {way: [step.value for step in steps_of(RunKind.MOVE, way) if step != "open"] for way in Way}


def ask(platform: Platform, cell: str, command: str, **data):
    said = platform.run([*MODULE, command, json.dumps(data)], "cell", cell)
    return json.loads(next(line[7:] for line in said.splitlines() if line.startswith("answer:")))


def write(platform: Platform, cell: str, log, **data) -> Process:
    command = [*MODULE, "write", json.dumps({"crowd": 4, "log": str(log), **data})]
    process = platform.warm("cell", cell).pipe(command)
    platform.processes.append(process)
    assert process.stdout.readline().strip() == "writing"
    return process


def book(log) -> list[list[str]]:
    return [line.split() for number in range(4) for line in log.with_suffix(f".{number}").read_text().splitlines()]


class Mover:
    """One mall and the orders about it."""

    def __init__(self, platform: Platform) -> None:
        self.platform, self.mall, self.schema = platform, new_ulid(), new_schema_name()
        self.serial, self.epoch = 0, 1
        self.acked: dict[str, str] = {}  # key → event

    def order(self, kind: RunKind, steps: list[str], **move) -> dict:
        self.serial += 1
        plan = {
            "source": "c1", "target": "c2", "source_database": "cells/c1/owner-url",
            "target_database": "cells/c2/owner-url", "epoch": self.epoch, "way": "dump", "keep_days": 7, **move,
        }  # fmt: skip
        return {
            "run": new_ulid(), "serial": self.serial, "kind": kind.value, "mall": self.mall, "schema": self.schema,
            "name": "Little Orchard", "host": f"m{self.mall.lower()}.localhost", "steps": steps,
            "owner": {"phone": "+8613800138000", "email": "", "name": "Lin Yue"},
            "entitlements": {"products_max": 200}, "entitlements_version": 1,
            **({"move": plan} if kind is not RunKind.PROVISION else {}),
        }  # fmt: skip

    def make(self, entries: int = 300) -> None:
        steps = [step.value for step in steps_of(RunKind.PROVISION) if step != "smoke_test"]
        ask(self.platform, "c1", "make", order=self.order(RunKind.PROVISION, steps), entries=entries)

    def row(self, cell: str, what: str = "state, epoch"):
        with self.platform.connect(cell, "mallwright_owner") as connection:
            query = f"SELECT {what} FROM malls_mall WHERE ulid = %s"
            return connection.execute(query, [self.mall]).fetchone()

    def ask_schema(self, cell: str, query: str) -> list[tuple]:
        with self.platform.connect(cell, "mallwright_owner") as connection:
            connection.execute(f'SET search_path = "{self.schema}", public')
            return connection.execute(query).fetchall()


@pytest.fixture
def mover(platform: Platform):
    made = Mover(platform)
    for cell in ("c1", "c2"):
        platform.spawn(["-m", "saas.messaging.relay"], "relay", cell)
    made.make()
    yield made
    for process in list(platform.processes):
        platform.end(process, kill=True)
    for cell in ("c1", "c2"):
        with platform.connect(cell, "mallwright_owner") as connection:
            connection.execute(f'DROP SCHEMA IF EXISTS "{made.schema}" CASCADE')
            for table in (
                "malls_domain WHERE tenant_id", "malls_entitlement WHERE mall_id", "malls_announcementread WHERE mall_id",
                "malls_traffic WHERE mall_id",
            ):  # fmt: skip
                connection.execute(f"DELETE FROM {table} IN (SELECT id FROM malls_mall WHERE ulid = %s)", [made.mall])
            connection.execute("DELETE FROM malls_mall WHERE ulid = %s", [made.mall])


INNER = {
    "structure": "provision.structure.restored",
    "sequences": "provision.sequences.set",
    "copy": "provision.copy.restored",
    "public_rows": "provision.public_rows.copied",
    "flip": "provision.flip.left",
}


def points_of(way: Way) -> list[str]:
    """Every place at which a worker is killed: in the midst of steps, and between any two."""
    found = []
    for step in STEPS[way]:
        found += [f"provision.{step}.begun", *filter(None, [INNER.get(step)])]
        found += [f"provision.{step}.done", f"provision.{step}.recorded"]
    return found


def cross(mover: Mover, folder, way: Way, source: str, target: str) -> None:
    """Move the mall under four writers, its worker killed at every point; nothing acknowledged is lost or heard twice."""
    platform, before, after = mover.platform, folder / f"{way}-before", folder / f"{way}-after"
    old = write(platform, source, before, mall=mover.mall, seconds=600.0)
    new = write(platform, target, after, mall=mover.mall, seconds=0.5, settled="rehearsal")
    wait_until(lambda: sum(line[0] == "acked" for line in book(before)) > 40, what="some writing")
    secrets = {"source_database": f"cells/{source}/owner-url", "target_database": f"cells/{target}/owner-url"}
    order = mover.order(RunKind.MOVE, STEPS[way], way=way.value, source=source, target=target, **secrets)
    points = points_of(way)
    moved = ask(platform, target, "run", order=order, points=points)
    assert moved["state"] == "succeeded", "".join(step[2] for step in moved["steps"])
    assert moved["met"] == dict.fromkeys(points, 137)
    epoch = mover.epoch
    assert mover.row(source, "state, epoch, moved_to") == ("moved", epoch, target)
    assert mover.row(target) == ("rehearsal", epoch + 1)
    assert (old.wait(60), new.wait(60)) == (0, 0)

    written = book(before) + book(after)
    assert {line[0] for line in written} <= {"acked", "refused", "left"}, [w for w in written if w[0] == "error"]
    assert {line[2] for line in written if line[0] == "refused"} <= {"MallNotWritable"}
    mover.acked |= {line[1]: line[2] for line in written if line[0] == "acked"}
    assert any(key.startswith(f"{target}:") for key in mover.acked)
    kept = {key for (key,) in mover.ask_schema(target, "SELECT key FROM ledger_entry")}
    assert set(mover.acked) <= kept
    with platform.connect(target, "mallwright_owner") as connection:
        rows = connection.execute("SELECT event_id FROM bus_outboxevent WHERE topic = 'cells.written'").fetchall()
    assert sorted(event for (event,) in rows) == sorted(mover.acked.values())

    ask(platform, target, "hear", mall=mover.mall)
    with platform.connect(target, "mallwright_owner") as connection:
        query = "SELECT event_id FROM bus_consumption WHERE handler LIKE '%on_written'"
        assert sorted(event for (event,) in connection.execute(query).fetchall()) == sorted(mover.acked.values())
    heard = mover.ask_schema(target, "SELECT count(*) FROM ledger_entry WHERE key LIKE 'heard:%'")
    assert heard == [(len(mover.acked),)]
    assert mover.ask_schema(target, "SELECT sum(amount) FROM ledger_posting") == [(0,)]

    entries = mover.ask_schema(target, "SELECT count(*) FROM ledger_entry")
    ask(platform, target, "again", order=order)
    assert mover.ask_schema(target, "SELECT count(*) FROM ledger_entry") == entries
    assert (mover.row(source), mover.row(target)) == (("moved", epoch), ("rehearsal", epoch + 1))
    assert ask(platform, source, "refuses", mall=mover.mall) == "mall_not_writable"
    retire = mover.order(RunKind.MOVE_RETIRE, ["retire"], way=way.value, source=source, target=target, **secrets)
    assert ask(platform, source, "run", order=retire, points=["provision.retire.dropped"])["state"] == "succeeded"
    assert mover.row(source) == ("gone", epoch)
    assert mover.ask_schema(source, f"SELECT 1 FROM pg_namespace WHERE nspname = '{mover.schema}'") == []
    mover.epoch += 1


def slots(mover: Mover) -> list[tuple]:
    found = []
    for cell in ("c1", "c2"):
        with mover.platform.server(cell).connect() as launcher:
            found += launcher.execute("SELECT slot_name FROM pg_replication_slots").fetchall()
    return found


_NEWS = """
INSERT INTO malls_announcement (ulid, version, title, title_en, body, body_en, plans, audience, shown_from)
VALUES ('01JNEWS', 1, '', '', '', '', '[]', 'staff', now()) RETURNING id
"""


def test_a_mall_moves_by_dump_killed_between_any_two_steps(mover, tmp_path):
    reads = "SELECT r.reader FROM malls_announcementread r JOIN malls_mall m ON m.id = mall_id WHERE ulid = %s"
    with mover.platform.connect("c2", "mallwright_owner") as there:
        there.execute("INSERT INTO malls_announcement SELECT 0, '01JOTHER', 1, '', '', '', '', '[]', 'staff', now()")
        there.execute(_NEWS)
    with mover.platform.connect("c1", "mallwright_owner") as here:
        (news,) = here.execute(_NEWS).fetchone()
        here.execute(
            "INSERT INTO malls_announcementread (announcement_id, mall_id, reader, at)"
            " SELECT %s, id, '01JREADER', now() FROM malls_mall WHERE ulid = %s",
            [news, mover.mall],
        )
    cross(mover, tmp_path, Way.DUMP, "c1", "c2")
    with mover.platform.connect("c2", "mallwright_owner") as there:
        assert there.execute(reads, [mover.mall]).fetchall() == [("01JREADER",)]


def test_a_mall_moves_by_replication_killed_between_any_two_steps(mover, tmp_path):
    cross(mover, tmp_path, Way.REPLICATION, "c1", "c2")
    assert slots(mover) == []


@pytest.mark.parametrize(
    ("way", "stop", "there", "late"),
    [
        (Way.DUMP, "provision.public_rows.recorded", ("arriving", 2), "digest"),
        (Way.REPLICATION, "provision.freeze.recorded", None, "drain"),  # followed still
    ],
)
def test_a_move_that_is_undone_leaves_the_mall_working_and_its_worker_without_effect(mover, way, stop, there, late):
    order = mover.order(RunKind.MOVE, STEPS[way], way=way.value)
    ask(mover.platform, "c2", "run", order=order, points=[stop], finish=False)
    assert (mover.row("c1"), mover.row("c2")) == (("moving", 1), there)
    undo = mover.order(RunKind.MOVE_UNDO, [step.value for step in steps_of(RunKind.MOVE_UNDO, way)], way=way.value)
    assert ask(mover.platform, "c1", "run", order=undo, points=[])["state"] == "succeeded"
    gone = there and ("gone", 2)
    assert (mover.row("c1"), mover.row("c2")) == (("rehearsal", 2), gone)
    said = ask(mover.platform, "c2", "run", order=order, points=[])
    assert [(name, state) for name, state, log in said["steps"] if log and state != "success"] == [(late, "pending")]
    assert (mover.row("c1"), mover.row("c2")) == (("rehearsal", 2), gone)
    assert mover.ask_schema("c2", f"SELECT 1 FROM pg_namespace WHERE nspname = '{mover.schema}'") == []
    with mover.platform.connect("c1", "mallwright_owner") as connection:
        parked = connection.execute("SELECT count(*) FROM bus_outboxevent WHERE destination = 'moving'").fetchone()
    assert parked == (0,)
    assert ask(mover.platform, "c1", "refuses", mall=mover.mall) == "written"
    assert slots(mover) == []


def test_a_killed_server_touches_no_other_cell_which_even_makes_malls_meanwhile(mover, tmp_path):
    platform, log = mover.platform, tmp_path / "book"
    writers = write(platform, "c1", log, mall=mover.mall, seconds=6.0)
    os.kill(int((platform.second.data / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
    try:
        another = Mover(platform)
        another.make(entries=0)
        assert another.row("c1") == ("rehearsal", 1)
        assert writers.wait(60) == 0
    finally:
        platform.second.start()
    assert {line[0] for line in book(log)} == {"acked"}
