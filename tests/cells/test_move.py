"""A mall moves between two database servers under four writers: nothing acknowledged is lost, whatever is killed on the way.

SCALE 5, points 4, 5 and 6.
"""

import json
import subprocess
import sys

import pytest

from provisioning.rules import RunKind, Way, steps_of
from saas.kernel.ids import new_schema_name, new_ulid
from saas.runtime.paths import PROJECT
from tests.cells.conftest import Platform, wait_until

MODULE = ["-m", "tests.cells.moving"]
WAYS = [Way.DUMP]
STEPS = {way: [step.value for step in steps_of(RunKind.MOVE, way)] for way in Way}


def ask(platform: Platform, cell: str, command: str, **data):
    said = platform.run([*MODULE, command, json.dumps(data)], "cell", cell)
    return json.loads(next(line[7:] for line in said.splitlines() if line.startswith("answer:")))


def write(platform: Platform, cell: str, log, **data) -> subprocess.Popen:
    process = subprocess.Popen(
        [sys.executable, *MODULE, "write", json.dumps({"crowd": 4, "log": str(log), **data})],
        env=platform.environment("cell", cell), cwd=PROJECT, stdout=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
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
        steps = [step.value for step in steps_of(RunKind.PROVISION)]
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
    relay_of(platform)
    made.make()
    yield made
    for process in list(platform.processes):
        platform.end(process, kill=True)
    for cell in ("c1", "c2"):
        with platform.connect(cell, "mallwright_owner") as connection:
            connection.execute(f'DROP SCHEMA IF EXISTS "{made.schema}" CASCADE')
            for table in ("malls_domain WHERE tenant_id", "malls_entitlement WHERE mall_id"):
                connection.execute(f"DELETE FROM {table} IN (SELECT id FROM malls_mall WHERE ulid = %s)", [made.mall])
            connection.execute("DELETE FROM malls_mall WHERE ulid = %s", [made.mall])


def relay_of(platform: Platform) -> None:
    platform.spawn(["-m", "saas.messaging.relay"], "relay", "c1")


@pytest.mark.parametrize("way", list(Way))
def test_a_mall_moves_under_four_writers_killed_between_any_two_steps(platform, mover, tmp_path, way):
    if way not in WAYS:
        pytest.skip("not built yet")
    before, after = tmp_path / "before", tmp_path / "after"
    old = write(platform, "c1", before, mall=mover.mall, seconds=60.0)
    new = write(platform, "c2", after, mall=mover.mall, seconds=0.5, settled="rehearsal")
    wait_until(lambda: sum(line[0] == "acked" for line in book(before)) > 40, what="some writing")
    points = [f"provision.{step}.{when}" for step in STEPS[way] for when in ("begun", "done", "recorded")]
    points[points.index("provision.flip.done") : points.index("provision.flip.done")] = ["provision.flip.left"]
    spot = points.index("provision.public_rows.done")
    points[spot:spot] = ["provision.public_rows.copied"]
    order = mover.order(RunKind.MOVE, STEPS[way], way=way.value)
    moved = ask(platform, "c2", "run", order=order, points=points)
    assert moved["state"] == "succeeded", "".join(step[2] for step in moved["steps"])
    assert moved["met"] == dict.fromkeys(points, 137)
    assert (mover.row("c1", "state, epoch, moved_to"), mover.row("c2")) == (("moved", 1, "c2"), ("rehearsal", 2))
    assert (old.wait(30), new.wait(30)) == (0, 0)

    written = book(before) + book(after)
    assert {line[0] for line in written} <= {"acked", "refused", "left"}, [w for w in written if w[0] == "error"]
    assert {line[2] for line in written if line[0] == "refused"} <= {"MallNotWritable"}
    acked = {line[1]: line[2] for line in written if line[0] == "acked"}
    assert any(key.startswith("c2:") for key in acked)
    kept = {key for (key,) in mover.ask_schema("c2", "SELECT key FROM ledger_entry")}
    assert set(acked) <= kept
    with platform.connect("c2", "mallwright_owner") as connection:
        rows = connection.execute("SELECT event_id FROM bus_outboxevent WHERE topic = 'cells.written'").fetchall()
    assert sorted(event for (event,) in rows) == sorted(acked.values())

    ask(platform, "c2", "hear", mall=mover.mall)
    with platform.connect("c2", "mallwright_owner") as connection:
        query = "SELECT event_id FROM bus_consumption WHERE handler LIKE '%%on_written'"
        assert sorted(event for (event,) in connection.execute(query).fetchall()) == sorted(acked.values())
    heard = mover.ask_schema("c2", "SELECT count(*) FROM ledger_entry WHERE key LIKE 'heard:%'")
    assert heard == [(len(acked),)]
    assert mover.ask_schema("c2", "SELECT count(*), sum(amount) FROM ledger_posting")[0][1] == 0

    kept_before = mover.ask_schema("c2", "SELECT count(*) FROM ledger_entry")
    ask(platform, "c2", "again", order=order)
    assert mover.ask_schema("c2", "SELECT count(*) FROM ledger_entry") == kept_before
    assert (mover.row("c1"), mover.row("c2")) == (("moved", 1), ("rehearsal", 2))
