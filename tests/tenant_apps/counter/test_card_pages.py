"""Visit cards on the screens: staff offer one, a member buys it and shows its code, the store redeems it three times."""

import datetime as dt
import re

import pytest
from django.utils import translation

from saas.identity.roles import Role
from saas.kernel import clock
from tenant_apps.counter.models import Card, CardTerms, CardUse
from tenant_apps.members import services as members
from tenant_apps.orders import services as orders
from tenant_apps.orders.models import Order, Refund
from tests.factories import cards as make
from tests.factories import orders as make_orders
from tests.factories import sellers as shops
from tests.factories.people import make_member, make_staff
from tests.tenant_apps.backoffice.conftest import signed_in as staff_in
from tests.tenant_apps.members.test_addresses import GOOD
from tests.tenant_apps.storefront.test_buying_pages import checkout_form, signed_in

NOW = clock.now()
EN = {"HTTP_ACCEPT_LANGUAGE": "en"}


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def text(answer):
    return re.sub(r"\s+", " ", answer.content.decode())


def hidden(answer, name):
    return re.search(rf'name="{name}" value="([^"]*)"', answer.content.decode())[1]


def test_from_the_offer_to_the_third_visit(grocery, drain):
    owner, buyer = make_member(name="店主"), make_member(name="小美")
    store = shops.store(owner=owner.ulid, now=NOW - dt.timedelta(days=3))
    staff = staff_in(make_staff(Role.GOODS, Role.ORDERS))
    assert "No store offers a card yet." in text(staff.get("/backoffice/store-cards/offers/", **EN))
    assert "No card has been sold yet." in text(staff.get("/backoffice/store-cards/", **EN))
    form = {"kind": "visit_card", "seller": store.ulid, "title": "剪发三次卡", "price": "100", "visits": "3"}
    form |= {"valid_days": "30", "text": make.TEXT, "stock": "20"}
    for change, field in (
        ({"price": "5000.01"}, "f-price"),
        ({"visits": "x"}, "f-visits"),
        ({"text": ""}, "f-text"),
        ({"seller": "X"}, "f-seller"),
    ):
        answer = staff.post("/backoffice/store-cards/offers/new", form | change, **EN)
        assert answer.status_code == 422, change
        assert re.search(rf'id="{field}"[^>]*aria-invalid="true"', text(answer)), field
    assert not CardTerms.objects.exists()
    assert staff.post("/backoffice/store-cards/offers/new", form, **EN).status_code == 302
    terms = CardTerms.objects.get()
    assert "剪发三次卡" in text(staff.get("/backoffice/store-cards/offers/", **EN))
    changed = staff.post(f"/backoffice/store-cards/offers/{terms.product_ulid}", form | {"price": "99"}, **EN)
    assert changed.status_code == 302 and CardTerms.objects.count() == 2

    phone = signed_in(buyer)
    assert "You have no card yet." in text(phone.get("/cards", **EN))
    assert "剪发三次卡" in text(phone.get("/cards/shop", **EN))
    page = phone.get(f"/cards/shop/{terms.product_ulid}", **EN)
    assert "¥99.00" in text(page) and make.TEXT in text(page)
    bought = {name: hidden(page, name) for name in ("terms", "amount", "key")}
    refused = phone.post(f"/cards/shop/{terms.product_ulid}", bought, **EN)
    assert refused.status_code == 422 and "Please read the terms" in text(refused) and not Order.objects.exists()
    answer = phone.post(f"/cards/shop/{terms.product_ulid}", bought | {"accepted": "1"}, **EN)
    order = Order.objects.get()
    assert answer["Location"] == f"/pay/{order.ulid}" and phone.get(answer["Location"], **EN).status_code == 200
    orders.mark_paid(order_ulid=order.ulid, payment=make_orders.fund(order), amount=9_900, now=clock.now())
    drain()
    card = Card.objects.get()

    till = signed_in(owner)
    assert "Redeem a card" in text(till.get("/seller", **EN))
    assert phone.get("/seller/cards").status_code == 404  # he owns no store
    for left in (2, 1, 0):
        code = re.search(
            r"data-code>(\d{10})<", text(phone.post(f"/cards/{card.ulid}/code", HTTP_HX_REQUEST="true", **EN))
        )[1]
        assert f'value="{code}"' in text(till.get(f"/seller/cards?code={code}", **EN))
        assert till.post("/seller/cards", {"code": code, "visits": "1"}, **EN)["Location"] == "/seller/cards"
        again = till.post("/seller/cards", {"code": code, "visits": "1"}, **EN)
        assert again.status_code == 409 and "Each code is good once." in text(again)
        assert f"{left} of 3 visits left" in text(phone.get(f"/cards/{card.ulid}", **EN))
    assert CardUse.objects.count() == 3
    assert "used up" in text(phone.get("/cards", **EN)) and "剪发三次卡" in text(till.get("/seller/cards", **EN))
    assert phone.post(f"/cards/{card.ulid}/code", **EN).status_code == 200  # the page says why there is none
    assert card.number in text(staff.get("/backoffice/store-cards/?q=" + card.number, **EN))
    shown = text(staff.get(f"/backoffice/store-cards/{card.ulid}", **EN))
    assert "0 of 3 visits" in shown and shown.count("¥33.00") == 3
    assert staff.post(f"/backoffice/store-cards/offers/{terms.product_ulid}/withdraw", **EN).status_code == 302
    assert "No store sells a card" in text(phone.get("/cards/shop", **EN))


def test_staff_redeem_and_a_member_asks_for_the_rest(grocery):
    store = shops.store(now=NOW - dt.timedelta(days=3))
    card = make.bought(make.offered(store), make_member(name="小美"))
    phone, staff = signed_in(card.member), staff_in(make_staff(Role.ORDERS, Role.FINANCE))
    assert "Nothing has been redeemed yet." in text(staff.get("/backoffice/store-cards/redeem", **EN))
    code = re.search(r"data-code>(\d{10})<", text(phone.post(f"/cards/{card.ulid}/code", **EN)))[1]
    form = {"store": store.ulid, "code": code, "visits": "9"}
    refused = staff.post("/backoffice/store-cards/redeem", form, **EN)
    assert refused.status_code == 422 and "3 visits are left" in text(refused)
    assert staff.post("/backoffice/store-cards/redeem", form | {"visits": "2"}, **EN).status_code == 302
    assert "¥33.33" in text(staff.get("/backoffice/store-cards/", **EN))  # what the store still owes
    stranger = signed_in(make_member())
    assert stranger.get(f"/cards/{card.ulid}").status_code == 404
    assert stranger.post(f"/cards/{card.ulid}/return", {"reason": "x"}).status_code == 404
    answer = phone.post(f"/cards/{card.ulid}/return", {"reason": "搬家"}, **EN)
    case = Refund.objects.get()
    assert answer["Location"] == f"/orders/{card.order_ulid}/cases/{case.ulid}" and case.amount == 3_333
    assert phone.get(answer["Location"], **EN).status_code == 200


def test_a_stored_value_card_is_offered_shown_and_chosen_at_checkout(grocery, drain):
    store = shops.store(owner=make_member(name="店主").ulid, name="天河店", now=NOW - dt.timedelta(days=3))
    buyer, staff = make_member(name="小美"), staff_in(make_staff(Role.FINANCE))
    form = {"kind": "stored_card", "seller": store.ulid, "title": "储值卡", "price": "100", "text": make.TEXT}
    form |= {"stock": "20", "valid_days": "0"}
    refused = staff.post("/backoffice/store-cards/offers/new", form, **EN)
    assert refused.status_code == 422 and re.search(r'id="f-filing"[^>]*aria-invalid="true"', text(refused))
    assert (
        staff.post("/backoffice/store-cards/offers/new", form | {"filing_number": "440106-1"}, **EN).status_code == 302
    )
    terms = CardTerms.objects.get()
    assert 'value="stored_card" selected' in text(
        staff.get(f"/backoffice/store-cards/offers/{terms.product_ulid}", **EN)
    )
    order = make.ordered(terms, buyer, now=NOW)
    orders.mark_paid(order_ulid=order.ulid, payment=make_orders.fund(order), amount=10_000, now=clock.now())
    drain()
    card = Card.objects.get()
    phone = signed_in(buyer)
    assert "440106-1" in text(phone.get(f"/cards/shop/{terms.product_ulid}", **EN))
    assert "¥100.00 left" in text(phone.get("/cards", **EN))
    assert "Choose this card at checkout" in text(phone.get(f"/cards/{card.ulid}", **EN))
    sku = shops.goods(store, price=2_000, now=NOW - dt.timedelta(days=1))
    address = members.add_address(member=buyer, given=GOOD, now=NOW)
    page = phone.get(f"/checkout?sku={sku.ulid}&qty=1", **EN)
    assert "Card of 天河店" in text(page) and "it pays ¥28.00" in text(page)
    answer = phone.post("/checkout", checkout_form(page, address) | {"card": card.ulid}, **EN)
    bought = Order.objects.get(card_ulid=card.ulid)
    assert answer["Location"] == f"/orders/{bought.ulid}" and bought.state == "paid"
    assert "Of this by the store's card" in text(phone.get(answer["Location"], **EN))
    assert "¥72.00 left" in text(phone.get(f"/cards/{card.ulid}", **EN))
    assert "¥72.00" in text(staff.get(f"/backoffice/store-cards/{card.ulid}", **EN))
