"""The mall's API: the catalogue for everybody, orders for their owner; unknown input and refusals are named."""

import json

import pytest
from django.db import connection
from django.test import Client

from saas.kernel import clock
from tenant_apps.catalog.models import Sku
from tenant_apps.members import services as membership
from tenant_apps.members.services.addresses import AddressInput
from tenant_apps.orders.models import Order
from tests.factories import catalog, people
from tests.factories import orders as make

HOST = "grocery.localhost"
BACKEND = "tenant_apps.members.backends.MemberBackend"


class MallClient(Client):
    """Leaves the mall active after a request, whose middleware leaves the connection in the trap."""

    def request(self, **request):
        mall = connection.tenant
        try:
            return super().request(**request)
        finally:
            connection.set_tenant(mall)


@pytest.fixture
def anyone(grocery):
    return MallClient(headers={"host": HOST})


@pytest.fixture
def buyer(grocery):
    return people.make_member(name="买家")


@pytest.fixture
def signed_in(anyone, buyer):
    anyone.force_login(buyer.user, backend=BACKEND)
    return anyone


@pytest.fixture
def sku(grocery):
    return catalog.single(price=3000, stock=5)


def _address(buyer):
    given = AddressInput(
        name="李明",
        phone="+8613800000001",
        province_code="440000",
        city_code="440100",
        district_code="440106",
        detail="体育西路1号",
    )
    return membership.add_address(member=buyer, given=given, now=clock.now()).ulid


def _post(client, path, **content):
    return client.post(f"/api{path}", json.dumps(content), content_type="application/json")


def test_catalogue_is_open_to_everybody(anyone, grocery):
    product = catalog.shelved()
    listed = anyone.get("/api/catalog/products?q=苹果").json()
    assert [one["ulid"] for one in listed["products"]] == [product.ulid]
    assert (listed["products"][0]["price_amount"], listed["has_next"]) == (3990, False)
    page = anyone.get(f"/api/catalog/products/{product.ulid}").json()
    assert [(sku["values"], sku["price_amount"]) for sku in page["skus"]] == [(["5斤"], 3990), (["10斤"], 6990)]
    assert "supply" not in json.dumps(page)
    assert anyone.get("/api/catalog/categories").json() == []


def test_unknown_product_and_unknown_parameter_are_named(anyone, grocery):
    missing = anyone.get("/api/catalog/products/01UNKNOWN")
    assert (missing.status_code, missing.json()["code"]) == (404, "not_found")
    wrong = anyone.get("/api/catalog/products?colour=red")
    assert (wrong.status_code, wrong.json()["code"]) == (422, "invalid_input")
    assert anyone.get("/api/catalog/products?order=drop").status_code == 422


def test_places_and_reads_an_own_order(signed_in, buyer, sku):
    content = {
        "lines": [{"sku": sku.ulid, "qty": 2, "expected_unit_amount": 3000}],
        "address": _address(buyer),
        "expected_total_amount": 6800,
        "idempotency_key": "key-12345678",
    }
    placed = _post(signed_in, "/orders", **content)
    assert placed.status_code == 201, placed.content
    assert _post(signed_in, "/orders", **content).json()["ulid"] == placed.json()["ulid"]
    order = signed_in.get(f"/api/orders/{placed.json()['ulid']}").json()
    assert (order["state"], order["total_amount"], order["lines"][0]["qty"]) == ("pending_payment", 6800, 2)
    assert order["address"] == "广东省广州市天河区体育西路1号"
    assert len(signed_in.get("/api/orders?state=pending_payment").json()["orders"]) == 1
    assert signed_in.get("/api/orders?state=paid").json()["orders"] == []
    cancelled = _post(signed_in, f"/orders/{order['ulid']}/cancel", reason="买错了")
    assert cancelled.json()["state"] == "cancelled"
    assert Sku.objects.get(pk=sku.pk).stock == 5


def test_refusals_carry_code_and_change_nothing(signed_in, buyer, sku):
    content = {
        "lines": [{"sku": sku.ulid, "qty": 9}],
        "address": _address(buyer),
        "expected_total_amount": 27000,
        "idempotency_key": "key-12345678",
    }
    short = _post(signed_in, "/orders", **content)
    assert (short.status_code, short.json()["code"]) == (409, "insufficient_stock")
    changed = _post(signed_in, "/orders", **{**content, "expected_total_amount": 1})
    assert (changed.status_code, changed.json()["code"]) == (409, "price_changed")
    unknown = _post(signed_in, "/orders", **content, price=1)
    assert (unknown.status_code, unknown.json()["code"]) == (422, "invalid_input")
    assert not Order.objects.exists() and Sku.objects.get(pk=sku.pk).stock == 5


def test_a_stranger_sees_nobodys_orders(anyone, buyer, sku):
    order = make.shipped(buyer, (sku, 1))
    assert anyone.get("/api/orders").status_code == 401
    stranger = people.make_member()
    anyone.force_login(stranger.user, backend=BACKEND)
    assert anyone.get(f"/api/orders/{order.ulid}").status_code == 404
    assert _post(anyone, f"/orders/{order.ulid}/receive").status_code == 404
    assert _post(anyone, f"/orders/{order.ulid}/cancel", reason="x").status_code == 404
    assert anyone.get("/api/orders").json()["orders"] == []


def test_writing_needs_the_csrf_token(buyer, sku):
    client = MallClient(enforce_csrf_checks=True, headers={"host": HOST})
    client.force_login(buyer.user, backend=BACKEND)
    order = make.shipped(buyer, (sku, 1))
    assert _post(client, f"/orders/{order.ulid}/receive").status_code == 403
    order.refresh_from_db()
    assert order.state == "shipped"


def test_the_schema_is_published(anyone):
    schema = anyone.get("/api/openapi.json").json()
    assert "/api/catalog/products" in schema["paths"] and "/api/orders" in schema["paths"]
