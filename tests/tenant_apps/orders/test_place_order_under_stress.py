"""A hundred pieces are sold a hundred times however many press at once; a process that dies leaves a whole order or none."""

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from django.db import connection, transaction

from saas.kernel import clock
from saas.messaging.bus.models import OutboxEvent
from saas.tenants.malls.activation import in_mall
from tenant_apps.catalog.models import ProductCard, Sku
from tenant_apps.catalog.services import InsufficientStock
from tenant_apps.orders import services
from tenant_apps.orders.models import CartLine, Order, OrderHistory, OrderLine
from tenant_apps.orders.rules import WantedLine
from tests.factories import catalog, people
from tests.factories import orders as make

PROJECT = Path(__file__).resolve().parents[3]
KEY = "key-crash-test"
CRASHPOINTS = ("order.stock_taken", "order.row_written", "order.published", "order.committed")


@pytest.fixture
def mall(committed):
    from django_tenants.utils import schema_context

    from saas.tenants.malls.models import Mall

    with schema_context("public"):
        return Mall.objects.get(schema_name="t_test_grocery")


def _buy(member, sku, qty=1, key=KEY):
    return services.place_order(
        member=member,
        lines=[WantedLine(sku.ulid, qty)],
        address=make.HOME,
        expected_total=sku.price_amount * qty + 800,
        idempotency_key=key,
        now=clock.now(),
    )


def _together(mall, count, work):
    start, found = threading.Barrier(count), []

    def run(number):
        start.wait()
        try:
            with in_mall(mall):
                found.append(work(number))
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == count
    return found


def test_stock_of_a_hundred_makes_exactly_a_hundred_orders(mall):
    with in_mall(mall), transaction.atomic():
        sku = catalog.single(price=1000, stock=100)
        buyers = [people.make_member() for _ in range(12)]

    def buy(number):
        placed = 0
        for attempt in range(10):
            try:
                _buy(buyers[number], sku, key=f"key-{number:03d}-{attempt:03d}")
                placed += 1
            except InsufficientStock:
                pass
        return placed

    assert sum(_together(mall, 12, buy)) == 100
    with in_mall(mall):
        assert Sku.objects.get().stock == 0 and ProductCard.objects.get().stock == 0
        assert Order.objects.count() == OrderLine.objects.count() == 100
        assert OutboxEvent.objects.filter(topic="order.payment_due").count() == 100


def test_eight_clicks_at_once_are_one_order(mall):
    with in_mall(mall), transaction.atomic():
        sku, buyer = catalog.single(price=1000, stock=100), people.make_member()
    assert len(set(_together(mall, 8, lambda number: _buy(buyer, sku).ulid))) == 1
    with in_mall(mall):
        assert Order.objects.count() == 1 and Sku.objects.get().stock == 99


def test_orders_of_the_same_goods_in_any_order_do_not_lock_each_other_out(mall):
    with in_mall(mall), transaction.atomic():
        skus = [catalog.single(title, price=1000, stock=100) for title in ("甲", "乙", "丙")]
        buyers = [people.make_member() for _ in range(6)]

    def buy(number):
        lines = [WantedLine(sku.ulid, 1) for sku in (skus if number % 2 else skus[::-1])]
        for attempt in range(5):
            services.place_order(
                member=buyers[number],
                lines=lines,
                address=make.HOME,
                expected_total=3800,
                idempotency_key=f"key-{number:03d}-{attempt:03d}",
                now=clock.now(),
            )
        return True

    assert all(_together(mall, 6, buy))
    with in_mall(mall):
        assert set(Sku.objects.values_list("stock", flat=True)) == {70}


_CHILD = """
import json, sys
import django
django.setup()
from django.db import connection
from django_tenants.utils import schema_context
from saas.kernel.clock import now
from saas.tenants.malls.activation import in_mall
from saas.tenants.malls.models import Mall
from tenant_apps.members.models import Member
from tenant_apps.orders import services
from tenant_apps.orders.rules import Recipient, WantedLine
given = json.loads(sys.argv[1])
with schema_context("public"):
    mall = Mall.objects.get(schema_name="t_test_grocery")
with in_mall(mall):
    services.place_order(
        member=Member.objects.get(ulid=given["member"]), lines=[WantedLine(given["sku"], 2)],
        address=Recipient(**given["address"]), expected_total=2800, idempotency_key=given["key"], now=now())
print("placed")
"""


@pytest.mark.parametrize("point", CRASHPOINTS)
def test_a_process_killed_in_the_middle_leaves_a_whole_order_or_none(mall, point):
    with in_mall(mall), transaction.atomic():
        sku, buyer = catalog.single(price=1000, stock=10), people.make_member()
        services.add_to_cart(member=buyer, sku_ulid=sku.ulid, qty=2, now=clock.now())
    given = json.dumps({"member": buyer.ulid, "sku": sku.ulid, "key": KEY, "address": vars(make.HOME)})
    child = subprocess.run(
        [sys.executable, "-c", _CHILD, given],
        env={**os.environ, "CRASH_AT": point},
        cwd=PROJECT,
        capture_output=True,
        text=True,
    )
    assert child.returncode == 137, child.stderr
    whole = point == "order.committed"
    with in_mall(mall):
        counts = [model.objects.count() for model in (Order, OrderLine, OrderHistory)]
        assert counts == ([1, 1, 1] if whole else [0, 0, 0])
        assert OutboxEvent.objects.filter(topic="order.payment_due").count() == int(whole)
        assert CartLine.objects.count() == int(not whole)
        assert Sku.objects.get().stock == (8 if whole else 10)
        with transaction.atomic():
            again = _buy(buyer, sku, 2)
        assert Order.objects.count() == 1 and Order.objects.get().ulid == again.ulid
        assert Sku.objects.get().stock == 8
