"""A hundred pieces are sold a hundred times however many press at once; a process that dies leaves a whole order or none."""

import datetime as dt
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
from tenant_apps.orders.delivery import DeliveryWish
from tenant_apps.orders.models import CartLine, Order, OrderHistory, OrderLine
from tenant_apps.orders.rules import DeliveryKind, WantedLine
from tenant_apps.sellers import services as sellers
from tests.factories import catalog, people, sales
from tests.factories import orders as make
from tests.factories import sellers as shops

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


_PAYER = """
import json, sys
import django
django.setup()
from django_tenants.utils import schema_context
from saas.kernel.clock import now
from saas.tenants.malls.activation import in_mall
from saas.tenants.malls.models import Mall
from tenant_apps.orders import services
given = json.loads(sys.argv[1])
with schema_context("public"):
    mall = Mall.objects.get(schema_name="t_test_grocery")
with in_mall(mall):
    services.mark_purchase_paid(purchase=given["purchase"], payment=given["payment"], amount=3800, now=now())
"""

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
    services.place_purchase(
        member=Member.objects.get(ulid=given["member"]), lines=[WantedLine(sku, 2) for sku in given["skus"]],
        address=Recipient(**given["address"]), expected_total=7600, idempotency_key=given["key"], now=now())
print("placed")
"""


@pytest.mark.parametrize("point", CRASHPOINTS)
def test_a_process_killed_in_the_middle_leaves_a_whole_purchase_or_none(mall, point):
    with in_mall(mall), transaction.atomic():
        buyer = people.make_member()
        skus = [catalog.single(price=1000, stock=10), shops.goods(shops.opened(), price=2000, stock=10)]
        for sku in skus:
            services.add_to_cart(member=buyer, sku_ulid=sku.ulid, qty=2, now=clock.now())
    given = json.dumps({"member": buyer.ulid, "skus": [s.ulid for s in skus], "key": KEY, "address": vars(make.HOME)})
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
        assert counts == ([2, 2, 2] if whole else [0, 0, 0])
        assert OutboxEvent.objects.filter(topic="order.payment_due").count() == int(whole)
        assert CartLine.objects.count() == (0 if whole else 2)
        assert set(Sku.objects.values_list("stock", flat=True)) == {8 if whole else 10}
        with transaction.atomic():
            again = services.place_purchase(
                member=buyer,
                lines=[WantedLine(sku.ulid, 2) for sku in skus],
                address=make.HOME,
                expected_total=7600,
                idempotency_key=KEY,
                now=clock.now(),
            )
        assert list(Order.objects.order_by("pk").values_list("ulid", flat=True)) == [one.ulid for one in again.orders]
        assert {one.purchase_amount for one in Order.objects.all()} == {7600}
        assert set(Sku.objects.values_list("stock", flat=True)) == {8}


def test_a_payment_killed_in_the_middle_pays_all_or_none_and_fifty_scans_hand_over_once(mall):
    with in_mall(mall), transaction.atomic():
        store = sellers.set_handover(
            ulid=shops.store().ulid,
            terms=sellers.Handover(place_text="体育东路 8 号", offers_pickup=True),
            actor=make.CLERK,
            now=clock.now(),
        )
        sales.publish("orders", now=clock.now() - dt.timedelta(minutes=1), store_handover=True)
        skus = [catalog.single(price=1000, stock=10), shops.goods(shops.opened(name="甲"), price=2000, stock=10)]
        purchase = services.place_purchase(
            member=people.make_member(),
            lines=[WantedLine(sku.ulid, 1) for sku in skus],
            address=make.HOME,
            expected_total=3800,
            idempotency_key=KEY,
            now=clock.now(),
            deliveries=[DeliveryWish("", DeliveryKind.PICKUP, store.ulid)],
        )
        payment = make.fund(purchase.first)
    given = json.dumps({"purchase": purchase.first.purchase, "payment": payment})
    child = subprocess.run(
        [sys.executable, "-c", _PAYER, given],
        env={**os.environ, "CRASH_AT": "order.paid_written"},
        cwd=PROJECT,
        capture_output=True,
        text=True,
    )
    assert child.returncode == 137, child.stderr
    with in_mall(mall), transaction.atomic():
        assert set(Order.objects.values_list("state", flat=True)) == {"pending_payment"}
        assert services.mark_purchase_paid(
            purchase=purchase.first.purchase, payment=payment, amount=3800, now=clock.now()
        )
        assert set(Order.objects.values_list("state", flat=True)) == {"paid"}
        code = Order.objects.get(pk=purchase.first.pk).pickup_code

    def scan(number):
        try:
            services.redeem_pickup(store_ulid=store.ulid, code=code, actor=f"member:{number}", now=clock.now())
        except services.AlreadyHandedOver:
            return 0
        return 1

    assert sum(_together(mall, 50, scan)) == 1
    with in_mall(mall):
        assert OrderHistory.objects.filter(action="received").count() == 1
