"""Gift packs: a zone with its own price, a limit a person, what they grant at completion and lose with a refund (MODES 6)."""

import datetime as dt

import pytest

from saas.kernel import clock
from saas.kernel.errors import InvalidInput, NotFound
from tenant_apps.catalog import selectors as shop
from tenant_apps.catalog import services as catalog_services
from tenant_apps.catalog.models import Offer
from tenant_apps.members.models import Member, RankGrant
from tenant_apps.modes.gift_pack import selectors as packs
from tenant_apps.modes.gift_pack import services as pack_services
from tenant_apps.modes.gift_pack.models import GiftPack
from tenant_apps.modes.gift_pack.services import Content, PackDraft
from tenant_apps.modes.operators import ApprovalMissing
from tenant_apps.orders import selectors, services
from tenant_apps.orders.models import Order
from tenant_apps.orders.rules import WantedLine
from tests.factories import catalog, people
from tests.factories import orders as make

NOW = clock.now()
CLERK = "user:clerk"
TEA = (Content("明前龙井", 49_950, 2),)


@pytest.fixture
def sku(grocery):
    return catalog.single("春茶礼包", price=109_900, supply=30_000, stock=10)


@pytest.fixture
def pack(sku):
    draft = PackDraft(sku_ulid=sku.ulid, price_amount=99_900, contents=TEA, rank=2)
    return pack_services.save_pack(draft=draft, actor=CLERK, now=NOW - dt.timedelta(days=20))


@pytest.fixture
def buyer(grocery):
    return people.make_member(name="甲")


def key(sku):
    return f"{sku.ulid}@gift_pack"


def place(member, *lines, now=NOW):
    lines = [WantedLine(one, qty) for one, qty in lines]
    return services.place_order(
        member=member,
        lines=lines,
        address=make.HOME,
        expected_total=services.quote_checkout(lines=lines, now=now).total_amount,
        idempotency_key=f"key-{Order.objects.count():08}",
        now=now,
    )


def completed(member, sku):
    then = NOW - dt.timedelta(days=9)
    order = place(member, (key(sku), 1), now=then)
    payment = make.fund(order, now=then)
    services.mark_paid(order_ulid=order.ulid, payment=payment, amount=order.total_amount, now=then)
    services.ship_order(order_ulid=order.ulid, carrier="顺丰", number="SF12345678", actor=CLERK, now=then)
    services.receive_order(order_ulid=order.ulid, actor=CLERK, now=then)
    return services.complete_order(order_ulid=order.ulid, actor="system", now=NOW)


def rank(member):
    return Member.objects.get(pk=member.pk).rank


def test_a_zone_has_its_own_price_and_the_cart_remembers_it(buyer, sku, pack):
    services.add_to_cart(member=buyer, sku_ulid=sku.ulid, qty=1, now=NOW)
    services.add_to_cart(member=buyer, sku_ulid=key(sku), qty=1, now=NOW)
    rows = selectors.cart(buyer)
    assert sorted((row.offer.zone, row.offer.price_amount) for row in rows) == [
        ("gift_pack", 99_900),
        ("self_operated", 109_900),
    ]
    order = place(buyer, *selectors.cart_lines(buyer))
    assert sorted((line.zone, line.unit_amount) for line in order.lines.all()) == [
        ("gift_pack", 99_900),
        ("self_operated", 109_900),
    ]
    assert selectors.cart(buyer) == []
    sku.refresh_from_db()
    assert sku.stock == 8


def test_the_zone_lists_its_products_at_its_prices(sku, pack):
    catalog.single("别的")
    cards = shop.list_cards(zone="gift_pack").cards
    assert [(card.title, card.price_amount, card.address) for card in cards] == [
        ("春茶礼包", 99_900, f"/p/{sku.product.ulid}?zone=gift_pack")
    ]
    assert [one.key for one in shop.zones()] == ["member", "gift_pack"]


def test_one_person_gets_no_more_than_the_limit(buyer, sku, pack):
    first = place(buyer, (key(sku), 1))
    with pytest.raises(services.PackLimit):
        place(buyer, (key(sku), 1))
    assert Order.objects.count() == 1
    sku.refresh_from_db()
    assert sku.stock == 9
    services.cancel_order(order_ulid=first.ulid, actor="system", reason="x", now=NOW)
    place(buyer, (key(sku), 1))
    with pytest.raises(services.PackLimit):
        place(people.make_member(), (key(sku), 2))
    place(buyer, (sku.ulid, 5))  # in the mall's own zone it is goods like any other


def test_what_is_no_pack_any_more_is_not_sold(buyer, sku, pack):
    pack_services.retire_pack(sku_ulid=sku.ulid, actor=CLERK, now=NOW)
    with pytest.raises(services.SkuNotSellable):
        services.quote_checkout(lines=[WantedLine(key(sku), 1)], now=NOW)
    catalog_services.set_offer_price(sku_ulid=sku.ulid, price_amount=1_000, zone="gift_pack", actor=CLERK)
    with pytest.raises(services.SkuNotSellable):
        place(buyer, (key(sku), 1))
    assert not Order.objects.exists()


def test_the_rank_comes_at_completion_and_goes_with_the_refund(buyer, sku, pack, drain):
    order = completed(buyer, sku)
    assert rank(buyer) == 0
    drain()
    grant = RankGrant.objects.get(member=buyer)
    assert (rank(buyer), grant.ground) == (2, f"gift_pack:{order.ulid}")
    case = services.request_refund(order_ulid=order.ulid, reason="退", actor=CLERK, now=NOW)
    services.approve_refund(refund_ulid=case.ulid, actor=CLERK, now=NOW)
    services.mark_refunded(refund_ulid=case.ulid, now=NOW)
    drain()
    assert rank(buyer) == 0


def test_a_refund_leaves_a_rank_that_has_another_ground(buyer, sku, pack, drain):
    from tenant_apps.members import services as members

    members.grant_rank(member_ulid=buyer.ulid, rank=1, ground="staff", actor=CLERK, reason="老客户", now=NOW)
    order = completed(buyer, sku)
    drain()
    assert rank(buyer) == 2
    case = services.request_refund(order_ulid=order.ulid, reason="退", actor=CLERK, now=NOW)
    services.approve_refund(refund_ulid=case.ulid, actor=CLERK, now=NOW)
    services.mark_refunded(refund_ulid=case.ulid, now=NOW)
    drain()
    assert rank(buyer) == 1


def test_an_order_keeps_the_pack_it_was_sold_under(buyer, sku, pack, drain):
    order = completed(buyer, sku)
    draft = PackDraft(sku_ulid=sku.ulid, price_amount=99_900, contents=TEA, rank=3)
    pack_services.save_pack(draft=draft, actor=CLERK, now=NOW - dt.timedelta(days=1))
    drain()
    assert RankGrant.objects.get(ground=f"gift_pack:{order.ulid}").rank == 2
    assert [one.rank for one in packs.earlier(sku.ulid)] == [2]


@pytest.mark.parametrize(("code", "grade"), [("110105", "district"), ("440106", "city")])
def test_a_municipality_has_no_city(code, grade):
    assert pack_services.area_grade(pack_services.Grade.CITY, code) == grade


def test_a_pack_is_goods_not_a_fee(sku):
    draft = {"sku_ulid": sku.ulid, "price_amount": 99_900, "contents": TEA, "rank": 1}
    with pytest.raises(pack_services.GoodsValueTooLow):
        pack_services.save_pack(draft=PackDraft(**{**draft, "price_amount": 99_901}), actor=CLERK, now=NOW)
    for change in ({"contents": ()}, {"person_limit": 0}, {"rank": 0}, {"rank": 4}, {"agency_grade": "city"}):
        with pytest.raises(InvalidInput):
            pack_services.save_pack(draft=PackDraft(**{**draft, **change}), actor=CLERK, now=NOW)
    with pytest.raises(ApprovalMissing):
        agency = {"rank": 0, "agency_grade": "district", "agency_months": 12}
        pack_services.save_pack(draft=PackDraft(**{**draft, **agency}), actor=CLERK, now=NOW)
    with pytest.raises(NotFound):
        pack_services.save_pack(draft=PackDraft(**{**draft, "sku_ulid": "01NONE"}), actor=CLERK, now=NOW)
    assert not GiftPack.objects.exists()
    assert not Offer.objects.filter(zone__key="gift_pack").exists()
