"""post_entry: what it does, and what it refuses without a change."""

import datetime as dt

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from saas.ledger import selectors, services
from saas.ledger.services import Move

NOW = dt.datetime(2026, 11, 22, 8, 0, tzinfo=dt.UTC)
ESCROW = "order.escrow.01JORDER0000000000000000AA"
WALLET = "member.wallet.01JMEMBER000000000000000AA"


def commit_checks():
    """What COMMIT would check, now."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def post(key, *moves, **more):
    values = {"kind": "test", "document": "order:A", "occurred_at": NOW, **more}
    return services.post_entry(key=key, moves=[Move(*move) for move in moves], **values)


def test_moves_money_from_source_to_destination(grocery):
    post("paid", ("channel.wechat", "clearing.payment", 1000), ("clearing.payment", ESCROW, 1000))
    commit_checks()
    assert selectors.balance("channel.wechat") == -1000
    assert selectors.balance(ESCROW) == selectors.available(ESCROW) == 1000
    assert selectors.balance("clearing.payment") == 0
    assert selectors.check_ledger() == []


def test_is_one_statement_when_accounts_are_open(grocery):
    with transaction.atomic():
        post("first", ("channel.wechat", ESCROW, 1000))
        with CaptureQueriesContext(
            connection,
        ) as queries:
            post("second", ("channel.wechat", ESCROW, 1000))
    assert len(queries) == 1, [query["sql"] for query in queries]


def test_same_key_and_body_gives_the_first_answer(grocery):
    first = post("paid", ("channel.wechat", ESCROW, 1000))
    again = post("paid", ("channel.wechat", ESCROW, 1000), occurred_at=NOW + dt.timedelta(hours=1))
    assert again == first
    assert selectors.balance(ESCROW) == 1000


@pytest.mark.parametrize(
    "other",
    [
        {"moves": (("channel.wechat", ESCROW, 1001),)},
        {"moves": (("channel.wechat", WALLET, 1000),)},
        {"kind": "other"},
        {"document": "order:B"},
    ],
)
def test_refuses_the_same_key_with_another_body(grocery, other):
    post("paid", ("channel.wechat", ESCROW, 1000))
    moves = other.pop("moves", (("channel.wechat", ESCROW, 1000),))
    with pytest.raises(services.IdempotencyConflict):
        post("paid", *moves, **other)
    assert selectors.balance(ESCROW) == 1000
    assert selectors.balance(WALLET) == 0


def test_refuses_to_overdraw_a_bounded_account(grocery):
    post("paid", ("channel.wechat", WALLET, 1000))
    with pytest.raises(services.InsufficientBalance) as refusal, transaction.atomic():
        post("spend", (WALLET, "house", 1001))
    assert WALLET in refusal.value.text
    assert selectors.balance(WALLET) == 1000
    assert selectors.balance("house") == 0
    assert selectors.check_ledger() == []


def test_refuses_to_pay_back_more_debt_than_is_owed(grocery):
    post("owe", ("debt.member.A", "house", 500))
    with pytest.raises(services.InsufficientBalance), transaction.atomic():
        post("repay", ("house", "debt.member.A", 501))
    assert selectors.balance("debt.member.A") == -500


@pytest.mark.parametrize(
    ("moves", "refusal"),
    [
        ([], services.InvalidEntry),
        ([("house", WALLET, 0)], services.InvalidEntry),
        ([("house", WALLET, -5)], services.InvalidEntry),
        ([("house", WALLET, 1.0)], services.InvalidEntry),
        ([("house", "house", 5)], services.InvalidEntry),
        ([("house", WALLET, 5), (WALLET, "house", 5)], services.InvalidEntry),
        ([("house", WALLET, 5, "USD")], services.InvalidEntry),
        ([("house", "wallets.A", 5)], services.UnknownAccount),
        ([("house", "member.wallet", 5)], services.UnknownAccount),
        ([("house", "house.second", 5)], services.UnknownAccount),
        ([("house", "member.wallet.a b", 5)], services.UnknownAccount),
    ],
)
def test_refuses_what_is_no_entry(grocery, moves, refusal):
    with pytest.raises(refusal):
        post("bad", *moves)
    assert selectors.trial_balance() == []


def test_nets_the_legs_of_an_account(grocery):
    post("many", ("channel.wechat", ESCROW, 1000), (ESCROW, WALLET, 300), (ESCROW, "house", 200))
    commit_checks()
    assert selectors.balance(ESCROW) == 500
    assert len(selectors.statement(ESCROW)) == 1


def test_assets_are_apart(grocery):
    post("points", ("issued", WALLET, 700, "POINT"), ("channel.wechat", WALLET, 100, "CNY"))
    commit_checks()
    assert selectors.balance(WALLET) == 100
    assert selectors.balance(WALLET, "POINT") == 700
    assert {row.asset: 0 for row in selectors.trial_balance()} == {"CNY": 0, "POINT": 0}


def test_reversal_undoes_an_entry_once(grocery):
    post("paid", ("channel.wechat", ESCROW, 1000), ("channel.wechat", WALLET, 20))
    services.reverse_entry(key="undo", entry_key="paid", occurred_at=NOW)
    assert services.reverse_entry(key="undo", entry_key="paid", occurred_at=NOW).key == "undo"
    commit_checks()
    assert selectors.balance(ESCROW) == selectors.balance(WALLET) == selectors.balance("channel.wechat") == 0
    with pytest.raises(services.AlreadyReversed):
        services.reverse_entry(key="undo again", entry_key="paid", occurred_at=NOW)
    with pytest.raises(services.AlreadyReversed):
        services.reverse_entry(key="redo", entry_key="undo", occurred_at=NOW)
    with pytest.raises(services.LedgerNotFound):
        services.reverse_entry(key="x", entry_key="nothing", occurred_at=NOW)


def test_statement_pages_with_running_balance(grocery):
    for number in range(5):
        post(f"in {number}", ("channel.wechat", WALLET, 100))
    page = selectors.statement(WALLET, limit=2)
    assert [line.balance_after for line in page] == [500, 400]
    rest = selectors.statement(WALLET, before=page[-1].posting_id)
    assert [line.balance_after for line in rest] == [300, 200, 100]
    assert [line.entry_key for line in rest] == ["in 2", "in 1", "in 0"]


def test_names_the_documents_that_do_not_clear(grocery):
    post("paid A", ("channel.wechat", "clearing.payment", 1000))
    post("paid B", ("channel.wechat", "clearing.payment", 700), document="order:B")
    post("moved B", ("clearing.payment", ESCROW, 700), document="order:B")
    assert [(row.account, row.document, row.amount) for row in selectors.uncleared()] == [
        ("clearing.payment", "order:A", 1000)
    ]
    assert selectors.uncleared(older_than=NOW - dt.timedelta(days=2)) == []


def test_two_malls_have_two_books(grocery, beauty):
    post("paid", ("channel.wechat", ESCROW, 1000))  # beauty is the active one
    from saas.tenants.malls.activation import in_mall

    with in_mall(grocery):
        assert selectors.trial_balance() == []
    assert selectors.balance(ESCROW) == 1000


def test_the_command_and_the_gate_are_prepared_once(grocery):
    def uses(text):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT sum(generic_plans + custom_plans) FROM pg_prepared_statements WHERE strpos(statement, %s) > 0",
                [text],
            )
            return cursor.fetchone()[0]

    post("paid", ("channel.wechat", WALLET, 1000))
    before = uses("INSERT INTO ledger_posting")
    for number in range(3):
        post(f"paid-{number}", ("channel.wechat", WALLET, 1000))
    assert uses("INSERT INTO ledger_posting") == before + 3
    assert uses("FOR SHARE") >= 1
