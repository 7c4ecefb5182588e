"""From the cart to a placed order through the pages, without a script; refusals keep what was typed and change nothing."""

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from saas.kernel.clock import now
from tenant_apps.catalog import services as catalog_services
from tenant_apps.catalog.models import Sku
from tenant_apps.members import services as members
from tenant_apps.orders import selectors as orders
from tenant_apps.orders import services as order_services
from tenant_apps.orders.models import Order
from tests.factories import catalog
from tests.factories import orders as order_factory
from tests.factories.browser import MallClient
from tests.factories.people import NOW, make_member
from tests.statements import counted
from tests.tenant_apps.members.test_addresses import GOOD


@pytest.fixture
def member(grocery):
    return make_member(name="李小满")


@pytest.fixture
def address(member):
    return members.add_address(member=member, given=GOOD, now=NOW)


@pytest.fixture
def browser(member):
    return signed_in(member)


def signed_in(member) -> MallClient:
    client = MallClient()
    client.force_login(member.user, backend=django_settings.AUTHENTICATION_BACKENDS[0])
    return client


def hidden(page, name: str) -> list[str]:
    """Values of the hidden inputs of that name."""
    return [part.split('"')[0] for part in page.content.decode().split(f'type="hidden" name="{name}" value="')[1:]]


def checkout_form(page, address) -> dict[str, object]:
    return {name: hidden(page, name) for name in ("sku", "qty", "price")} | {
        "key": hidden(page, "key")[0],
        "total": hidden(page, "total")[0],
        "address": address.ulid,
    }


def test_a_stranger_fills_a_cart_and_keeps_it_through_the_sign_in(grocery, member, address):
    sku = catalog.single(price=1000)
    browser = MallClient()
    assert browser.post("/cart/add", {"sku": sku.ulid, "quantity": "2"})["Location"] == "/cart"
    assert "¥20.00" in browser.get("/cart").content.decode()
    browser.force_login(member.user, backend=django_settings.AUTHENTICATION_BACKENDS[0])
    assert "¥20.00" in browser.get("/cart").content.decode()
    assert [(row.offer.sku_ulid, row.qty) for row in orders.cart(member)] == [(sku.ulid, 2)]
    browser.get("/cart")
    assert [row.qty for row in orders.cart(member)] == [2]  # merged once


@pytest.mark.parametrize("signed", [True, False])
def test_a_line_is_changed_and_removed(member, signed):
    browser = signed_in(member) if signed else MallClient()
    sku = catalog.single(price=1000)
    browser.post("/cart/add", {"sku": sku.ulid, "quantity": "2"})
    browser.post("/cart/change", {"sku": sku.ulid, "quantity": "3"})
    assert "¥30.00" in browser.get("/cart").content.decode()
    browser.post("/cart/change", {"sku": sku.ulid, "quantity": "3", "remove": "1"})
    assert "card-link" not in browser.get("/cart").content.decode()
    assert orders.cart(member) == []


def test_buying_at_once_goes_past_the_cart(browser, address):
    sku = catalog.single(price=1000)
    answer = browser.post("/cart/add", {"sku": sku.ulid, "quantity": "2", "then": "checkout"})
    page = browser.get(answer["Location"])
    placed = browser.post("/checkout", checkout_form(page, address))
    order = Order.objects.get()
    assert placed["Location"] == f"/pay/{order.ulid}"
    assert (order.goods_amount, order.recipient_name) == (2000, GOOD.name)
    assert browser.get(placed["Location"]).status_code == 200


def test_a_stranger_signs_in_before_checkout_and_comes_back(grocery):
    answer = MallClient().get("/checkout?sku=x&qty=1")
    assert answer.status_code == 302 and answer["Location"].startswith("/auth/code/?next=/checkout")


def test_checkout_without_an_address_asks_for_one_first(browser):
    sku = catalog.single()
    page = browser.get(f"/checkout?sku={sku.ulid}&qty=1").content.decode()
    assert "/me/addresses/new?next=%2Fcheckout" in page and "disabled>" in page


def test_a_line_that_cannot_be_bought_stays_in_the_cart_and_holds_up_nothing(browser, member, address):
    good, gone = catalog.single("甲"), catalog.single("乙")
    for sku in (good, gone):
        browser.post("/cart/add", {"sku": sku.ulid, "quantity": "1"})
    catalog_services.take_off_shelf(ulid=gone.product.ulid, actor="user:clerk", now=now())
    short = catalog.single("丙", stock=1)
    browser.post("/cart/add", {"sku": short.ulid, "quantity": "2"})
    page = browser.get("/checkout").content.decode()
    assert "甲" in page and "乙" not in page and "丙" not in page


def test_an_empty_checkout_goes_back_to_the_cart(browser, address):
    assert browser.get("/checkout")["Location"] == "/cart"


def test_the_same_form_sent_twice_is_one_order(browser, address):
    sku = catalog.single()
    form = checkout_form(browser.get(f"/checkout?sku={sku.ulid}&qty=1"), address)
    assert browser.post("/checkout", form)["Location"] == browser.post("/checkout", form)["Location"]
    assert Order.objects.count() == 1


def test_a_changed_price_is_shown_and_nothing_is_ordered(browser, address):
    sku = catalog.single("赣南脐橙", price=1000, stock=10)
    form = checkout_form(browser.get(f"/checkout?sku={sku.ulid}&qty=1"), address)
    catalog_services.set_offer_price(sku_ulid=sku.ulid, price_amount=1200, actor="user:clerk")
    answer = browser.post("/checkout", form | {"remark": "请放门口"})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "赣南脐橙" in page and "¥12.00" in page and "请放门口" in page
    assert Order.objects.count() == 0 and Sku.objects.get().stock == 10
    assert browser.post("/checkout", checkout_form(answer, address)).status_code == 302


def test_stock_gone_between_cart_and_checkout_is_told(browser, address):
    sku = catalog.single(stock=1)
    form = checkout_form(browser.get(f"/checkout?sku={sku.ulid}&qty=1"), address)
    order_factory.placed(make_member(), (sku, 1))
    answer = browser.post("/checkout", form)
    assert answer.status_code == 409 and "alert-error" in answer.content.decode()
    assert Order.objects.count() == 1 and Sku.objects.get().stock == 0


@pytest.mark.parametrize(
    "broken",
    [
        {"total": "1"},
        {"key": "x"},
        {"address": "01J00000000000000000000000"},
        {"qty": ["0"]},
        {"qty": ["1e3"]},
        {"sku": []},
    ],
)
def test_a_tampered_form_orders_nothing(browser, address, broken):
    sku = catalog.single()
    form = checkout_form(browser.get(f"/checkout?sku={sku.ulid}&qty=1"), address)
    assert browser.post("/checkout", form | broken).status_code in (404, 409, 422)
    assert Order.objects.count() == 0 and Sku.objects.get().stock == 10


def test_another_members_order_does_not_exist(browser, grocery):
    order = order_factory.placed(make_member(), (catalog.single(), 1))
    for path in (
        f"/orders/{order.ulid}",
        f"/pay/{order.ulid}",
        f"/pay/{order.ulid}/state",
        f"/orders/{order.ulid}/refund",
    ):
        assert browser.get(path).status_code == 404
    for path in ("cancel", "receive"):
        assert browser.post(f"/orders/{order.ulid}/{path}").status_code == 404
    assert browser.post(f"/pay/{order.ulid}/start").status_code == 404
    order.refresh_from_db()
    assert order.state == "pending_payment"


@pytest.mark.parametrize("make", ["placed", "paid", "shipped", "received", "completed"])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_an_order_shows_itself_in_every_state(browser, member, make, language):
    order = getattr(order_factory, make)(member, (catalog.single("赣南脐橙"), 2))
    page = browser.get(f"/orders/{order.ulid}", HTTP_ACCEPT_LANGUAGE=language).content.decode()
    assert "赣南脐橙" in page and order.number in page and ("SF1234567890" in page) == bool(order.tracking_number)
    assert "赣南脐橙" in browser.get("/orders", HTTP_ACCEPT_LANGUAGE=language).content.decode()
    assert "赣南脐橙" in browser.get(f"/orders?state={order.state}").content.decode()


def test_no_orders_is_said_kindly(browser):
    assert "card-link" not in browser.get("/orders").content.decode()
    assert browser.get("/orders?state=nonsense").status_code == 200


def test_an_unpaid_order_is_cancelled_and_its_goods_return(browser, member):
    sku = catalog.single(stock=10)
    order = order_factory.placed(member, (sku, 2))
    browser.post(f"/orders/{order.ulid}/cancel")
    order.refresh_from_db()
    assert order.state == "cancelled" and Sku.objects.get().stock == 10


def test_receipt_is_confirmed(browser, member):
    order = order_factory.shipped(member, (catalog.single(), 1))
    browser.post(f"/orders/{order.ulid}/receive")
    order.refresh_from_db()
    assert order.state == "received"


def test_a_refund_of_one_line_is_asked_for_and_withdrawn(browser, member):
    order = order_factory.paid(member, (catalog.single("甲"), 2), (catalog.single("乙"), 1))
    line = order.lines.get(title="甲")
    assert browser.get(f"/orders/{order.ulid}/refund").status_code == 200
    browser.post(f"/orders/{order.ulid}/refund", {"line": line.ulid, f"quantity-{line.ulid}": "1", "reason": "坏了"})
    refund = order.refunds.get()
    assert (refund.state, refund.amount) == ("requested", 1000)
    assert "坏了" in browser.get(f"/orders/{order.ulid}").content.decode()
    browser.post(f"/orders/{order.ulid}/refund/{refund.ulid}/withdraw")
    refund.refresh_from_db()
    assert refund.state == "withdrawn"


@pytest.mark.parametrize(
    "form", [{"line": "all", "reason": ""}, {"reason": "x"}, {"line": "LINE", "reason": "x", "q": "9"}]
)
def test_a_refund_above_what_was_bought_or_without_reason_is_refused(browser, member, form):
    order = order_factory.paid(member, (catalog.single(), 2))
    line = order.lines.get().ulid
    data = {key: line if value == "LINE" else value for key, value in form.items()}
    if "q" in data:
        data[f"quantity-{line}"] = data.pop("q")
    assert browser.post(f"/orders/{order.ulid}/refund", data).status_code in (302, 409, 422)
    assert order.refunds.count() == 0


def test_a_mall_without_a_channel_says_so_on_the_pay_page(browser, member):
    order = order_factory.placed(member, (catalog.single(), 1))
    answer = browser.post(f"/pay/{order.ulid}/start")
    assert answer.status_code in (409, 503) and "alert-error" in answer.content.decode()


def test_a_paid_order_leaves_the_pay_page(browser, member):
    order = order_factory.paid(member, (catalog.single(), 1))
    assert browser.get(f"/pay/{order.ulid}")["Location"] == f"/orders/{order.ulid}?paid=1"
    assert browser.get(f"/pay/{order.ulid}/state", HTTP_HX_REQUEST="true")["HX-Redirect"].endswith("?paid=1")
    assert browser.post(f"/pay/{order.ulid}/start")["Location"].endswith("?paid=1")


def test_waiting_for_payment_answers_nothing_new(browser, member):
    order = order_factory.placed(member, (catalog.single(), 1))
    assert browser.get(f"/pay/{order.ulid}/state", HTTP_HX_REQUEST="true").status_code == 204


def test_buying_stays_within_its_statements(browser, member, address):
    sku = catalog.single(stock=100)
    browser.post("/cart/add", {"sku": sku.ulid, "quantity": "1"})
    browser.get("/cart")  # what prices are shown by is kept for half a minute
    page = browser.get("/checkout")
    browser.post("/checkout", checkout_form(page, address))
    order_services.remove_from_cart(member=member, sku_ulids=[sku.ulid])
    counts = {}

    def step(name, call):
        with CaptureQueriesContext(connection) as seen:
            answer = call()
        counts[name] = len(counted(seen))
        return answer

    step("add", lambda: browser.post("/cart/add", {"sku": sku.ulid, "quantity": "1"}))
    step("cart", lambda: browser.get("/cart"))
    page = step("checkout", lambda: browser.get(f"/checkout?sku={sku.ulid}"))
    placed = step("place", lambda: browser.post("/checkout", checkout_form(page, address)))
    step("pay", lambda: browser.get(placed["Location"]))
    assert counts["add"] <= 4 and counts["cart"] <= 2 and counts["checkout"] <= 5
    assert counts["place"] <= 9 and counts["pay"] <= 2
