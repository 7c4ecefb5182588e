"""Pages of an order that has not left: another address; a pack's agency at checkout; who may see who got what."""

import datetime as dt

import pytest
from django.conf import settings as django_settings
from django.urls import reverse

from saas.identity.models import AuditRecord
from saas.identity.roles import Role
from saas.kernel import clock
from tenant_apps.members import services as members
from tenant_apps.members.services.addresses import AddressInput
from tenant_apps.modes.contract import Grade
from tenant_apps.modes.gift_pack import services as packs
from tenant_apps.modes.gift_pack.models import GiftPack
from tenant_apps.modes.gift_pack.services import Content, PackDraft
from tenant_apps.orders.models import Order
from tests.factories import catalog, regions, sales
from tests.factories import orders as make
from tests.factories import sellers as sold
from tests.factories.browser import MallClient
from tests.factories.people import make_member, make_staff

NOW = clock.now()
EARLIER = NOW - dt.timedelta(days=20)
ZH = {"HTTP_ACCEPT_LANGUAGE": "zh-hans"}
PANYU = AddressInput("李明", "13800000002", "440000", "440100", "440113", "市桥路2号", street_code="440113007")


def signed_in(user):
    browser = MallClient()
    browser.force_login(user, backend=django_settings.AUTHENTICATION_BACKENDS[0])
    return browser


@pytest.fixture
def buyer(grocery):
    return make_member(name="买家")


@pytest.fixture
def order(buyer):
    return make.paid(buyer, (catalog.single("茶", price=10_000, supply=2_000), 1), now=NOW)


def test_the_buyer_sends_it_to_another_address_of_his_book(buyer, order):
    browser = signed_in(buyer.user)
    page = f"/orders/{order.ulid}"
    assert f'href="{page}/address"' in browser.get(page, **ZH).content.decode()
    assert "地址簿还是空的" in browser.get(f"{page}/address", **ZH).content.decode()
    chosen = members.add_address(member=buyer, given=PANYU, now=NOW)
    assert "市桥路2号" in browser.get(f"{page}/address").content.decode()
    refused = browser.post(f"{page}/address", {})
    assert refused.status_code == 422
    assert browser.post(f"{page}/address", {"address": chosen.ulid})["Location"] == page
    shown = browser.get(page, **ZH).content.decode()
    assert "广东省广州市番禺区" in shown
    assert "收货地址已修改" in shown
    order.refresh_from_db()
    assert (order.district_code, order.street_code) == ("440113", "440113007")


def test_not_after_it_was_shipped_and_nobody_elses(buyer):
    order = make.shipped(buyer, (catalog.single("茶", price=10_000, supply=2_000), 1), now=NOW)
    chosen = members.add_address(member=buyer, given=PANYU, now=NOW)
    browser = signed_in(buyer.user)
    page = f"/orders/{order.ulid}"
    assert f"{page}/address" not in browser.get(page).content.decode()
    answer = browser.post(f"{page}/address", {"address": chosen.ulid}, **ZH)
    assert answer.status_code == 409
    assert "订单发货前才能修改收货地址" in answer.content.decode()
    stranger = signed_in(make_member().user)
    assert stranger.post(f"{page}/address", {"address": chosen.ulid}).status_code == 404
    assert Order.objects.get(pk=order.pk).district_code == "440106"


def test_staff_send_it_elsewhere_with_a_reason(order):
    browser = signed_in(make_staff(Role.ORDERS))
    page = reverse("backoffice:order_address", args=[order.ulid])
    assert page in browser.get(reverse("backoffice:order", args=[order.ulid])).content.decode()
    shown = browser.get(page, **ZH).content.decode()
    assert "体育西路1号" in shown
    assert '<option value="440106" selected>天河区</option>' in shown
    form = {
        "name": "李明",
        "phone": "13800000002",
        "province_code": "440000",
        "city_code": "440300",
        "district_code": "440106",
        "street_code": "",
        "detail": "科苑路3号",
        "reason": "",
    }
    lists = browser.post(page, form | {"step": "lists"}).content.decode()
    assert "南山区" in lists
    assert browser.post(page, form | {"step": "save"}).status_code == 422  # a district of another city
    form["district_code"] = "440305"
    answer = browser.post(page, form | {"step": "save"}, **ZH)
    assert (answer.status_code, "请填写原因" in answer.content.decode()) == (422, True)
    assert not AuditRecord.objects.filter(action="order.address_changed").exists()
    answer = browser.post(page, form | {"step": "save", "reason": "来电"})
    assert answer["Location"] == reverse("backoffice:order", args=[order.ulid])
    order.refresh_from_db()
    assert (order.city, order.district, order.recipient_phone) == ("深圳市", "南山区", "+8613800000002")
    assert AuditRecord.objects.get(action="order.address_changed").reason == "来电"
    assert "发货地址" not in answer.content.decode()


def test_an_address_form_offers_the_streets_of_its_district(buyer):
    browser = signed_in(buyer.user)
    options = browser.get("/me/divisions?district_code=440106").content.decode()
    assert '<option value="440106006">石牌街道</option>' in options
    form = vars(PANYU) | {"street_code": "440106006", "is_default": ""}
    refused = browser.post("/me/addresses/new", form, **ZH)
    assert refused.status_code == 422
    assert "请从该区县的列表中选择街道" in refused.content.decode()
    saved = browser.post("/me/addresses/new", vars(PANYU) | {"is_default": ""})
    assert saved.status_code == 302
    assert buyer.addresses.get().street == "市桥街道"


def test_checkout_asks_for_the_area_of_a_packs_agency(buyer):
    sku = catalog.single("代理礼包", price=109_900, supply=30_000)
    tea = (Content("明前龙井", 49_950, 2),)
    row = packs.save_pack(
        draft=PackDraft(sku_ulid=sku.ulid, price_amount=99_900, contents=tea, rank=1), actor="user:clerk", now=EARLIER
    )
    GiftPack.objects.filter(pk=row.pk).update(rank=0, agency_grade="district", agency_months=12)
    regions.holder(make_member(), Grade.DISTRICT, "440305", now=EARLIER, is_exclusive=True)
    address = members.add_address(member=buyer, given=PANYU, now=NOW)
    browser = signed_in(buyer.user)
    key = f"{sku.ulid}@gift_pack"
    page = browser.get(f"/checkout?sku={key}&qty=1", **ZH).content.decode()
    assert "代理区域" in page
    assert f'name="agency-district-{key}"' in page
    districts = browser.get(
        f"/checkout/areas?grade=district&part=district&agency-city-{key}=440300", **ZH
    ).content.decode()
    assert '<option value="440305" disabled>南山区 · 已占</option>' in districts
    assert '<option value="440303">罗湖区</option>' in districts
    assert "东城区" in browser.get("/checkout/areas?grade=city&part=city&agency-province-x=110000").content.decode()
    assert browser.get("/checkout/areas?grade=street&part=city").status_code == 404
    form = {
        "sku": key,
        "qty": "1",
        "price": "99900",
        "total": page.split('name="total" value="')[1].split('"')[0],
        "key": page.split('name="key" value="')[1].split('"')[0],
        "address": address.ulid,
        f"agency-grade-{key}": "district",
        f"agency-province-{key}": "440000",
        f"agency-city-{key}": "440300",
    }
    missing = browser.post("/checkout", form, **ZH)
    assert missing.status_code == 422
    assert "请选择代理区域" in missing.content.decode()
    assert '<option value="440300" selected>深圳市</option>' in missing.content.decode()
    taken = browser.post("/checkout", form | {f"agency-district-{key}": "440305"})
    assert taken.status_code == 409
    assert not Order.objects.exists()
    placed = browser.post("/checkout", form | {f"agency-district-{key}": "440303"})
    assert placed.status_code == 302, placed.content.decode()[:2000]
    assert Order.objects.get().lines.get().agency_code == "440303"


def test_who_sold_it_finds_who_got_what(buyer, drain):
    owner = make_member(name="店主")
    shop = sold.opened(owner=owner.ulid, now=EARLIER)
    order = make.paid(buyer, (sold.goods(shop, price=10_000, now=EARLIER), 1), now=NOW)
    drain()
    mine = signed_in(owner.user)
    assert mine.get(f"/wallet/sale/{order.ulid}").status_code == 200
    assert mine.get(f"/wallet/sale/{order.number}").status_code == 200
    assert signed_in(buyer.user).get(f"/wallet/sale/{order.ulid}").status_code == 404
    assert f"/wallet/sale/{order.ulid}" not in signed_in(buyer.user).get(f"/orders/{order.ulid}").content.decode()
    bought = make.paid(owner, (sold.goods(shop, price=5_000, title="自用", now=EARLIER), 1), now=NOW)
    drain()
    assert f"/wallet/sale/{bought.ulid}" in mine.get(f"/orders/{bought.ulid}").content.decode()


def test_an_award_says_what_no_earning_page_leaves_out(buyer, drain):
    sales.publish(now=EARLIER)
    referrer = make_member(promoter=True)
    friend = make_member(referrer=referrer)
    make.paid(friend, (catalog.single("茶", price=10_000, supply=2_000), 1), now=NOW)
    drain()
    browser = signed_in(referrer.user)
    wallet = browser.get("/wallet").content.decode()
    note = wallet.split('role="note">')[1].split("</aside>")[0]
    award = "/wallet/award/" + wallet.split("/wallet/award/")[1].split('"')[0]
    assert note in browser.get(award).content.decode()


def test_who_brought_a_seller_in_finds_the_page_of_shops(buyer):
    browser = signed_in(buyer.user)
    assert 'href="/seller"' not in browser.get("/me").content.decode()
    sold.opened(referrer=buyer.ulid, now=EARLIER)
    assert "我推荐的商家" in browser.get("/me", **ZH).content.decode()
    assert browser.get("/seller").status_code == 200
