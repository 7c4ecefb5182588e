"""A cart of two sellers through the pages: chosen delivery, one payment, the code at the counter."""

import datetime as dt

import pytest
from django.utils import translation

from saas.kernel import clock
from tenant_apps.catalog.models import Offer
from tenant_apps.members import services as members
from tenant_apps.members.models import Member
from tenant_apps.orders import services
from tenant_apps.orders.models import Order
from tenant_apps.sellers import services as sellers
from tests.factories import orders as make
from tests.factories import sales
from tests.factories import sellers as shops
from tests.factories.people import NOW, make_member
from tests.tenant_apps.members.test_addresses import GOOD
from tests.tenant_apps.storefront.test_buying_pages import checkout_form, signed_in

EARLIER = clock.now() - dt.timedelta(days=30)
EN = {"HTTP_ACCEPT_LANGUAGE": "en"}


@pytest.fixture
def owner(grocery) -> Member:
    return make_member(name="王店主")


@pytest.fixture
def store(owner):
    sales.publish("orders", now=EARLIER, store_handover=True)
    row = shops.store(now=EARLIER, owner=owner.ulid)
    terms = sellers.Handover(
        place_text="体育东路 8 号", offers_pickup=True, offers_delivery=True, delivery_fee_amount=450
    )
    return sellers.set_handover(ulid=row.ulid, terms=terms, actor=make.CLERK, now=EARLIER)


def test_two_sellers_from_the_cart_to_the_counter(store, owner):
    with translation.override("en"):
        own = shops.goods(None, price=2_000, supply=500, title="橙", now=EARLIER)
        theirs = shops.goods(shops.opened(name="西湖茶行", now=EARLIER), price=3_000, title="茶", now=EARLIER)
        member = make_member(name="李小满")
        address = members.add_address(member=member, given=GOOD, now=NOW)
        browser = signed_in(member)
        for sku in (own, theirs):
            browser.post("/cart/add", {"sku": sku.ulid, "quantity": "1"})
        Offer.objects.filter(sku=own).update(price_amount=2_100)
        page = browser.get("/cart", **EN).content.decode()
        assert "西湖茶行" in page and "2 sellers, one payment" in page and "it was ¥20.00" in page
        page = browser.get("/checkout", **EN)
        assert page.content.decode().count("Pick up at 天河服务点") == 2
        assert page.content.decode().count("Brought by 天河服务点 (¥4.50)") == 1  # the mall's own goods alone
        form = checkout_form(page, address) | {"delivery-mall": f"pickup:{store.ulid}"}
        counted = browser.post("/checkout", form | {"recount": "1"}, **EN)
        assert f'value="pickup:{store.ulid}" selected' in counted.content.decode()
        refused = browser.post("/checkout", form | {"delivery-mall": "pickup:X"}, **EN)
        assert refused.status_code == 400 or "does not hand over" in refused.content.decode()
        assert Order.objects.count() == 0
        form = checkout_form(counted, address) | {"delivery-mall": f"pickup:{store.ulid}"}
        assert form["total"] == "5900"  # 21.00 fetched, 30.00 with freight
        answer = browser.post("/checkout", form, **EN)
        theirs_, fetched = Order.objects.order_by("purchase_position")
        if fetched.pickup_store == "":
            fetched, theirs_ = theirs_, fetched
        first = Order.objects.get(purchase_position=0)
        assert answer["Location"] == f"/pay/{first.ulid}"
        shown = browser.get(answer["Location"], **EN).content.decode()
        assert "¥59.00" in shown and Order.objects.get(purchase_position=1).number in shown
        payment = make.fund(first)
        services.mark_purchase_paid(purchase=first.purchase, payment=payment, amount=5_900, now=clock.now())
        fetched.refresh_from_db()
        shown = browser.get(f"/orders/{fetched.ulid}", **EN).content.decode()
        assert fetched.pickup_code in shown and "Placed together, paid together" in shown
        assert f"/orders/{theirs_.ulid}" in shown
        assert browser.get("/seller/pickup").status_code == 404  # who has no store
        counter = signed_in(owner)
        assert "Hand over pickups" in counter.get("/seller", **EN).content.decode()
        page = counter.get(f"/seller/pickup?code={fetched.pickup_code}", **EN).content.decode()
        assert fetched.number in page and f'value="{fetched.pickup_code}"' in page
        wrong = counter.post("/seller/pickup", {"code": "1234567890"}, **EN)
        assert wrong.status_code == 422 or "No order waits here" in wrong.content.decode()
        assert counter.post("/seller/pickup", {"code": fetched.pickup_code, "store": "X"}).status_code == 404
        assert counter.post("/seller/pickup", {"code": fetched.pickup_code})["Location"] == "/seller/pickup"
        again = counter.post("/seller/pickup", {"code": fetched.pickup_code}, **EN)
        assert (
            again.status_code == 409 and "has been" in again.content.decode()
        ) or "handed over" in again.content.decode()
        fetched.refresh_from_db()
        assert fetched.state == "received"
        shown = browser.get(f"/orders/{fetched.ulid}", **EN).content.decode()
        assert 'id="pickup"' not in shown
