"""A cart is kept as rows for members and as a signed cookie before; the two become one at sign-in."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from saas.kernel import clock
from saas.kernel.errors import NotFound
from saas.tenants.malls.activation import in_mall
from tenant_apps.catalog import services as catalog_services
from tenant_apps.orders import selectors, services
from tests.factories import catalog, people

NOW = clock.now()


@pytest.fixture
def buyer(grocery):
    return people.make_member()


def _rows(member):
    return {row.offer.sku_ulid: row.qty for row in selectors.cart(member)}


def test_adds_changes_and_removes(buyer):
    sku, other = catalog.single("甲"), catalog.single("乙")
    with CaptureQueriesContext(connection) as statements:
        services.add_to_cart(member=buyer, sku_ulid=sku.ulid, qty=2, now=NOW)
    assert len([one for one in statements if "SAVEPOINT" not in one["sql"]]) <= 3
    services.add_to_cart(member=buyer, sku_ulid=sku.ulid, qty=3, now=NOW)
    services.add_to_cart(member=buyer, sku_ulid=other.ulid, qty=1, now=NOW)
    assert _rows(buyer) == {sku.ulid: 5, other.ulid: 1}
    assert selectors.cart_count(buyer) == 6
    services.set_quantity(member=buyer, sku_ulid=sku.ulid, qty=1)
    services.set_quantity(member=buyer, sku_ulid=other.ulid, qty=0)
    assert _rows(buyer) == {sku.ulid: 1}
    with pytest.raises(NotFound):
        services.set_quantity(member=buyer, sku_ulid=other.ulid, qty=1)
    services.remove_from_cart(member=buyer, sku_ulids=[sku.ulid])
    assert _rows(buyer) == {}


def test_cart_is_one_statement_and_shows_what_cannot_be_bought(buyer):
    sku = catalog.single("甲", stock=1)
    services.add_to_cart(member=buyer, sku_ulid=sku.ulid, qty=2, now=NOW)
    with CaptureQueriesContext(connection) as statements:
        rows = selectors.cart(buyer)
    assert len(statements) == 1
    assert (rows[0].amount, rows[0].buyable) == (2000, False)


def test_refuses_what_is_not_sold(buyer):
    sku = catalog.single("甲")
    catalog_services.take_off_shelf(ulid=sku.product.ulid, actor=catalog.ACTOR, now=NOW)
    for ulid in (sku.ulid, "01UNKNOWN"):
        with pytest.raises(services.SkuNotSellable):
            services.add_to_cart(member=buyer, sku_ulid=ulid, qty=1, now=NOW)
    with pytest.raises(services.QuantityOutOfRange):
        services.add_to_cart(member=buyer, sku_ulid=sku.ulid, qty=1000, now=NOW)
    assert _rows(buyer) == {}


def test_cookie_cart_merges_at_sign_in(buyer):
    sku, other = catalog.single("甲"), catalog.single("乙")
    services.add_to_cart(member=buyer, sku_ulid=sku.ulid, qty=1, now=NOW)
    cookie = services.write_cookie({sku.ulid: 2, other.ulid: 1, "01UNKNOWN": 1})
    services.merge_cart(member=buyer, lines=services.read_cookie(cookie), now=NOW)
    assert _rows(buyer) == {sku.ulid: 3, other.ulid: 1}


def test_forged_or_foreign_cookie_is_an_empty_cart(grocery, beauty):
    with in_mall(grocery):
        cookie = services.write_cookie({"01SKU": 1})
        assert services.read_cookie(cookie) == {"01SKU": 1}
        assert services.read_cookie(cookie[:-2] + "xx") == {}
    with in_mall(beauty):
        assert services.read_cookie(cookie) == {}
