"""Many requests at once: never more than there is, and a double submission is one withdrawal. Real commits."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection, transaction
from django_tenants.utils import schema_context

from saas.kernel.errors import DomainError
from saas.ledger import selectors as book
from saas.ledger import services as ledger
from saas.tenants.malls.activation import in_mall
from saas.tenants.malls.models import Mall
from tenant_apps.members.models import Member
from tenant_apps.payouts import services
from tenant_apps.payouts.models import Withdrawal
from tenant_apps.payouts.rules import Payee
from tenant_apps.settlement.rules import wallet_of
from tests.factories import sales
from tests.factories.people import make_member

THREADS = 8


@pytest.fixture
def mall(committed: None) -> Mall:
    with schema_context("public"):
        return Mall.objects.get(schema_name="t_test_grocery")


def rich_member(mall: Mall, amount: int) -> Member:
    with in_mall(mall), transaction.atomic():
        member = make_member(name="王小明", promoter=True)
        move = ledger.Move("channel.rehearsal", wallet_of(member.ulid), amount)
        ledger.post_entry(key="earned", kind="test", moves=[move], document="test", occurred_at=sales.NOW)
    return member


def ask_at_once(mall: Mall, member: Member, keys: list[str]) -> list[str]:
    barrier = Barrier(len(keys))

    def ask(key: str) -> str:
        try:
            with in_mall(mall):
                barrier.wait()
                row = services.request_withdrawal(
                    member=member,
                    amount=20_000,
                    payee=Payee("王小明", "招商银行", "6225888812345678"),
                    idempotency_key=key,
                    now=sales.NOW,
                )
                return str(row.ulid)
        except DomainError as error:
            return error.code
        finally:
            connection.close()

    with ThreadPoolExecutor(len(keys)) as pool:
        return list(pool.map(ask, keys))


def test_parallel_requests_never_hold_more_than_is_available(mall: Mall) -> None:
    member = rich_member(mall, 50_000)
    answers = ask_at_once(mall, member, [f"key-{number:04d}" for number in range(THREADS)])
    assert sorted(answers).count("above_available") == THREADS - 2
    with in_mall(mall):
        found = book.balances([wallet_of(member.ulid)])[wallet_of(member.ulid)]
        assert (found.posted, found.held_out, Withdrawal.objects.count()) == (50_000, 40_000, 2)


def test_a_double_submission_is_one_withdrawal(mall: Mall) -> None:
    member = rich_member(mall, 200_000)
    answers = ask_at_once(mall, member, ["the-same-key"] * THREADS)
    assert len(set(answers)) == 1
    with in_mall(mall):
        assert Withdrawal.objects.count() == 1
        assert book.balances([wallet_of(member.ulid)])[wallet_of(member.ulid)].held_out == 20_000
