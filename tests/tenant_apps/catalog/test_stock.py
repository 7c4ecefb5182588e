"""Stock moves whole orders in one statement, never below zero, and 32 threads cannot oversell."""

import threading

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from saas.kernel import clock
from tenant_apps.catalog import selectors, services
from tenant_apps.catalog.models import ProductCard, Sku
from tenant_apps.catalog.rules import StockLine
from tests.factories import catalog


def test_takes_a_whole_order_in_one_statement(grocery):
    five, ten = catalog.skus(catalog.shelved())
    services.take_stock([StockLine(five.ulid, 1)])
    with CaptureQueriesContext(connection) as statements:
        services.take_stock([StockLine(ten.ulid, 2), StockLine(five.ulid, 3)])
    assert len(statements) == 1
    assert [sku.stock for sku in catalog.skus(five.product)] == [96, 48]
    assert ProductCard.objects.get().stock == 144


def test_takes_nothing_when_one_line_is_short_and_names_it(grocery):
    five, ten = catalog.skus(catalog.shelved())
    with pytest.raises(services.InsufficientStock) as refused:
        services.take_stock([StockLine(five.ulid, 1), StockLine(ten.ulid, 51)])
    assert refused.value.data["sku_ulid"] == ten.ulid and refused.value.data["left"] == 50
    assert "10斤" in refused.value.text
    assert [sku.stock for sku in catalog.skus(five.product)] == [100, 50]
    assert ProductCard.objects.get().stock == 150


def test_unknown_sku_is_short(grocery):
    with pytest.raises(services.InsufficientStock):
        services.take_stock([StockLine("01UNKNOWN", 1)])


def test_returns_what_was_taken(grocery):
    five, _ = catalog.skus(catalog.shelved())
    services.take_stock([StockLine(five.ulid, 10)])
    services.return_stock([StockLine(five.ulid, 4), StockLine(five.ulid, 6)])
    assert Sku.objects.get(pk=five.pk).stock == 100
    assert ProductCard.objects.get().stock == 150


def test_database_refuses_negative_stock(grocery):
    sku = catalog.single(stock=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        Sku.objects.filter(pk=sku.pk).update(stock=-1)
    assert Sku.objects.get(pk=sku.pk).stock == 1


def test_counts_sales_on_product_and_card(grocery):
    product = catalog.shelved()
    services.record_sold({product.ulid: 3})
    services.record_sold({product.ulid: 2})
    assert selectors.list_cards().cards[0].sold == 5
    assert selectors.product_page(product.ulid).sold == 5


def test_manual_change_is_audited_and_cannot_go_below_zero(grocery):
    sku = catalog.single(stock=5)
    change = {"sku_ulid": sku.ulid, "reason": "盘点", "actor": catalog.ACTOR, "now": clock.now()}
    assert services.change_stock(delta=-5, **change) == 0
    with pytest.raises(services.InsufficientStock):
        services.change_stock(delta=-1, **change)
    assert services.change_stock(delta=3, **change) == 3


def test_sixteen_threads_sell_exactly_what_is_there(committed):
    from django_tenants.utils import schema_context

    from saas.tenants.malls.activation import in_mall
    from saas.tenants.malls.models import Mall

    with schema_context("public"):
        mall = Mall.objects.get(schema_name="t_test_grocery")
    with in_mall(mall), transaction.atomic():
        first, second = catalog.single("甲", stock=100), catalog.single("乙", stock=1000)
    results: list[bool] = []
    start = threading.Barrier(16)

    def buy(reverse: bool) -> None:
        lines = [StockLine(first.ulid, 1), StockLine(second.ulid, 2)]
        start.wait()
        with in_mall(mall):
            for _ in range(10):
                try:
                    with transaction.atomic():
                        services.take_stock(lines[::-1] if reverse else lines)
                    results.append(True)
                except services.InsufficientStock:
                    results.append(False)
        connection.close()

    threads = [threading.Thread(target=buy, args=(number % 2 == 0,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (results.count(True), results.count(False)) == (100, 60)
    with in_mall(mall):
        assert dict(Sku.objects.values_list("ulid", "stock")) == {first.ulid: 0, second.ulid: 800}
        assert set(ProductCard.objects.values_list("stock", flat=True)) == {0, 800}
