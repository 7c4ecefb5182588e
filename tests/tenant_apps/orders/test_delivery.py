"""Each part its own way: a carrier, a store that brings it, or pickup with a code that is good once."""

import datetime as dt

import pytest
from django.utils import translation

from saas.kernel import clock
from saas.kernel.ids import new_ulid
from saas.ledger import selectors as book
from tenant_apps.orders import selectors, services
from tenant_apps.orders.delivery import DeliveryWish, distance_meters
from tenant_apps.orders.models import FreightTemplate, Order
from tenant_apps.orders.rules import DeliveryKind, WantedLine
from tenant_apps.orders.services.pickup import code_in
from tenant_apps.sellers import services as sellers
from tenant_apps.sellers.services import Handover
from tests.factories import orders as make
from tests.factories import sales
from tests.factories import sellers as shops
from tests.factories.people import make_member

NOW = clock.now()
EARLIER = NOW - dt.timedelta(days=30)
PLACE = Handover(
    place_text="体育东路 8 号",
    place_phone="02088888888",
    latitude_e6=23_129_000,
    longitude_e6=113_264_000,
    offers_pickup=True,
    offers_delivery=True,
    delivery_radius_meters=2_000,
    delivery_minimum_amount=3_000,
    delivery_fee_amount=450,
)


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


@pytest.fixture
def store(grocery):
    sales.publish("orders", now=EARLIER, store_handover=True, freight_by_template=True)
    row = shops.store(now=EARLIER)
    return sellers.set_handover(ulid=row.ulid, terms=PLACE, actor=make.CLERK, now=EARLIER)


def buy(member, *skus, total, deliveries=(), address=make.HOME, qty=1):
    return services.place_purchase(
        member=member,
        lines=[WantedLine(sku.ulid, qty) for sku in skus],
        address=address,
        expected_total=total,
        idempotency_key=new_ulid(),
        now=NOW,
        deliveries=deliveries,
    )


def pay(purchase):
    first = purchase.first
    payment = make.fund(first, now=NOW)
    if first.purchase:
        return services.mark_purchase_paid(
            purchase=first.purchase, payment=payment, amount=purchase.total_amount, now=NOW
        )
    return services.mark_paid(order_ulid=first.ulid, payment=payment, amount=purchase.total_amount, now=NOW)


def pickup(store, owner=""):
    return DeliveryWish(owner, DeliveryKind.PICKUP, store.ulid)


def brought(store, owner="", **where):
    return DeliveryWish(owner, DeliveryKind.STORE_DELIVERY, store.ulid, **where)


def test_every_part_comes_its_own_way(store, drain):
    merchant = shops.opened(name="甲", now=EARLIER)
    own, theirs, at_home = (
        shops.goods(None, price=2_000, supply=500, now=EARLIER),
        shops.goods(merchant, price=3_000, now=EARLIER),
        shops.goods(store, price=4_000, now=EARLIER),
    )
    wishes = [pickup(store), brought(store, store.ulid)]
    purchase = buy(make_member(), own, theirs, at_home, total=2_000 + 3_800 + 4_450, deliveries=wishes)
    rows = [(one.delivery_kind, one.freight_amount, one.pickup_store, one.delivery_store) for one in purchase.orders]
    assert rows == [
        ("pickup", 0, store.ulid, ""),
        ("express", 800, "", ""),
        ("store_delivery", 450, "", store.ulid),
    ]
    fetched = purchase.first
    assert fetched.one_line_address == "广东省广州市天河区体育东路 8 号 天河服务点"
    assert (fetched.recipient_name, fetched.pickup_code) == ("李明", "")
    pay(purchase)
    fetched.refresh_from_db()
    assert len(fetched.pickup_code) == 10 and fetched.sale_facts["pickup_store"] == store.ulid
    assert set(Order.objects.exclude(pk=fetched.pk).values_list("pickup_code", flat=True)) == {""}
    with pytest.raises(services.AddressFixed):
        services.change_order_address(order_ulid=fetched.ulid, address=make.HOME, actor=make.CLERK, now=NOW, reason="x")


def test_a_code_is_redeemed_once_at_its_own_store(store, drain):
    sales.publish("store_income", now=EARLIER, enabled=True)
    other = shops.store(name="番禺服务点", area_code="440113", now=EARLIER)
    member = make_member()
    purchase = buy(
        member, shops.goods(None, price=5_000, supply=1_000, now=EARLIER), total=5_000, deliveries=[pickup(store)]
    )
    pay(purchase)
    drain()
    order = Order.objects.get()
    assert [one.ulid for one in selectors.waiting_at([store.ulid])] == [order.ulid]

    def redeem(code=order.pickup_code, at=store):
        return services.redeem_pickup(store_ulid=at.ulid, code=code, actor=make.CLERK, now=NOW)

    for refused in (lambda: redeem(at=other), lambda: redeem("0000000000"), lambda: redeem("abc")):
        with pytest.raises(services.PickupCodeUnknown):
            refused()
    with pytest.raises(services.ReceivedByCode):
        services.ship_order(order_ulid=order.ulid, carrier="顺丰", number="SF1234567890", actor=make.CLERK, now=NOW)
        services.receive_order(order_ulid=order.ulid, actor="member:x", member=member, now=NOW)
    assert not services.receive_if_due(order_ulid=order.ulid, now=NOW + dt.timedelta(days=30))
    redeem(f"https://shop.test/seller/pickup?code={order.pickup_code}")
    order.refresh_from_db()
    assert (order.state, order.received_at, selectors.waiting_at([store.ulid])) == ("received", NOW, [])
    with pytest.raises(services.AlreadyHandedOver):
        redeem()
    services.complete_order(order_ulid=order.ulid, actor="system", now=NOW + dt.timedelta(days=8))
    drain()
    assert book.balance(f"store.wallet.{store.ulid}") == 200  # the pickup award of MODES 9b


@pytest.mark.parametrize(
    ("where", "why"),
    [
        ({"latitude_e6": 23_129_000, "longitude_e6": 113_264_000}, ""),
        ({"latitude_e6": 23_146_000, "longitude_e6": 113_264_000}, ""),  # 1 890 m
        ({"latitude_e6": 23_148_000, "longitude_e6": 113_264_000}, "up to 2000 m; you are 2112 m away"),
        ({}, ""),  # its own district
    ],
)
def test_a_store_brings_as_far_as_its_radius(store, where, why):
    sku = shops.goods(None, price=3_000, supply=500, now=EARLIER)
    if why:
        with pytest.raises(services.NotDelivered, match=why):
            buy(make_member(), sku, total=3_450, deliveries=[brought(store, **where)])
        assert Order.objects.count() == 0
    else:
        assert buy(make_member(), sku, total=3_450, deliveries=[brought(store, **where)]).first.freight_amount == 450


def test_what_a_store_does_not_do_is_refused(store):
    merchant = shops.opened(name="甲", now=EARLIER)
    cheap, theirs = (
        shops.goods(None, price=2_999, supply=500, now=EARLIER),
        shops.goods(merchant, price=5_000, now=EARLIER),
    )
    member, elsewhere = (
        make_member(),
        make.Recipient(**{**vars(make.HOME), "district_code": "440113", "district": "番禺区"}),
    )

    def refused(*skus, why="", **how):
        with pytest.raises(services.NotDelivered, match=why):
            buy(member, *skus, total=1, **how)
        assert Order.objects.count() == 0

    refused(cheap, why="from ¥30.00 on", deliveries=[brought(store)])
    refused(theirs, deliveries=[brought(store, merchant.ulid)])  # a merchant's goods are not in its shop
    dear = shops.goods(None, price=9_000, supply=500, now=EARLIER)
    refused(dear, why="its own district", deliveries=[brought(store)], address=elsewhere)
    refused(dear, deliveries=[DeliveryWish("", DeliveryKind.PICKUP, new_ulid())])
    assert buy(member, theirs, total=5_000, deliveries=[pickup(store, merchant.ulid)]).first.pickup_store == store.ulid
    sellers.pause_seller(ulid=store.ulid, actor=make.CLERK, reason="x", now=NOW)
    with pytest.raises(services.NotDelivered):
        buy(member, dear, total=9_000, deliveries=[pickup(store)])
    sales.publish("orders", now=NOW, store_handover=False)
    with pytest.raises(services.NotDelivered):
        buy(member, dear, total=9_000, deliveries=[pickup(store)])


def test_templates_price_each_sellers_part_and_name_what_is_unreachable(store):
    merchant = shops.opened(name="甲", now=EARLIER)
    for owner, first in (("", 1_200), (merchant.ulid, 700)):
        FreightTemplate.objects.create(
            ulid=new_ulid(),
            seller_ulid=owner,
            name="默认",
            basis="piece",
            is_default=True,
            updated_at=NOW,
            unreachable=["540000"],
            rates=[
                {"first": 1, "first_amount": first, "next": 1, "next_amount": 100, "regions": ["440000"]}
                | {"free_from_amount": None, "free_from_count": None},
            ],
        )
    own, theirs = (
        shops.goods(None, price=2_000, supply=500, now=EARLIER),
        shops.goods(merchant, price=3_000, now=EARLIER),
    )
    purchase = buy(make_member(), own, theirs, qty=3, total=6_000 + 1_400 + 9_000 + 900)
    assert [one.freight_amount for one in purchase.orders] == [1_400, 900]
    lhasa = make.Recipient(
        **{**vars(make.HOME), "province_code": "540000", "city_code": "540100", "district_code": "540102"}
        | {"province": "西藏自治区", "city": "拉萨市", "district": "城关区"}
    )
    with pytest.raises(services.Unreachable) as refused:
        buy(make_member(), own, total=3_200, address=lhasa)
    assert (refused.value.data["title"], refused.value.data["region"]) == ("龙井", "西藏自治区拉萨市")
    assert Order.objects.count() == 2


def test_a_store_says_where_it_is_before_it_hands_anything_over(grocery):
    row = shops.store(now=EARLIER)
    merchant = shops.opened(name="甲", now=EARLIER)
    for ulid, change, field in (
        (row.ulid, {"place_text": " "}, "place_text"),
        (row.ulid, {"longitude_e6": None}, "latitude_e6"),
        (row.ulid, {"delivery_radius_meters": 0}, "delivery_radius_meters"),
        (row.ulid, {"delivery_fee_amount": -1}, "delivery_fee_amount"),
        (merchant.ulid, {}, "kind"),
    ):
        with pytest.raises(sellers.SellerInvalid) as refused:
            sellers.set_handover(ulid=ulid, terms=Handover(**{**vars(PLACE), **change}), actor=make.CLERK, now=NOW)
        assert refused.value.field == field
    row.refresh_from_db()
    assert not row.offers_pickup


def test_ways_to_write_a_code():
    assert code_in(" 1234 567-890 ") == code_in("https://a.test/seller/pickup?code=1234567890") == "1234567890"
    assert code_in("123456789") == code_in("12345678901") == code_in("?code=1&x=1234567890x") == ""
    assert distance_meters(23_129_000, 113_264_000, 23_129_000, 113_264_000) == 0
