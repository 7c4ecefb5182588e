"""Flash sales that a shop makes of its own goods: the mall's bounds, the shop's cost to the fen, who may, once."""

import datetime as dt
import threading

import pytest
from django.conf import settings
from django.db import connection, transaction
from django_tenants.utils import schema_context

from saas.identity.models import AuditRecord
from saas.kernel import clock
from saas.ledger import selectors as book
from saas.messaging.notices.models import Notice
from saas.tenants.malls.activation import in_mall
from saas.tenants.malls.models import Mall
from tenant_apps.catalog.models import Offer
from tenant_apps.orders import services as orders
from tenant_apps.orders.models import OrderLine
from tenant_apps.orders.rules import RefundWish, WantedLine
from tenant_apps.promotions import services
from tenant_apps.promotions.flash import FlashBounds, FlashDraft
from tenant_apps.promotions.models import Coupon
from tenant_apps.promotions.services import FlashInvalid, FlashNotAllowed, TooManyFlashSales
from tenant_apps.settlement import facts
from tenant_apps.settlement import services as settlement
from tests.factories import orders as make
from tests.factories import promotions, sales
from tests.factories import sellers as sold
from tests.factories.browser import MallClient
from tests.factories.people import make_member

HALF = FlashBounds(most_ppm=500_000, at_once=2)


@pytest.fixture
def now():
    return clock.now()


def draft(sku, now, **changes):
    values = {"title": "限时抢购", "key": sku.ulid, "price_amount": 3_600, "starts_at": now - dt.timedelta(minutes=1),
              "ends_at": now + dt.timedelta(hours=2), "total_qty": 5, "person_limit": 2}  # fmt: skip
    return FlashDraft(**values | changes)


def browse(member):
    client = MallClient(HTTP_ACCEPT_LANGUAGE="en")
    client.force_login(member.user, backend=settings.AUTHENTICATION_BACKENDS[0])
    return client


def test_bounds_of_the_mall_hold(grocery, now):
    shop = sold.opened(owner=make_member(name="店主").ulid, now=now)
    tea, own = sold.goods(shop, price=6_000, now=now), sold.goods(None, price=6_000, supply=100, now=now)
    other = sold.goods(sold.opened(name="别家", now=now), price=6_000, now=now)
    supplied = sold.opened(name="供货商", settlement="supplier", now=now)
    make_one = {"seller_ulid": shop.ulid, "actor": "member:x", "now": now}
    with pytest.raises(FlashNotAllowed):
        services.make_own_flash_sale(draft=draft(tea, now), bounds=FlashBounds(), **make_one)
    for sku, change, field in (
        (own, {}, "sku"), (other, {}, "sku"), (tea, {"price_amount": 2_999}, "price"), (tea, {"price_amount": 6_000}, "price"),
        (tea, {"total_qty": 101}, "total_qty"), (tea, {"title": " "}, "title"), (tea, {"person_limit": 6}, "person_limit"),
        (tea, {"ends_at": now + dt.timedelta(days=32)}, "ends_at"),
    ):  # fmt: skip
        with pytest.raises(FlashInvalid) as refused:
            services.make_own_flash_sale(draft=draft(sku, now, **change), bounds=HALF, **make_one)
        assert refused.value.field == field, change
    with pytest.raises(FlashInvalid) as refused:
        goods = sold.goods(supplied, price=6_000, supply=4_000, now=now)
        services.make_own_flash_sale(draft=draft(goods, now), bounds=HALF, **make_one | {"seller_ulid": supplied.ulid})
    assert (refused.value.field, Coupon.objects.count()) == ("bearer", 0)

    first = services.make_own_flash_sale(draft=draft(tea, now, price_amount=3_000), bounds=HALF, **make_one)
    with pytest.raises(FlashInvalid) as refused:
        services.make_own_flash_sale(draft=draft(tea, now), bounds=HALF, **make_one)
    assert refused.value.field == "starts_at"  # the same goods at the same time
    second = sold.goods(shop, price=6_000, title="茉莉", now=now)
    services.make_own_flash_sale(draft=draft(second, now), bounds=HALF, **make_one)
    third = sold.goods(shop, price=6_000, title="白茶", now=now)
    with pytest.raises(TooManyFlashSales):
        services.make_own_flash_sale(draft=draft(third, now), bounds=HALF, **make_one)
    services.end_own_flash_sale(seller_ulid=shop.ulid, ulid=first.ulid, actor="member:x", now=now)
    services.make_own_flash_sale(draft=draft(third, now), bounds=HALF, **make_one)
    assert set(Coupon.objects.values_list("seller_ulid", "kind")) == {(shop.ulid, "flash")}
    assert Notice.objects.filter(kind="flash_sale_made").count() == 0  # nobody is told what he did himself


def test_the_shop_pays_the_difference_and_a_part_goes_back(grocery, now):
    sales.publish("orders", now=now, freight_free=False, freight_fen=0)
    shop, buyer = sold.opened(rate_ppm=100_000, now=now), make_member(name="买家")
    tea = sold.goods(shop, price=6_000, now=now)
    services.make_own_flash_sale(draft=draft(tea, now), bounds=HALF, seller_ulid=shop.ulid, actor="member:x", now=now)
    total = orders.quote_checkout(lines=[WantedLine(tea.ulid, 1)], now=now).total_amount
    order = make.paid(buyer, (tea, 1), now=now)
    settlement.release_order(order=facts.paid_order(order.ulid), now=now)
    line = OrderLine.objects.get(order=order)
    assert (total, line.cash_amount, line.merchant_discount_amount, line.platform_discount_amount) == (
        3_600,
        3_600,
        2_400,
        0,
    )
    assert (book.balance(f"seller.payable.{shop.ulid}"), book.balance("house")) == (3_240, 360)
    case = orders.request_refund(
        order_ulid=order.ulid, reason="x", actor=make.CLERK, now=now, wishes=[RefundWish(line.ulid, 0, 1_200)]
    )
    orders.approve_refund(refund_ulid=case.ulid, actor=make.CLERK, now=now, restock=False)
    _, refund = facts.approved_refund(case.ulid)
    settlement.apply_refund(order=facts.paid_order(order.ulid), refund=refund, now=now)
    sales.return_money(refund, now=now)
    assert (refund.cash, book.balance(f"seller.payable.{shop.ulid}"), book.balance("house")) == (1_200, 2_160, 240)
    assert book.uncleared() == []


def test_the_mall_pays_no_more_because_a_seller_raises_his_price(grocery, now):
    """The mall's sale at 36.00 of goods at 60.00; then 100.00 is written as the usual price."""
    sales.publish("orders", now=now, freight_free=False, freight_fen=0)
    shop = sold.opened(rate_ppm=100_000, now=now)
    tea = sold.goods(shop, price=6_000, now=now)
    sale = promotions.flash_sale(tea.ulid, now=now, price=3_600)
    Offer.objects.filter(sku=tea).update(price_amount=10_000)
    order = make.paid(make_member(name="买家"), (tea, 2), now=now)
    line = OrderLine.objects.get(order=order)
    assert (line.cash_amount, line.merchant_discount_amount, line.platform_discount_amount) == (7_200, 8_000, 4_800)
    assert [(one["source"], one["amount"], one.get("pieces", 0)) for one in line.discounts] == [
        (f"flash_rise:{sale.ulid}", 8_000, 0),
        (f"flash:{sale.ulid}", 4_800, 2),
    ]
    settlement.release_order(order=facts.paid_order(order.ulid), now=now)
    assert book.balance(f"seller.payable.{shop.ulid}") == 10_800  # 90 % of twice 60.00, as before
    sale.refresh_from_db()
    assert sale.taken_qty == 2


def test_pages_of_the_shop(grocery, now):
    owner, at = make_member(name="店主"), now + dt.timedelta(hours=1)
    shop = sold.opened(owner=owner.ulid, now=now)
    tea = sold.goods(shop, price=6_000, now=now)
    client, page = browse(owner), f"/seller/{shop.ulid}/flash"
    assert "does not let sellers make flash sales" in client.get(page).content.decode()
    given = {
        "product": tea.product.ulid, "sku": tea.ulid, "title": "周末抢购", "price": "36", "total_qty": "5", "person_limit": "1",
        "starts_at": f"{at.astimezone(clock.CHINA):%Y-%m-%dT%H:%M}",
        "ends_at": f"{(at + dt.timedelta(hours=2)).astimezone(clock.CHINA):%Y-%m-%dT%H:%M}",
    }  # fmt: skip
    assert client.post(f"{page}/new", given).status_code == 403
    sales.publish("orders", now=now - dt.timedelta(minutes=1), seller_flash_most_ppm=500_000)
    assert "龙井" in client.get(f"{page}/new").content.decode()
    form = client.get(f"{page}/new?product={tea.product.ulid}").content.decode()
    assert "at least ¥30.00" in form and "at most 50% of it" in form
    refused = client.post(f"{page}/new", given | {"price": "29.99"})
    assert refused.status_code == 422 and "from ¥30.00 to below the usual ¥60.00" in refused.content.decode()
    assert 'name="price" value="29.99"' in refused.content.decode()
    own = sold.goods(None, price=6_000, supply=100, now=now)
    assert client.get(f"{page}/new?product={own.product.ulid}").status_code == 404
    assert client.post(f"{page}/new", given | {"sku": own.ulid}).status_code == 422
    assert Coupon.objects.count() == 0
    assert client.post(f"{page}/new", given).status_code == 302
    assert client.post(f"{page}/new", given).status_code == 422  # pressed twice
    made = Coupon.objects.get()
    assert (made.seller_ulid, made.amount, made.created_by) == (shop.ulid, 3_600, f"member:{owner.ulid}")
    by_mall = promotions.flash_sale(
        sold.goods(shop, price=6_000, title="茉莉", now=now).ulid, now=now, price=5_000, by_seller=True
    )
    shown = client.get(page).content.decode()
    assert "周末抢购" in shown and shown.count("made by the mall") == 1 and shown.count("/end") == 1
    assert client.post(f"{page}/{by_mall.ulid}/end").status_code == 404
    assert client.post(f"{page}/{made.ulid}/end").status_code == 302
    made.refresh_from_db()
    by_mall.refresh_from_db()
    assert (made.ended_at is None, by_mall.ended_at) == (False, None)
    told = AuditRecord.objects.filter(target=f"coupon:{made.ulid}").order_by("pk")
    actor = f"member:{owner.ulid}"
    assert list(told.values_list("action", "actor")) == [("flash_sale.created", actor), ("flash_sale.ended", actor)]


def test_two_presses_at_once_make_one(committed, now):
    with schema_context("public"):
        found = Mall.objects.get(schema_name="t_test_grocery")
    with in_mall(found):
        with transaction.atomic():
            shop = sold.opened(now=now)
            tea = sold.goods(shop, price=6_000, now=now)
        start, answers = threading.Barrier(2), []

        def press():
            try:
                with in_mall(found):
                    start.wait()
                    services.make_own_flash_sale(
                        draft=draft(tea, now), bounds=HALF, seller_ulid=shop.ulid, actor="member:x", now=now
                    )
                    answers.append("made")
            except FlashInvalid as refused:
                answers.append(refused.field)
            finally:
                connection.close()

        threads = [threading.Thread(target=press) for _ in range(2)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        assert (sorted(answers), Coupon.objects.count()) == (["made", "starts_at"], 1)
    connection.set_schema_to_public()
