"""Flash sales: own pieces, a limit a person, who bears the difference; placed, given up, refunded; made and shown on screens."""

import datetime as dt
import threading

import pytest
from django.core.cache import cache
from django.db import connection, transaction
from django_tenants.utils import schema_context

from saas.identity.models import AuditRecord
from saas.identity.roles import Role
from saas.kernel import clock
from saas.kernel.ids import new_ulid
from saas.ledger import selectors as book
from saas.tenants.malls.activation import in_mall
from saas.tenants.malls.models import Mall
from tenant_apps.catalog.models import Sku
from tenant_apps.modes import quoting
from tenant_apps.orders import selectors as order_reads
from tenant_apps.orders import services as orders
from tenant_apps.orders.models import Order, OrderLine
from tenant_apps.orders.rules import WantedLine
from tenant_apps.orders.services import flash_payment
from tenant_apps.promotions import flash, selectors, services
from tenant_apps.promotions.flash import FlashDraft, FlashSale
from tenant_apps.promotions.models import Coupon
from tenant_apps.promotions.rules import CouponKind, Funder
from tenant_apps.settlement import facts
from tenant_apps.settlement import services as settlement
from tests.factories import orders as make
from tests.factories import promotions as coupons
from tests.factories import sellers as shops
from tests.factories.browser import MallClient
from tests.factories.people import make_member, make_staff
from tests.tenant_apps.backoffice.conftest import signed_in

NOW = clock.now()
EARLIER = NOW - dt.timedelta(days=30)


def draft(key, **changes):
    values = {"title": "限时抢购", "key": key, "price_amount": 1_000, "starts_at": NOW - dt.timedelta(minutes=1),
              "ends_at": NOW + dt.timedelta(hours=2), "total_qty": 5, "person_limit": 2}  # fmt: skip
    return FlashDraft(**values | changes)


def buy(member, sku, qty=1, *, now=NOW, total=None, used=()):
    wanted = [WantedLine(sku.ulid, qty)]
    if total is None:
        buyer = quoting.buyer_of(member, now)
        total = orders.quote_checkout(lines=wanted, now=now, buyer=buyer, coupons=used).total_amount
    return orders.place_purchase(
        member=member, lines=wanted, address=make.HOME, expected_total=total, idempotency_key=new_ulid(),
        coupons=used, now=now,
    )  # fmt: skip


def test_pieces_prices_and_impossible_terms():
    one = FlashSale(ulid="1", title="x", key="k", product_ulid="p", price_amount=1_000, left=3, total_qty=5,
                    person_limit=2, ends_at=NOW)  # fmt: skip
    assert [one.pieces(qty, unit_amount=2_000, bought=had) for qty, had in ((1, 0), (3, 0), (3, 1), (1, 2), (1, 5))] == [
        1, 2, 1, 0, 0,
    ]  # fmt: skip
    assert one.pieces(1, unit_amount=1_000) == 0 and one.sold_percent == 40 and one.funder is Funder.MALL
    faults = [
        ({}, ""),
        ({"title": " "}, "title"),
        ({"price_amount": 2_000}, "price"),
        ({"price_amount": 0}, "price"),
        ({"price_amount": 99, "by_seller": True}, "price"),
        ({"price_amount": 100, "by_seller": True}, ""),
        ({"ends_at": NOW - dt.timedelta(seconds=1)}, "ends_at"),
        ({"ends_at": NOW + dt.timedelta(days=32)}, "ends_at"),
        ({"total_qty": 0}, "total_qty"),
        ({"person_limit": 6}, "person_limit"),
    ]
    for changes, field in faults:
        assert flash.draft_fault(draft("k", **changes), usual_amount=2_000, now=NOW) == field, changes


def test_a_purchase_at_the_price_and_who_bears_what(grocery):
    cache.clear()
    buyer, other = make_member(), make_member()
    merchant = shops.opened(name="甲", rate_ppm=100_000, now=EARLIER)
    orange = shops.goods(None, price=2_000, supply=500, title="橙", now=EARLIER)
    tea = shops.goods(merchant, price=6_000, title="茶", now=EARLIER)
    before = Sku.objects.get(pk=orange.pk).stock
    for changes, field in (
        ({"price_amount": 2_000}, "price"), ({"total_qty": before + 1}, "total_qty"), ({"by_seller": True}, "bearer"),
        ({"key": new_ulid()}, "sku"),
    ):  # fmt: skip
        with pytest.raises(services.FlashInvalid) as refused:
            services.make_flash_sale(draft=draft(orange.ulid) if not changes else draft(**{"key": orange.ulid, **changes}), actor=make.CLERK, now=NOW)  # fmt: skip
        assert refused.value.field == field
    assert not Coupon.objects.exists() and not AuditRecord.objects.filter(action="flash_sale.created").exists()
    row = services.make_flash_sale(draft=draft(orange.ulid), actor=make.CLERK, now=NOW)
    shop = services.make_flash_sale(
        draft=draft(tea.ulid, price_amount=3_600, by_seller=True), actor=make.CLERK, now=NOW
    )
    with pytest.raises(services.FlashInvalid) as refused:
        services.make_flash_sale(draft=draft(orange.ulid, price_amount=900), actor=make.CLERK, now=NOW)
    assert refused.value.field == "starts_at"
    assert (row.seller_ulid, shop.seller_ulid) == ("", merchant.ulid)
    # three wanted, two a person: 2 × 10.00 + 20.00; the coupon (from 50.00) covers neither line, only the usual goods
    held = coupons.taken(buyer, now=NOW, threshold_amount=0)
    with pytest.raises(orders.CouponNotUsable):
        orders.quote_checkout(
            lines=[WantedLine(orange.ulid, 1)], now=NOW, buyer=quoting.buyer_of(buyer, NOW), coupons=[held]
        )
    wanted = [WantedLine(orange.ulid, 3), WantedLine(tea.ulid, 1)]
    quote = orders.quote_checkout(lines=wanted, now=NOW, buyer=quoting.buyer_of(buyer, NOW))
    assert quote.discount_rows == [("限时抢购", 2_400), ("限时抢购", 2_000)]
    assert quote.goods_amount == 4_000 + 3_600
    cart = order_reads.priced(order_reads.cart_rows([(orange.ulid, 3)]), buyer=quoting.buyer_of(buyer, NOW), now=NOW)
    assert (cart[0].amount, cart[0].flash_pieces) == (4_000, 2)
    bought = orders.place_purchase(
        member=buyer, lines=wanted, address=make.HOME, expected_total=quote.total_amount, idempotency_key=new_ulid(), now=NOW
    )  # fmt: skip
    lines = {line.title: line for line in OrderLine.objects.filter(order__in=bought.orders)}
    of_orange, of_tea = lines["橙"], lines["茶"]
    assert (of_orange.platform_discount_amount, of_orange.cash_amount) == (2_000, 4_000)
    assert (of_tea.merchant_discount_amount, of_tea.cash_amount) == (2_400, 3_600)
    assert of_orange.discounts == [
        {"source": f"flash:{row.ulid}", "title": "限时抢购", "funder": "mall", "amount": 2_000, "pieces": 2}
    ]
    taken = dict(Coupon.objects.filter(kind=CouponKind.FLASH).values_list("ulid", "taken_qty"))
    assert taken == {row.ulid: 2, shop.ulid: 1}
    # he has had his share: the usual price from now on, and a page that promised the other is told why
    assert (
        orders.quote_checkout(
            lines=[WantedLine(orange.ulid, 1)], now=NOW, buyer=quoting.buyer_of(buyer, NOW)
        ).goods_amount
        == 2_000
    )
    freight = quote.freight_amount // 2
    with pytest.raises(orders.FlashOver) as over:
        buy(buyer, orange, total=1_000 + freight)
    assert "限时抢购" in over.value.text
    # three are left: who wants four pays the fourth in full, if two of them were allowed
    assert (
        orders.quote_checkout(
            lines=[WantedLine(orange.ulid, 4)], now=NOW, buyer=quoting.buyer_of(other, NOW)
        ).goods_amount
        == 2 * 1_000 + 2 * 2_000
    )
    payment = make.fund(bought.first, now=NOW)
    assert orders.mark_purchase_paid(
        purchase=bought.first.purchase, payment=payment, amount=bought.first.payable_amount, now=NOW
    )
    tea_order = next(one for one in bought.orders if one.seller_ulid == merchant.ulid)
    settlement.release_order(order=facts.paid_order(tea_order.ulid), now=NOW)
    assert book.balance(f"seller.payable.{merchant.ulid}") == 3_600 - 360 + tea_order.freight_amount
    # refunded whole: all that was paid goes back, the pieces were sold
    orange_order = next(one for one in bought.orders if one is not tea_order)
    case = orders.request_refund(order_ulid=orange_order.ulid, reason="x", actor=make.CLERK, now=NOW)
    orders.approve_refund(refund_ulid=case.ulid, actor=make.CLERK, now=NOW)
    orders.mark_refunded(refund_ulid=case.ulid, now=NOW)
    of_orange.refresh_from_db()
    assert (of_orange.refunded_cash_amount, Sku.objects.get(pk=orange.pk).stock) == (4_000, before)
    assert Coupon.objects.get(pk=row.pk).taken_qty == 2
    assert order_reads.flash_pieces_bought(buyer.ulid, [selectors.as_flash(row)]) == {}


def test_given_up_and_out_of_time_return_the_pieces_and_an_ended_sale_is_over(grocery):
    cache.clear()
    buyer, other = make_member(), make_member()
    orange = shops.goods(None, price=2_000, supply=500, title="橙", stock=50, now=EARLIER)
    row = services.make_flash_sale(draft=draft(orange.ulid, total_qty=2), actor=make.CLERK, now=NOW)
    first, second = buy(buyer, orange).first, buy(other, orange).first
    total = first.total_amount
    assert Coupon.objects.get(pk=row.pk).taken_qty == 2
    with pytest.raises(orders.FlashOver):
        buy(make_member(), orange, total=total)  # sold out meanwhile
    with pytest.raises(services.FlashSoldOut):
        services.take_pieces({row.ulid: 1}, now=NOW)
    orders.cancel_order(order_ulid=first.ulid, actor=make.CLERK, reason="x", now=NOW)
    assert orders.cancel_if_unpaid(order_ulid=second.ulid, now=NOW + dt.timedelta(days=1))
    assert Coupon.objects.get(pk=row.pk).taken_qty == 0
    with pytest.raises(services.FlashSoldOut):
        services.take_pieces({row.ulid: 1}, now=row.ends_at)  # its time is over
    # two windows of one person: the limit is looked at again under his lock
    lines = orders.quote_checkout(lines=[WantedLine(orange.ulid, 2)], now=NOW, buyer=quoting.buyer_of(buyer, NOW)).lines
    buy(buyer, orange)
    with pytest.raises(orders.FlashLimit) as refused:
        flash_payment.check(lines, buyer)
    assert (refused.value.data["limit"], refused.value.data["bought"]) == (2, 1)
    services.end_coupon(ulid=row.ulid, actor=make.CLERK, now=NOW)
    assert AuditRecord.objects.get(action="flash_sale.ended").target == f"coupon:{row.ulid}"
    with pytest.raises(orders.FlashOver):
        buy(make_member(), orange, total=total)
    assert Coupon.objects.get(pk=row.pk).taken_qty == 1


def test_fifty_parallel_buyers_for_five_pieces_get_exactly_five(committed):
    with schema_context("public"):
        found = Mall.objects.get(schema_name="t_test_grocery")
    with in_mall(found):
        now = clock.now()
        with transaction.atomic():
            sku = shops.goods(None, price=6_000, supply=2_000, title="桔", stock=100, now=EARLIER)
            people = [make_member() for _ in range(50)]
            row = services.make_flash_sale(
                draft=draft(sku.ulid, starts_at=now, ends_at=now + dt.timedelta(hours=1), person_limit=1),
                actor=make.CLERK,
                now=now,
            )
        start, gate, answers = threading.Barrier(10), threading.Lock(), []

        def run(mine):
            try:
                with in_mall(found):
                    start.wait()
                    for one in mine:
                        try:
                            buy(one, sku, now=now, total=1_000 + 800)
                            answer = "placed"
                        except (services.FlashSoldOut, orders.FlashOver):
                            answer = "refused"
                        with gate:
                            answers.append(answer)
            finally:
                connection.close()

        threads = [threading.Thread(target=run, args=(people[place::10],)) for place in range(10)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert (len(answers), answers.count("placed")) == (50, 5)
        assert Order.objects.count() == 5 and Coupon.objects.get(pk=row.pk).taken_qty == 5
        assert Sku.objects.get(pk=sku.pk).stock == 95  # the refused ones have taken nothing
    connection.set_schema_to_public()


def test_staff_make_one_and_shoppers_see_it(grocery):
    cache.clear()
    merchant = shops.opened(name="乙店", settlement="supplier", now=EARLIER)
    goods = shops.goods(merchant, price=6_000, supply=1_000, title="蜜橘", now=EARLIER)
    staff, english = signed_in(make_staff(Role.FINANCE)), {"HTTP_ACCEPT_LANGUAGE": "en"}
    assert "No flash sale yet." in staff.get("/backoffice/coupons/flash", **english).text
    assert goods.product.ulid in staff.get("/backoffice/coupons/flash/new?q=蜜橘", **english).text
    assert "Nothing on sale has these words." in staff.get("/backoffice/coupons/flash/new?q=无", **english).text
    page = staff.get(f"/backoffice/coupons/flash/new?product={goods.product.ulid}", **english).text
    assert "¥60.00" in page and "The seller, 乙店" in page
    local = NOW.astimezone(clock.CHINA)
    form = {
        "product": goods.product.ulid, "sku": goods.ulid, "title": "整点抢", "price": "19.9", "bearer": "mall",
        "starts_at": f"{local - dt.timedelta(hours=1):%Y-%m-%dT%H:%M}", "ends_at": f"{local + dt.timedelta(hours=3):%Y-%m-%dT%H:%M}",
        "total_qty": "5", "person_limit": "2",
    }  # fmt: skip
    for change, field in (({"price": "60"}, "price"), ({"price": "x"}, "price"), ({"ends_at": "soon"}, "ends_at"),
                          ({"bearer": "seller"}, "bearer"), ({"total_qty": "9999999"}, "total_qty")):  # fmt: skip
        refused = staff.post("/backoffice/coupons/flash/new", form | change, **english)
        assert refused.status_code == 422, change
        assert f'name="{field}"' in refused.text.partition('aria-invalid="true"')[0][-400:], field
    assert not Coupon.objects.exists()
    assert staff.post("/backoffice/coupons/flash/new", form).status_code == 302
    row = Coupon.objects.get()
    assert (row.amount, row.total_qty, row.scope_values) == (1_990, 5, [goods.ulid, goods.product.ulid])
    assert "0 / 5" in staff.get("/backoffice/coupons/flash", **english).text
    assert "整点抢" not in staff.get("/backoffice/coupons/", **english).text
    shop = MallClient("grocery.localhost")
    for address in ("/", "/c/", "/search?q=蜜橘", f"/p/{goods.product.ulid}"):
        page = shop.get(address, HTTP_ACCEPT_LANGUAGE="zh-hans").text
        assert "¥19.90" in page and "data-countdown=" in page, address
    page = shop.get(f"/p/{goods.product.ulid}", **english).text
    assert "5 left, at most 2 a person" in page and "整点抢" in page
    buyer = make_member()
    shop.force_login(buyer.user)
    shop.post("/cart/add", {"sku": goods.ulid, "quantity": "3"})
    page = shop.get("/cart", **english).text
    assert "2 at ¥19.90" in page and "¥99.80" in page
    page = shop.get(f"/checkout?sku={goods.ulid}&qty=3", **english).text
    assert "整点抢" in page and "−¥80.20" in page
    assert "整点抢" not in shop.get("/coupons", **english).text
    assert staff.post(f"/backoffice/coupons/flash/{row.ulid}/end").status_code == 302
    assert "data-countdown=" not in shop.get("/").text
