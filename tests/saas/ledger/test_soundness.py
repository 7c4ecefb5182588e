"""The rebuild check and the seal: each names what somebody with the database's own powers has changed."""

import datetime as dt

import psycopg
import pytest
from django.db import connection

from saas.ledger import seals, selectors, services
from saas.tenants.malls.activation import in_mall
from saas.tenants.malls.models import Mall
from tests.environment import DATABASE, SERVER
from tests.saas.ledger.test_post_entry import NOW, post

SCHEMA = "t_test_grocery"


@pytest.fixture
def book(committed):
    connection.set_schema_to_public()
    with in_mall(Mall.objects.get(schema_name=SCHEMA)):
        for number in range(30):
            post(f"in {number}", ("channel.wechat", "order.escrow.A", 100 + number), memo=f"note {number}")
        services.place_hold(
            key="h", kind="award", source="order.escrow.A", destination="member.wallet.A", amount=70,
            document="order:A", occurred_at=NOW,
        )  # fmt: skip
        services.post_hold(hold_key="h", key="posted", occurred_at=NOW)
        yield


def tamper(statement):
    """Run a statement as the database's superuser with the guards off."""
    with psycopg.connect(SERVER.url(DATABASE, "postgres"), autocommit=True) as superuser:
        superuser.execute("SET session_replication_role = replica")
        superuser.execute(f"SET search_path = {SCHEMA}")
        superuser.execute(statement)


TABLES = ("account", "entry", "posting", "hold", "holdresolution", "seal", "sealedentry")
SAVE = "; ".join(f"CREATE TABLE saved_{name} AS TABLE ledger_{name}" for name in TABLES)
RESTORE = "".join(
    f"DELETE FROM ledger_{name}; INSERT INTO ledger_{name} SELECT * FROM saved_{name}; " for name in TABLES
)
FAULTS = [
    ("UPDATE ledger_account SET posted = posted + 1 WHERE code = 'order.escrow.A'", "balance_differs"),
    ("UPDATE ledger_account SET held_in = held_in + 1 WHERE code = 'order.escrow.A'", "balance_differs"),
    (
        "UPDATE ledger_posting SET amount = amount + 1 WHERE id = (SELECT min(id) FROM ledger_posting)",
        "entry_does_not_balance",
    ),
    ("DELETE FROM ledger_posting WHERE entry_id = (SELECT min(id) FROM ledger_entry)", "entry_without_legs"),
    ("DELETE FROM ledger_entry WHERE id = (SELECT min(id) FROM ledger_entry)", "leg_without_entry"),
    ("DELETE FROM ledger_account WHERE code = 'member.wallet.A'", "leg_without_account"),
    ("DELETE FROM ledger_holdresolution", "balance_differs"),
    ("UPDATE ledger_holdresolution SET outcome = 'voided'", "hold_and_entry_disagree"),
    ("UPDATE ledger_account SET posted = posted + 7 WHERE code = 'order.escrow.A'", "trial_balance_not_zero"),
    (
        "ALTER TABLE ledger_account DROP CONSTRAINT ledger_account_available;"
        " UPDATE ledger_account SET minimum = 10000000 WHERE code = 'order.escrow.A'",
        "bound_broken",
    ),
]


def test_check_finds_each_fault(book):
    tamper(SAVE)
    for statement, what in FAULTS:
        assert selectors.check_ledger() == [], f"before {what}"
        tamper(statement)
        assert what in {fault.what for fault in selectors.check_ledger()}, statement
        tamper(RESTORE)


def test_sealing_continues_and_verifies(book):
    first = seals.seal_entries(now=NOW, limit=7)
    assert (first.entries, first.position) == (7, 7)
    rest = seals.seal_entries(now=NOW)
    assert rest.position == 31
    assert seals.seal_entries(now=NOW) == seals.SealResult(0, 31, rest.head)
    post("late", ("channel.wechat", "house", 5))
    assert seals.seal_entries(now=NOW + dt.timedelta(days=1)).entries == 1
    assert seals.verify_seals(known_head=(7, first.head)) == []


CHANGES = {
    12: "UPDATE ledger_posting SET amount = amount * 2 WHERE entry_id = 12",
    14: "UPDATE ledger_entry SET document = 'order:B' WHERE id = 14",
    16: "UPDATE ledger_entry SET memo = 'note 1l' WHERE id = 16",
    18: "UPDATE ledger_entry SET occurred_at = occurred_at + interval '1 microsecond' WHERE id = 18",
    20: "UPDATE ledger_posting SET account_id = (SELECT id FROM ledger_account WHERE code = 'member.wallet.A')"
    " WHERE entry_id = 20 AND amount > 0",
}


def test_verifier_names_exactly_the_changed_entries(book):
    seals.seal_entries(now=NOW)
    for statement in CHANGES.values():
        tamper(statement)
    found = [(fault.what, fault.where) for fault in seals.verify_seals()]
    assert found == [("entry_changed", f"entry {number}") for number in CHANGES]


def test_verifier_names_a_removed_entry_and_a_cut_chain(book):
    head = seals.seal_entries(now=NOW)
    tamper("DELETE FROM ledger_entry WHERE id = 12")
    assert [(fault.what, fault.where) for fault in seals.verify_seals()] == [("entry_removed", "entry 12")]
    tamper("DELETE FROM ledger_sealedentry WHERE position > 20; DELETE FROM ledger_seal")
    faults = seals.verify_seals(known_head=(head.position, head.head))
    assert "head_without_links" in {fault.what for fault in faults}


def test_verifier_notices_a_rewritten_chain(book):
    head = seals.seal_entries(now=NOW)
    tamper(
        "UPDATE ledger_entry SET document = 'order:B' WHERE id = 12; DELETE FROM ledger_sealedentry; DELETE FROM ledger_seal"
    )
    seals.seal_entries(now=NOW)
    assert seals.verify_seals() == []
    assert [fault.what for fault in seals.verify_seals(known_head=(head.position, head.head))] == ["head_differs"]
