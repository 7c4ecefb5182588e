"""Two-phase holds: pending, then posted or voided, once."""

import pytest
from django.db import transaction

from saas.ledger import selectors, services
from tests.saas.ledger.test_post_entry import ESCROW, NOW, WALLET, commit_checks, post


def hold(key="award", amount=300, **more):
    values = {"source": ESCROW, "destination": WALLET, "document": "order:A", "kind": "award", **more}
    return services.place_hold(key=key, amount=amount, occurred_at=NOW, **values)


@pytest.fixture
def paid(grocery):
    post("paid", ("channel.wechat", ESCROW, 1000))
    hold()


def state():
    return [*selectors.balances([ESCROW, WALLET]).values()]


def test_sets_money_aside(paid):
    escrow, wallet = state()
    assert (escrow.posted, escrow.held_out, escrow.available) == (1000, 300, 700)
    assert (wallet.posted, wallet.held_in) == (0, 300)
    assert selectors.pending_in(WALLET) == 300
    assert [one.key for one in selectors.pending_holds(document="order:A")] == ["award"]
    assert selectors.check_ledger() == []


def test_posting_moves_it_once(paid):
    first = services.post_hold(hold_key="award", key="release", occurred_at=NOW)
    assert services.post_hold(hold_key="award", key="release", occurred_at=NOW) == first
    commit_checks()
    escrow, wallet = state()
    assert (escrow.posted, escrow.held_out, wallet.posted, wallet.held_in) == (700, 0, 300, 0)
    assert selectors.check_ledger() == []
    assert selectors.statement(WALLET)[0].document == "order:A"


def test_voiding_gives_it_back(paid):
    services.void_hold(hold_key="award", key="cancel", occurred_at=NOW)
    services.void_hold(hold_key="award", key="cancel", occurred_at=NOW)
    commit_checks()
    escrow, wallet = state()
    assert (escrow.posted, escrow.held_out, wallet.posted, wallet.held_in) == (1000, 0, 0, 0)
    assert selectors.pending_holds() == []


@pytest.mark.parametrize("first", ["post_hold", "void_hold"])
@pytest.mark.parametrize("second", ["post_hold", "void_hold"])
def test_is_resolved_only_once(paid, first, second):
    getattr(services, first)(hold_key="award", key="one", occurred_at=NOW)
    before = state()
    with pytest.raises(services.HoldAlreadyResolved):
        getattr(services, second)(hold_key="award", key="two", occurred_at=NOW)
    if first != second:
        with pytest.raises(services.HoldAlreadyResolved):
            getattr(services, second)(hold_key="award", key="one", occurred_at=NOW)
    commit_checks()
    assert state() == before


def test_held_money_cannot_be_spent(paid):
    with pytest.raises(services.InsufficientBalance), transaction.atomic():
        post("spend", (ESCROW, "house", 701))
    with pytest.raises(services.InsufficientBalance), transaction.atomic():
        hold("second", 701)
    post("rest", (ESCROW, "house", 700))
    assert selectors.available(ESCROW) == 0


def test_same_key_other_hold_is_refused(paid):
    assert hold().key == "award"
    with pytest.raises(services.IdempotencyConflict):
        hold(amount=301)
    with pytest.raises(services.LedgerNotFound):
        services.post_hold(hold_key="nothing", key="x", occurred_at=NOW)
    hold("other", 10)
    services.void_hold(hold_key="other", key="void other", occurred_at=NOW)
    with pytest.raises(services.IdempotencyConflict):
        services.void_hold(hold_key="award", key="void other", occurred_at=NOW)
    with pytest.raises(services.IdempotencyConflict), transaction.atomic():
        services.post_hold(hold_key="award", key="paid", occurred_at=NOW)  # an entry's key
    assert selectors.available(ESCROW) == 700
