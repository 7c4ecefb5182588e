"""Partner page, rank progress, gift packs, member prices on lists and product pages, for guests, members, partners."""

import datetime as dt

import pytest
from django.conf import settings as django_settings

from saas.kernel import clock
from tenant_apps.members import services as members
from tenant_apps.members.models import Member
from tenant_apps.modes.gift_pack import services as packs
from tenant_apps.modes.partner_membership import selectors as partner
from tenant_apps.modes.partner_membership import services as partners
from tenant_apps.modes.partner_membership.settings import PartnerMembershipSettings
from tenant_apps.orders.models import Order
from tests.factories import catalog
from tests.factories.browser import MallClient
from tests.factories.people import make_member
from tests.factories.sales import publish

NOW = clock.now()


@pytest.fixture
def browser(grocery):
    return MallClient(HTTP_ACCEPT_LANGUAGE="zh-hans")


@pytest.fixture
def member(grocery):
    return make_member(name="李小满")


@pytest.fixture
def mine(browser, member):
    browser.force_login(member.user, backend=django_settings.AUTHENTICATION_BACKENDS[0])
    return browser


@pytest.fixture
def on_sale(grocery):
    publish("partner_membership", now=NOW - dt.timedelta(days=1), price_ppm=800_000)
    partners.offer_membership(settings=PartnerMembershipSettings(), actor="user:clerk", now=NOW)
    return partner.membership_sku()


def text(answer):
    assert answer.status_code == 200, answer.content[:300]
    return answer.content.decode()


def test_guests_see_member_prices_in_lists_and_on_the_product_page(browser, on_sale):
    sku = catalog.single(price=1_000)
    assert "会员价 ¥8.00" in text(browser.get("/c/"))
    page = text(browser.get(f"/p/{sku.product.ulid}"))
    assert "¥10.00" in page
    assert "data-member-price>¥8.00<" in page


def test_without_the_mode_no_page_speaks_of_member_prices(browser):
    sku = catalog.single(price=1_000)
    assert "会员价" not in text(browser.get("/c/"))
    assert "data-member-line" not in text(browser.get(f"/p/{sku.product.ulid}"))
    assert "本商城目前没有合伙人会员" in text(browser.get("/partner"))


def test_the_membership_is_no_product_in_a_list_and_has_no_product_page(browser, on_sale):
    assert "合伙人会员（" not in text(browser.get("/c/"))
    assert browser.get(f"/p/{on_sale.product.ulid}").status_code == 404


def test_the_partner_page_shows_fee_rights_and_savings_and_sells_without_an_address(mine, member, on_sale):
    catalog.single("赣南脐橙", price=1_000)
    page = text(mine.get("/partner"))
    assert "¥99.00" in page and "80%" in page and "省 ¥2.00" in page
    go = mine.post("/cart/add", {"sku": on_sale.ulid, "quantity": "1", "then": "checkout"})
    checkout = text(mine.get(go["Location"]))
    assert 'name="address"' not in checkout
    key = checkout.split('name="key" value="')[1].split('"')[0]
    form = {"key": key, "total": "9900", "sku": on_sale.ulid, "qty": "1", "price": "9900"}
    placed = mine.post("/checkout", form)
    assert placed.status_code == 302
    order = Order.objects.get(member=member)
    assert (order.total_amount, order.recipient_name) == (9_900, "")
    assert text(mine.get(f"/orders/{order.ulid}"))


def test_a_partner_sees_his_price_in_cart_and_checkout_and_others_what_they_would_save(mine, member, on_sale):
    sku = catalog.single(price=1_000, stock=9)
    mine.post("/cart/add", {"sku": sku.ulid, "quantity": "2"})
    page = text(mine.get("/cart"))
    assert "¥20.00" in page and "成为合伙人可再省 ¥4.00" in page
    members.set_level(member_ulid=member.ulid, level="partner", until=NOW + dt.timedelta(days=9))
    page = text(mine.get("/cart"))
    assert "¥16.00" in page and "成为合伙人" not in page
    make_address(member)
    page = text(mine.get("/checkout"))
    assert "会员价已为您节省" in page and 'name="price" value="800"' in page
    assert "您是合伙人" in text(mine.get("/partner"))


def make_address(member):
    from tests.tenant_apps.members.test_addresses import GOOD

    members.add_address(member=member, given=GOOD, now=NOW)


def test_the_rank_page_says_what_is_missing(mine, member):
    assert "没有按等级的奖励" in text(mine.get("/rank"))
    publish("differential", now=NOW, max_depth=2)
    members.add_turnover(
        member_ulid=member.ulid,
        referrer_ulid="",
        day=NOW.astimezone(dt.timezone(dt.timedelta(hours=8))).date(),
        amount=25_000,
        key="k",
        reason="completed",
        now=NOW,
    )
    page = text(mine.get("/rank"))
    assert "¥250.00 / ¥1,000.00" in page and "还差 ¥750.00" in page
    members.grant_rank(member_ulid=member.ulid, rank=2, ground="staff", actor="user:c", reason="x", now=NOW)
    assert "V2 等级" in text(mine.get("/rank"))


def test_gift_packs_say_what_they_grant_and_the_law(browser):
    assert "目前没有礼包" in text(browser.get("/z/gift_pack"))
    sku = catalog.single("春茶礼包", price=109_900, supply=30_000)
    draft = packs.PackDraft(
        sku_ulid=sku.ulid, price_amount=99_900, contents=(packs.Content("明前龙井", 49_950, 2),), rank=2
    )
    packs.save_pack(draft=draft, actor="user:clerk", now=NOW - dt.timedelta(days=1))
    page = text(browser.get("/z/gift_pack"))
    assert "赠送 V2 等级" in page and "¥999.00" in page and "不承诺任何收益" in page
    page = text(browser.get(f"/p/{sku.product.ulid}?zone=gift_pack"))
    assert "¥999.00" in page and f'value="{sku.ulid}@gift_pack"' in page and "不承诺任何收益" in page
    assert "¥1,099.00" in text(browser.get(f"/p/{sku.product.ulid}"))


@pytest.mark.parametrize("path", ["/z/self_operated", "/z/nothing"])
def test_a_zone_that_is_none_is_not_found(browser, path):
    assert browser.get(path).status_code == 404


def test_an_empty_zone_is_a_page(browser):
    assert text(browser.get("/z/member"))


def test_a_product_is_not_shown_in_a_zone_it_is_not_in(browser):
    sku = catalog.single()
    assert browser.get(f"/p/{sku.product.ulid}?zone=member").status_code == 404


def test_another_member_has_another_rank_page(mine, member, grocery):
    other = make_member()
    members.grant_rank(member_ulid=other.ulid, rank=3, ground="staff", actor="user:c", reason="x", now=NOW)
    assert "V3 等级" not in text(mine.get("/rank"))
    assert Member.objects.get(pk=member.pk).rank == 0
