"""The relay: every fact reaches the addressed side once, whoever is killed or away meanwhile."""

import uuid

import pytest

from tests.cells.conftest import Platform, wait_until

RELAY = ["-m", "saas.messaging.relay"]


def say(platform: Platform, side: str, destination: str, count: int) -> list[str]:
    """Put facts into a side's outbox."""
    ids = [uuid.uuid4().hex[:26] for _ in range(count)]
    with platform.connect(side) as connection:
        for number, event_id in enumerate(ids):
            connection.execute(
                "INSERT INTO bus_outboxevent (event_id, topic, key, destination, mall, epoch, version, payload,"
                " available_at, attempts, last_error) VALUES (%s, 'test.fact', %s, %s, '', 0, 1, %s, now(), 0, '')",
                [event_id, event_id, destination, f'{{"n": {number}}}'],
            )
    return ids


def heard(platform: Platform, side: str) -> list[str]:
    with platform.connect(side) as connection:
        return [row[0] for row in connection.execute("SELECT event_id FROM bus_inboxevent ORDER BY id").fetchall()]


def unsent(platform: Platform, side: str) -> int:
    with platform.connect(side) as connection:
        query = "SELECT count(*) FROM bus_outboxevent WHERE done_at IS NULL AND destination <> 'local'"
        return connection.execute(query).fetchone()[0]


def test_facts_reach_only_the_side_they_are_addressed_to(platform):
    for cell in ("c1", "c2"):
        platform.spawn(RELAY, "relay", cell)
    to_c1, to_c2 = say(platform, "control", "c1", 3), say(platform, "control", "c2", 2)
    from_c1 = say(platform, "c1", "control", 4)
    wait_until(lambda: len(heard(platform, "control")) == 4 and len(heard(platform, "c2")) == 2, what="carrying")
    wait_until(lambda: not unsent(platform, "control"), what="marking")
    assert heard(platform, "c1") == to_c1
    assert heard(platform, "c2") == to_c2
    assert sorted(heard(platform, "control")) == sorted(from_c1)


def test_a_local_event_never_crosses(platform):
    say(platform, "c1", "local", 2)
    platform.spawn(RELAY, "relay", "c1")
    marker = say(platform, "c1", "control", 1)
    wait_until(lambda: heard(platform, "control"), what="the marker")
    assert heard(platform, "control") == marker


def test_nothing_is_lost_or_doubled_when_the_relay_is_killed_again_and_again(platform):
    sent: list[str] = []
    for _ in range(4):
        relay = platform.spawn(RELAY, "relay", "c1")
        sent += say(platform, "c1", "control", 150)
        before = len(heard(platform, "control"))
        wait_until(lambda before=before: len(heard(platform, "control")) > before, what="some carrying")
        platform.end(relay, kill=True)
    platform.spawn(RELAY, "relay", "c1")
    wait_until(lambda: not unsent(platform, "c1"), what="the rest")
    assert sorted(heard(platform, "control")) == sorted(sent)


def test_a_fact_sent_twice_is_stored_once(platform):
    (event_id,) = say(platform, "c1", "control", 1)
    platform.spawn(RELAY, "relay", "c1")
    wait_until(lambda: not unsent(platform, "c1"), what="the first carrying")
    with platform.connect("c1") as connection:  # as after a crash between the insert there and the mark here
        connection.execute("UPDATE bus_outboxevent SET done_at = NULL WHERE event_id = %s", [event_id])
    say(platform, "c1", "control", 1)
    wait_until(lambda: not unsent(platform, "c1"), what="the second carrying")
    assert heard(platform, "control").count(event_id) == 1


def test_a_second_relay_of_the_same_cell_waits_for_the_first(platform):
    first = platform.spawn(RELAY, "relay", "c1")
    say(platform, "c1", "control", 1)
    wait_until(lambda: not unsent(platform, "c1"), what="carrying by the first")
    platform.spawn(RELAY, "relay", "c1")
    platform.end(first)
    say(platform, "c1", "control", 1)
    wait_until(lambda: not unsent(platform, "c1"), what="carrying by the second")
    assert len(heard(platform, "control")) == 2


@pytest.mark.parametrize(("open_side", "used_side"), [("default", "control"), ("control", "default")])
def test_the_guard_refuses_one_side_inside_a_transaction_of_the_other(platform, open_side, used_side):
    code = f"""
import django; django.setup()
from django.apps import apps
from django.db import connections, transaction
from saas.messaging import relay
relay.install_guard()
outbox = apps.get_model("bus", "OutboxEvent")
def write(alias, key):
    outbox(event_id=key, topic="t", key=key, payload={{}}, available_at="2026-01-01T00:00:00Z").save(using=alias)
try:
    with transaction.atomic(using="{open_side}"):
        write("{open_side}", "inside")
        write("{used_side}", "across")
except relay.SeamViolation as error:
    print("refused:", error)
"""
    said = platform.run(["-c", code], "relay")
    assert said.strip() == f"refused: {used_side} used inside a transaction of {open_side}"
    for side in ("control", "c1"):
        with platform.connect(side) as connection:
            assert connection.execute("SELECT count(*) FROM bus_outboxevent").fetchone() == (0,)


def test_control_and_cells_hold_only_their_own_tables(platform):
    def tables(side: str) -> set[str]:
        query = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
        with platform.connect(side) as connection:
            return {row[0] for row in connection.execute(query).fetchall()}

    control, c1, c2 = tables("control"), tables("c1"), tables("c2")
    assert c1 == c2
    assert control & c1 == {"bus_outboxevent", "bus_inboxevent", "bus_consumption", "django_migrations"}
    assert {"malls_mall", "malls_domain", "malls_entitlement"} <= c1
    assert "identity_user" in control and "identity_user" not in c1
