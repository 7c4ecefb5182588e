"""Many writers on few accounts: nothing is lost, nothing goes below zero, no deadlock reaches a caller (A1-c)."""

import random
import threading

import pytest
from django.db import close_old_connections, connection, connections, transaction

from saas.ledger import selectors, services
from saas.ledger.services import Move
from saas.tenants.malls.activation import in_mall
from saas.tenants.malls.models import Mall
from tests.saas.ledger.test_post_entry import NOW, post

THREADS, POSTINGS = 32, 200
FREE = ["channel.wechat", "house", "own_goods", "fee.withdrawal"]
WALLET = "member.wallet.A"


@pytest.fixture
def mall(committed):
    connection.set_schema_to_public()
    found = Mall.objects.get(schema_name="t_test_grocery")
    connection.ensure_connection()
    connection.pool.resize(1, THREADS + 2)
    with in_mall(found):
        yield found


def in_threads(mall, work, threads):
    """Run `work(number)` in each thread with its own connection; the exceptions that came out."""
    faults = []

    def run(number):
        try:
            with in_mall(mall):
                work(number)
        except BaseException as fault:
            faults.append(fault)
        finally:
            connections["default"].close()

    running = [threading.Thread(target=run, args=(number,)) for number in range(threads)]
    for one in running:
        one.start()
    for one in running:
        one.join()
    close_old_connections()
    return faults


def test_32_threads_on_5_accounts_lose_nothing(mall):
    post("float", ("channel.wechat", WALLET, 5_000))
    expected = dict.fromkeys([*FREE, WALLET], 0) | {"channel.wechat": -5_000, WALLET: 5_000}
    lock, refusals = threading.Lock(), []

    def work(number):
        chance = random.Random(number)
        for count in range(POSTINGS):
            moves = [Move(*chance.sample([*FREE, WALLET], 2), chance.randint(1, 90)) for _ in range(2)]
            try:
                services.post_entry(key=f"{number}.{count}", kind="x", document="d", occurred_at=NOW, moves=moves)
            except services.InsufficientBalance:
                with lock:
                    refusals.append(count)
                continue
            except services.InvalidEntry:  # the two moves cancel out
                continue
            with lock:
                for one in moves:
                    expected[one.source] -= one.amount
                    expected[one.destination] += one.amount

    assert in_threads(mall, work, THREADS) == []
    found = selectors.balances(expected)
    assert {name: one.posted for name, one in found.items()} == expected
    assert found[WALLET].posted >= 0
    assert selectors.check_ledger() == []
    assert len(refusals) < THREADS * POSTINGS / 2


def test_one_key_from_many_threads_posts_once(mall):
    answers = []

    def work(number):
        answers.append(
            services.post_entry(key="once", kind="x", document="d", occurred_at=NOW, moves=[Move("house", WALLET, 100)])
        )

    assert in_threads(mall, work, 12) == []
    assert len(set(answers)) == 1
    assert selectors.balance(WALLET) == 100


def test_one_hold_resolved_from_many_threads_ends_once(mall):
    post("float", ("channel.wechat", "order.escrow.A", 100))
    services.place_hold(
        key="h", kind="x", source="order.escrow.A", destination=WALLET, amount=100, document="d", occurred_at=NOW
    )
    done = []

    def work(number):
        verb = services.post_hold if number % 2 else services.void_hold
        try:
            verb(hold_key="h", key=f"r{number}", occurred_at=NOW)
            done.append(verb)
        except services.HoldAlreadyResolved:
            pass

    assert in_threads(mall, work, 12) == []
    assert len(done) == 1
    assert selectors.balance(WALLET) == (100 if done[0] is services.post_hold else 0)
    assert selectors.check_ledger() == []


def test_opposite_orders_in_one_transaction_are_repeated(mall):
    """Two entries in one transaction, taken in opposite order by two threads: the deadlock's victim runs again."""
    from saas.kernel.transactions import retried_transaction

    post("float", ("house", WALLET, 10_000), ("house", "member.wallet.B", 10_000))
    meeting = threading.Barrier(2, timeout=20)
    runs = []

    def work(number):
        first, second = (WALLET, "member.wallet.B") if number else ("member.wallet.B", WALLET)

        @retried_transaction
        def both():
            runs.append(number)
            with transaction.atomic():
                post(f"{number} first", (first, f"order.escrow.{number}A", 1))
            if runs.count(number) == 1:
                meeting.wait()
            post(f"{number} second", (second, f"order.escrow.{number}B", 1))

        both()

    assert in_threads(mall, work, 2) == []
    assert selectors.balances([WALLET, "member.wallet.B"])[WALLET].posted == 9_998
    assert len(runs) >= 3
