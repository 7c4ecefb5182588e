"""A month is paid once: several workers on one month, and death by -9 between any two steps of the round."""

import datetime as dt
import logging
import threading
from collections.abc import Iterator

import pytest
from django.db import connection, transaction

from saas.ledger import selectors as book
from saas.ledger.models import Entry
from saas.tenants.malls.activation import in_mall
from saas.tenants.malls.models import Mall
from tenant_apps.members.models import Member
from tenant_apps.sellers.models import Seller
from tenant_apps.sellers.rules import credit_of
from tenant_apps.settlement import facts, services, tasks
from tenant_apps.settlement.models import PeriodPayment
from tenant_apps.settlement.rules import wallet_of
from tests.factories import orders as make
from tests.factories import sales
from tests.factories import sellers as sold
from tests.factories.people import make_member
from tests.tenant_apps.settlement.killing import deliver_killed
from tests.tenant_apps.settlement.test_once import WORKERS, together
from tests.tenant_apps.settlement.test_period_awards import NOW, SOLD, TICK

STRIDE = 4
DUE = [(240_000, 60_000)] * 2  # 2 % of 120 000.00 to the manager, 5 % of the fee of 12 000.00 as a credit


@pytest.fixture
def mall(committed: None) -> Iterator[Mall]:
    from django_tenants.utils import schema_context

    with schema_context("public"):
        Mall.objects.filter(schema_name="t_test_grocery").update(state="rehearsal")
        found = Mall.objects.get(schema_name="t_test_grocery")
    with in_mall(found):
        yield found
    connection.set_schema_to_public()


@pytest.fixture
def shops(mall: Mall) -> list[tuple[Seller, Member]]:
    """Two shops with their managers; each has sold for 120 000.00 in November."""
    made = []
    with transaction.atomic():
        sales.publish("manager_award", now=NOW)
        sales.publish("shop_growth", now=NOW)
        buyer = make_member(name="买家", now=NOW)
        for name in ("一号店", "二号店"):
            manager = make_member(name=f"{name}长", now=NOW)
            shop = sold.store(name=name, rate_ppm=100_000, owner=manager.ulid, now=NOW)
            for _ in range(3):
                sku = sold.goods(shop, price=4_000_000, title=name, now=NOW)
                order = make.paid(buyer, (sku, 1), now=NOW)
                services.release_order(order=facts.paid_order(order.ulid), now=SOLD)
            made.append((shop, manager))
    return made


def paid(shops: list[tuple[Seller, Member]]) -> list[tuple[int, int]]:
    """(manager's wallet, shop's credit) of each shop."""
    return [(book.balance(wallet_of(manager.ulid)), book.balance(credit_of(shop.ulid))) for shop, manager in shops]


def sound() -> None:
    rows = PeriodPayment.objects.values_list("mode", "seller_ulid", "period_key")
    assert len(set(rows)) == len(rows) == 4
    kinds = Entry.objects.filter(kind="period_award")
    assert sorted(kinds.values_list("key", flat=True)) == ["period:manager_award:2026-11", "period:shop_growth:2026-11"]
    assert [book.balance(f"accrual.{mode}") for mode in ("manager_award", "shop_growth")] == [0, 0]
    assert book.check_ledger() == []
    assert book.uncleared() == []
    sales.posted()


def test_several_workers_on_one_month_pay_it_once_and_none_of_them_fails(
    mall: Mall, shops: list[tuple[Seller, Member]], caplog: pytest.LogCaptureFixture
) -> None:
    counted, lock = [], threading.Lock()

    def work() -> None:
        number = tasks.pay_period_awards(now=TICK)
        with lock:
            counted.append(number)

    with caplog.at_level(logging.ERROR):
        together(mall, work)
    assert [record.getMessage() for record in caplog.records] == []
    assert (len(counted), sum(counted)) == (WORKERS, 4)  # two shops, two modes
    assert paid(shops) == DUE
    assert tasks.pay_period_awards(now=TICK + dt.timedelta(hours=1)) == 0
    assert paid(shops) == DUE
    sound()


def test_killed_between_any_two_steps_the_month_is_paid_once(mall: Mall, shops: list[tuple[Seller, Member]]) -> None:
    assert deliver_killed(mall=mall.ulid, event=f"round:{TICK.isoformat()}", stride=STRIDE) >= 8
    assert paid(shops) == DUE
    assert tasks.pay_period_awards(now=TICK + dt.timedelta(hours=1)) == 0
    assert paid(shops) == DUE
    sound()
