"""Goods of a paused or closed seller: gone from lists and search, not on sale on their page, not payable in a cart."""

import datetime as dt

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from saas.kernel import clock
from tenant_apps.catalog import selectors as catalog
from tenant_apps.catalog.models import Product, ProductCard
from tenant_apps.catalog.rules import ProductDraft, SkuDraft
from tenant_apps.orders import selectors as orders
from tenant_apps.orders import services as order_services
from tenant_apps.orders.models import Order
from tenant_apps.orders.rules import WantedLine
from tenant_apps.sellers import services, tasks
from tenant_apps.sellers.models import Seller
from tests.factories import orders as make
from tests.factories import sellers as sold
from tests.factories.browser import MallClient
from tests.factories.people import make_member
from tests.statements import counted

NOW = clock.now()
CLERK = "user:clerk"


@pytest.fixture
def seller(grocery):
    return sold.opened(now=NOW)


@pytest.fixture
def sku(seller):
    return sold.goods(seller, price=10_000, title="西湖龙井", now=NOW)


def listed():
    return [card.title for card in catalog.list_cards().cards], [
        card.title for card in catalog.list_cards(query="龙井").cards
    ]


def pause(seller, drain):
    services.pause_seller(ulid=seller.ulid, actor=CLERK, reason="盘点", now=NOW)
    drain()


def test_lists_follow_the_seller_both_ways(seller, sku, drain):
    own = sold.goods(None, price=1_000, supply=100, title="自营茶", now=NOW)
    assert listed() == (["自营茶", "西湖龙井"], ["西湖龙井"])
    pause(seller, drain)
    assert listed() == (["自营茶"], [])
    assert catalog.cards_of([sku.product.ulid]) == []
    services.open_seller(ulid=seller.ulid, actor=CLERK, now=NOW)
    drain()
    assert listed()[1] == ["西湖龙井"]
    services.close_seller(ulid=seller.ulid, actor=CLERK, reason="退出", now=NOW)
    drain()
    assert listed() == (["自营茶"], [])
    assert own.product.seller_sells


def test_a_list_is_two_statements_brands_included(seller, sku, drain):
    pause(seller, drain)
    browser = MallClient()
    browser.get("/c/")
    with CaptureQueriesContext(connection) as seen:
        assert "西湖龙井" not in browser.get("/c/").content.decode()
    assert len(counted(seen)) == 2, counted(seen)


def test_what_changes_while_he_pauses_stays_hidden(seller, sku, drain):
    pause(seller, drain)
    draft = ProductDraft(title="明前龙井", skus=(SkuDraft((), 9_000, stock=5),), seller_ulid=seller.ulid)
    services.update_product(ulid=sku.product.ulid, draft=draft, actor=CLERK, now=NOW)
    sold.goods(seller, price=2_000, title="新龙井", now=NOW)
    assert listed() == ([], [])
    taken_over = ProductDraft(title="自营龙井", skus=(SkuDraft((), 9_000, supply_amount=1_000, stock=5),))
    services.update_product(ulid=sku.product.ulid, draft=taken_over, actor=CLERK, now=NOW)
    assert listed()[0] == ["自营龙井"]
    services.update_product(ulid=sku.product.ulid, draft=draft, actor=CLERK, now=NOW)
    assert listed() == ([], [])


def test_the_page_says_so_and_sells_nothing(seller, sku, drain):
    pause(seller, drain)
    page = MallClient().get(f"/p/{sku.product.ulid}", HTTP_ACCEPT_LANGUAGE="zh-hans").content.decode()
    assert "暂不销售：商家已暂停营业。" in page
    assert 'value="checkout"' not in page
    assert 'value="cart"' not in page


def test_a_cart_line_is_marked_and_cannot_be_paid(seller, sku, drain):
    buyer = make_member()
    own = sold.goods(None, price=1_000, supply=100, title="自营茶", now=NOW)
    for one in (sku, own):
        order_services.add_to_cart(member=buyer, sku_ulid=one.ulid, qty=1, now=NOW)
    pause(seller, drain)
    browser = MallClient()
    browser.force_login(buyer.user, backend=django_settings.AUTHENTICATION_BACKENDS[0])
    page = browser.get("/cart", HTTP_ACCEPT_LANGUAGE="zh-hans").content.decode()
    assert "暂不销售：商家已暂停营业" in page
    assert "data-sum-total>¥10.00" in page
    assert [row.buyable for row in orders.cart(buyer)] == [True, False]
    assert browser.get("/checkout").content.decode().count('name="sku"') == 1  # what can be sold is
    with pytest.raises(order_services.SellerPaused) as refused:
        order_services.quote_checkout(lines=[WantedLine(sku.ulid, 1)], now=NOW)
    assert refused.value.data["title"] == "西湖龙井"
    with pytest.raises(order_services.SellerPaused):
        order_services.add_to_cart(member=buyer, sku_ulid=sku.ulid, qty=1, now=NOW)
    assert not Order.objects.exists()


def test_checkout_refuses_before_the_lists_have_followed(seller, sku):
    buyer = make_member()
    services.pause_seller(ulid=seller.ulid, actor=CLERK, reason="盘点", now=NOW)
    assert ProductCard.objects.get(product=sku.product).is_visible  # the event is on its way
    with pytest.raises(order_services.SellerPaused):
        make.placed(buyer, (sku, 1), now=NOW)
    assert not Order.objects.exists()


def test_a_licence_that_runs_out_takes_the_goods_off_and_a_new_one_brings_them_back(seller, sku, drain):
    drain()
    Seller.objects.filter(pk=seller.pk).update(licence_until=dt.date(2026, 12, 1))
    assert tasks.follow_sellers(now=NOW) == 0
    late = dt.datetime(2026, 12, 2, 4, 0, tzinfo=dt.UTC)
    assert [tasks.follow_sellers(now=late) for _ in range(2)] == [1, 0]
    assert listed() == ([], [])
    Seller.objects.filter(pk=seller.pk).update(licence_until=None)
    assert tasks.follow_sellers(now=late) == 1
    assert listed()[1] == ["西湖龙井"]
    assert Product.objects.get(pk=sku.product_id).seller_sells


def test_the_other_mall_is_not_touched(seller, sku, drain, request):
    pause(seller, drain)
    request.getfixturevalue("beauty")
    assert Product.objects.filter(seller_sells=False).count() == 0
