"""Several holds in one statement behave as the same holds placed, posted and voided one by one."""

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from saas.ledger import batches, selectors, services
from saas.ledger.batches import HoldDraft
from tests.factories.people import NOW
from tests.statements import counted

DOCUMENT = "order:1"
ESCROW = "order.escrow.1"


@pytest.fixture
def funded(grocery):
    move = services.Move("channel.rehearsal", ESCROW, 1_000)
    services.post_entry(key="funded", kind="test", moves=[move], document=DOCUMENT, occurred_at=NOW)


def drafts(*amounts):
    return [HoldDraft(f"h{number}", f"member.wallet.M{number}", amount) for number, amount in enumerate(amounts)]


def place(holds):
    batches.place_holds(holds=holds, kind="award", source=ESCROW, document=DOCUMENT, occurred_at=NOW)


def keys(*numbers, end="release"):
    return {f"h{number}": f"h{number}:{end}" for number in numbers}


def test_placed_together_they_are_the_same_as_placed_one_by_one(funded):
    place(drafts(100, 200))
    place(drafts(100, 200))
    services.place_hold(
        key="h0", kind="award", source=ESCROW, destination="member.wallet.M0", amount=100, document=DOCUMENT,
        occurred_at=NOW,
    )  # fmt: skip
    assert selectors.available(ESCROW) == 700
    assert [(hold.key, hold.amount) for hold in selectors.pending_holds()] == [("h0", 100), ("h1", 200)]
    assert selectors.check_ledger() == []


def test_a_batch_is_one_statement_once_its_accounts_are_open(funded):
    place(drafts(1, 1, 1))
    more = [HoldDraft(f"more{number}", f"member.wallet.M{number}", 1) for number in range(3)]
    with CaptureQueriesContext(connection) as seen:
        place(more)
    assert len(counted(seen)) == 1
    with CaptureQueriesContext(connection) as seen:
        batches.post_holds(keys={hold.key: f"{hold.key}:release" for hold in more}, occurred_at=NOW)
    assert len(counted(seen)) == 1
    assert selectors.check_ledger() == []


def test_posted_together_each_has_its_entry(funded):
    place(drafts(100, 200, 300))
    batches.post_holds(keys=keys(0, 2), occurred_at=NOW)
    batches.post_holds(keys=keys(0, 2), occurred_at=NOW)
    found = selectors.balances([ESCROW, "member.wallet.M0", "member.wallet.M1", "member.wallet.M2"])
    assert [one.posted for one in found.values()] == [600, 100, 0, 300]
    assert [one.held_in for one in found.values()] == [0, 0, 200, 0]
    assert [entry.key for entry in selectors.entries_of([DOCUMENT])] == ["funded", "h0:release", "h2:release"]
    lives = {hold.key: hold.outcome for hold in selectors.holds_of([DOCUMENT])}
    assert lives == {"h0": "posted", "h1": "", "h2": "posted"}
    assert selectors.check_ledger() == []


def test_voided_together_the_money_is_free_again(funded):
    place(drafts(100, 200))
    batches.void_holds(keys=keys(0, 1, end="void"), occurred_at=NOW)
    batches.void_holds(keys=keys(0, 1, end="void"), occurred_at=NOW)
    assert selectors.available(ESCROW) == 1_000
    assert selectors.check_ledger() == []


@pytest.mark.parametrize(
    ("work", "refusal"),
    [
        (lambda: place([HoldDraft("new", "member.wallet.M0", 851)]), services.InsufficientBalance),
        (lambda: place(drafts(100, 201)), services.IdempotencyConflict),
        (lambda: place([HoldDraft("new", "nowhere.at.all", 1)]), services.UnknownAccount),
        (lambda: place([HoldDraft("new", "member.wallet.M0", 0)]), services.InvalidEntry),
        (lambda: batches.post_holds(keys=keys(0, 1), occurred_at=NOW), services.HoldAlreadyResolved),
        (lambda: batches.void_holds(keys=keys(2, end="void"), occurred_at=NOW), services.HoldAlreadyResolved),
        (lambda: batches.post_holds(keys=keys(0, 9), occurred_at=NOW), services.LedgerNotFound),
        (lambda: batches.post_holds(keys={"h0": "h2:release"}, occurred_at=NOW), services.IdempotencyConflict),
    ],
)
def test_a_refused_batch_changes_nothing(funded, work, refusal):
    place([*drafts(100, 200), HoldDraft("h2", "member.wallet.M2", 50)])
    batches.void_holds(keys=keys(1, end="void"), occurred_at=NOW)
    batches.post_holds(keys=keys(2), occurred_at=NOW)
    before = selectors.balances([ESCROW, *(f"member.wallet.M{number}" for number in range(3))])
    with pytest.raises(refusal), transaction.atomic():
        work()
    assert selectors.balances([ESCROW, *(f"member.wallet.M{number}" for number in range(3))]) == before
    assert selectors.check_ledger() == []
