"""Zones: own prices by quantity, least pieces, a limit a person, partners alone, no vouchers, coins of their own, no awards."""

import pytest

from saas.kernel import clock
from saas.kernel.ids import new_ulid
from tenant_apps.catalog import selectors as catalog
from tenant_apps.catalog import services as goods
from tenant_apps.catalog.models import Offer, Sku, Zone
from tenant_apps.catalog.rules import PriceTerms, ZoneTerms
from tenant_apps.modes import preview
from tenant_apps.modes import services as modes
from tenant_apps.modes.coins import selectors as coin_lots
from tenant_apps.modes.contract import BuyerFacts
from tenant_apps.orders import services as orders
from tenant_apps.orders.models import Order, OrderLine
from tenant_apps.orders.rules import WantedLine
from tenant_apps.settlement import facts
from tenant_apps.settlement import services as settlement
from tenant_apps.settlement.models import Award
from tests.factories import orders as make
from tests.factories import sales
from tests.factories import sellers as shops
from tests.factories.browser import MallClient
from tests.factories.people import make_member, make_staff

NOW = clock.now()
CLERK = make.CLERK


def place(member, key, qty, *, coins=0):
    wanted = [WantedLine(key, qty)]
    quote = orders.quote_checkout(lines=wanted, now=NOW, coins=coins)
    return orders.place_order(
        member=member, lines=wanted, address=make.HOME, expected_total=quote.total_amount, idempotency_key=new_ulid(),
        coins=coins, now=NOW,
    )  # fmt: skip


def pay(order):
    assert orders.mark_paid(
        order_ulid=order.ulid, payment=make.fund(order, now=NOW), amount=order.total_amount, now=NOW
    )


def test_a_wholesale_zone_sells_by_tiers_within_its_limits_and_earns_nothing(grocery):
    above = make_member(promoter=True)
    buyer = make_member(referrer=above)
    sales.publish("distribution", now=NOW)
    sales.publish("coins", now=NOW, coins_per_yuan=10)
    sku = shops.goods(None, price=10_000, supply=1_000, title="橙", stock=200)
    goods.save_zone(
        key="wholesale",
        name="批发",
        terms=ZoneTerms(least_qty=10, person_limit=60, earns=False),
        actor=CLERK,
        is_new=True,
    )
    goods.set_offer_price(
        sku_ulid=sku.ulid, zone="wholesale", price_amount=9_000, terms=PriceTerms(tiers=((50, 8_000),)), actor=CLERK
    )
    typed = [preview.Question(price_amount=10_000, zone=zone) for zone in ("self_operated", "wholesale")]
    assert [preview.imagine(one, now=NOW).piece.earns for one in typed] == [True, False]
    key = f"{sku.ulid}@wholesale"
    with pytest.raises(orders.BelowLeast) as refused:
        place(buyer, key, 9)
    assert (refused.value.data["least"], Order.objects.count()) == (10, 0)
    assert orders.quote_checkout(lines=[WantedLine(key, 10)], now=NOW).worth_amount == 90_000
    first = place(buyer, key, 50)
    assert first.goods_amount == 400_000
    with pytest.raises(orders.ZoneLimit) as limited:
        place(buyer, key, 11)
    assert (limited.value.data["bought"], Sku.objects.get(pk=sku.pk).stock) == (50, 150)  # nothing was taken
    pay(first)
    settlement.release_order(order=facts.paid_order(first.ulid), now=NOW)
    assert Award.objects.count() == 0 and not OrderLine.objects.get(order=first).earns
    assert sum(one.coins for one in _coins(buyer)) == 0
    again = place(buyer, sku.ulid, 1)  # the same SKU in the mall's own zone: its price, its awards
    pay(again)
    settlement.release_order(order=facts.paid_order(again.ulid), now=NOW)
    assert again.goods_amount == 10_000 and Award.objects.count() == 1 and _coins(buyer)[0].coins == 1_000
    # a cancelled order gives its pieces back to the limit
    second = place(buyer, key, 10)
    orders.cancel_order(order_ulid=second.ulid, actor="system", reason="x", now=NOW)
    assert place(buyer, key, 10).goods_amount == 90_000


def _coins(member):
    return coin_lots.endings(member.ulid, now=NOW)


def test_a_coin_zone_has_its_own_part_and_a_member_zone_its_people(grocery):
    sales.publish("coins", now=NOW, coins_per_yuan=10, most_ppm=100_000)
    buyer = make_member()
    seed = make.paid(buyer, (shops.goods(None, price=50_000, supply=1), 1), now=NOW)
    settlement.release_order(order=facts.paid_order(seed.ulid), now=NOW)
    sku = shops.goods(None, price=10_000, supply=1_000, title="杯")
    goods.save_zone(key="coins", name="购物币专区", terms=ZoneTerms(vouchers=False), actor=CLERK, is_new=True)
    goods.set_offer_price(sku_ulid=sku.ulid, zone="coins", price_amount=11_000, actor=CLERK)
    modes.publish_settings(
        actor="user:01OWNER", approved_by="user:01SECOND", mode="coins", zone="coins", values={"most_ppm": 400_000},
        reason="x", now=NOW, accept_cautions=True,
    )  # fmt: skip
    both = [WantedLine(sku.ulid, 1), WantedLine(f"{sku.ulid}@coins", 1)]
    quote = orders.quote_checkout(lines=both, now=NOW, coins=5_000)
    assert (quote.coin_limit, [line.coin_count for line in quote.lines]) == (1_000 + 4_400, [926, 4_074])
    assert len(quote.parts[0].lines) == 2  # two lines of one SKU, each with its zone
    closed = goods.save_zone(key="member", name="会员专区", terms=ZoneTerms(members_only=True), actor=CLERK)
    goods.set_offer_price(sku_ulid=sku.ulid, zone=closed.key, price_amount=7_000, actor=CLERK)
    key = f"{sku.ulid}@member"
    with pytest.raises(orders.ZoneForPartners):
        orders.quote_checkout(lines=[WantedLine(key, 1)], now=NOW, buyer=BuyerFacts(member=buyer.ulid))
    partner = BuyerFacts(member=buyer.ulid, level="partner")
    assert orders.quote_checkout(lines=[WantedLine(key, 1)], now=NOW, buyer=partner).goods_amount == 7_000


def test_zones_on_the_screens(grocery):
    sku = shops.goods(None, price=10_000, supply=1_000, title="橙")
    staff = MallClient("grocery.localhost")
    staff.force_login(make_staff())
    form = {
        "step": "new",
        "key": "wholesale",
        "name": "批发专区",
        "least_qty": "10",
        "person_limit": "5",
        "vouchers": "1",
    }
    page = staff.post("/backoffice/zones/", form, follow=True, HTTP_ACCEPT_LANGUAGE="en").text
    assert "not below the least quantity" in page and not Zone.objects.filter(key="wholesale").exists()
    page = staff.post("/backoffice/zones/", form | {"person_limit": "100"}, follow=True, HTTP_ACCEPT_LANGUAGE="en").text
    assert "from 10 pieces" in page and "at most 100 a person" in page and "no awards" in page
    offer = {"step": "set", "sku": sku.ulid, "zone": "wholesale", "price": "90", "tiers": "50 80\n100 x"}
    staff.post(f"/backoffice/goods/{sku.product.ulid}/zone", offer)
    assert not Offer.objects.filter(zone__key="wholesale").exists()
    staff.post(f"/backoffice/goods/{sku.product.ulid}/zone", offer | {"tiers": "50 80.00\n100 75.00"})
    assert Offer.objects.get(zone__key="wholesale").terms == {"levels": {}, "tiers": [[50, 8_000], [100, 7_500]]}
    assert "from 50" in staff.get(f"/backoffice/goods/{sku.product.ulid}", HTTP_ACCEPT_LANGUAGE="en").text
    page = staff.post(
        "/backoffice/zones/", {"step": "remove", "key": "wholesale"}, follow=True, HTTP_ACCEPT_LANGUAGE="en"
    )
    assert "cannot be changed or removed" in page.text
    shop = MallClient("grocery.localhost")
    assert "批发专区" in shop.get("/c/").text
    page = shop.get("/z/wholesale", HTTP_ACCEPT_LANGUAGE="zh-hans").text
    assert "每款 10 件起售。" in page and "本专区价格不产生奖励" in page and "¥90.00" in page
    page = shop.get(f"/p/{sku.product.ulid}?zone=wholesale", HTTP_ACCEPT_LANGUAGE="en").text
    assert 'value="10"' in page and "From 10 pieces of each on." in page and "¥75.00" in page
    staff.post(f"/backoffice/goods/{sku.product.ulid}/zone", offer | {"step": "remove"})
    staff.post("/backoffice/zones/", {"step": "remove", "key": "wholesale"})
    assert "wholesale" not in catalog.zone_names()
