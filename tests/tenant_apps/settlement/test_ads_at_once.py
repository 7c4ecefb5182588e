"""A day of ads is paid once: killed with -9 after each step, then by several workers at once."""

import os
import threading

from django.db import connection, transaction
from django_tenants.utils import schema_context

from saas.ledger import selectors as book
from saas.tenants.malls.activation import in_mall
from saas.tenants.malls.models import Mall
from tenant_apps.modes.advertising.models import AdDay, AdView
from tenant_apps.modes.advertising.rules import AD_POINTS
from tenant_apps.settlement import tasks
from tenant_apps.settlement.rules import wallet_of
from tenant_apps.settlement.services import ad_releases
from tests.factories import sales
from tests.factories.people import make_member
from tests.tenant_apps.settlement.test_ads import DAY, NIGHT, NOW, ad, finished_order, income, watched

WORKERS = 4
MEMBERS = 7


def dies_at(point: str, mall: Mall) -> int:
    """The round of the night in a process that dies there; its exit status."""
    connection.close()
    connection.close_pool()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            os.environ["CRASH_AT"] = point
            ad_releases.BATCH = 2
            with in_mall(mall):
                tasks.release_ads(now=NIGHT)
            status = 0
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def state(mall: Mall) -> tuple[int, int]:
    """Views paid so far, fen released so far; the book agrees with both."""
    with in_mall(mall):
        row = AdDay.objects.get(day=DAY)
        wallets = book.balances([wallet_of(one) for one in AdView.objects.values_list("member_ulid", flat=True)])
        assert sum(one.posted for one in wallets.values()) == row.released_amount
        return AdView.objects.filter(released_at__isnull=False).count(), row.released_amount


def test_a_day_is_paid_once_whatever_kills_its_workers(committed: None) -> None:
    with schema_context("public"):
        mall = Mall.objects.get(schema_name="t_test_grocery")
    with in_mall(mall), transaction.atomic():
        sales.publish("advertising", now=NOW, pay_as="cash")
        task = ad()
        for _number in range(MEMBERS):
            member = make_member(now=NOW)
            finished_order(member)
            watched(member, task)
        income(2_000)
    assert dies_at("ads.computed", mall) == 137
    assert state(mall) == (0, 0)
    assert dies_at("ads.batch_paid", mall) == 137
    assert state(mall) == (2, 400)
    faults: list[Exception] = []
    start = threading.Barrier(WORKERS)

    def work() -> None:
        try:
            with in_mall(mall):
                start.wait()
                tasks.release_ads(now=NIGHT)
        except Exception as error:  # handed to the test below
            faults.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert state(mall) == (MEMBERS, 1_400)  # 14.00 of 28.00 wanted: 70 % of 20.00
    with in_mall(mall):
        assert tasks.release_ads(now=NIGHT) == 0
        assert AdDay.objects.get().closed_at == NIGHT
        for asset in ("CNY", AD_POINTS):
            assert sum(row.posted for row in book.trial_balance() if row.asset == asset) == 0
        assert book.check_ledger() == []
    connection.set_schema_to_public()
