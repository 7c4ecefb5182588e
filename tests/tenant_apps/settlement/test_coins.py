"""Shopping coins from the order that gives them to the refund that returns them (MODES 11a, 11b, 1.2), in the book."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from django.utils import translation

from saas.kernel.ids import new_ulid
from saas.ledger import selectors as book
from saas.messaging.notices.models import Notice
from tenant_apps.modes.coins import selectors as coin_lots
from tenant_apps.modes.coins.models import CoinLot, CoinUse
from tenant_apps.modes.coins.rules import COIN
from tenant_apps.modes.coins.services import CoinsShort
from tenant_apps.orders import services as orders
from tenant_apps.orders.models import Order, OrderLine
from tenant_apps.orders.rules import OrderState, RefundWish, WantedLine
from tenant_apps.settlement import facts, services, tasks
from tenant_apps.settlement.rules import debt_of, wallet_of
from tenant_apps.settlement.services import coins as coin_book
from tests.factories import orders as make
from tests.factories import sales
from tests.factories import sellers as shops
from tests.factories.browser import MallClient
from tests.factories.people import make_member

NOW = dt.datetime(2026, 11, 20, 4, 0, tzinfo=dt.UTC)
EARLIER = NOW - dt.timedelta(days=1)


@pytest.fixture
def buyer(grocery):
    return make_member(name="李币", now=EARLIER)


def held(member):
    return book.balance(wallet_of(member.ulid), COIN)


def owed(member):
    return -book.balance(debt_of(member.ulid), COIN)


def place(member, *lines, coins=0, total=None, now=NOW):
    wanted = [WantedLine(sku.ulid, qty) for sku, qty in lines]
    if total is None:
        total = orders.quote_checkout(lines=wanted, coins=coins, now=now).total_amount
    return orders.place_purchase(
        member=member,
        lines=wanted,
        address=make.HOME,
        expected_total=total,
        idempotency_key=new_ulid(),
        coins=coins,
        now=now,
    )


def pay(purchase, now=NOW):
    first = purchase.first
    payment = make.fund(first, now=now)
    paid = orders.mark_purchase_paid if first.purchase else orders.mark_paid
    named = {"purchase": first.purchase} if first.purchase else {"order_ulid": first.ulid}
    assert paid(**named, payment=payment, amount=first.payable_amount, now=now)


def release(order, now=NOW):
    services.release_order(order=facts.paid_order(order.ulid), now=now)


def refund(order, value, *, qty=0, line=None, now=NOW):
    line = line or OrderLine.objects.filter(order=order).first()
    case = orders.request_refund(
        order_ulid=order.ulid, reason="x", actor=make.CLERK, now=now, wishes=[RefundWish(line.ulid, qty, value)]
    )
    orders.approve_refund(refund_ulid=case.ulid, actor=make.CLERK, now=now, restock=False)
    _, found = facts.approved_refund(case.ulid)
    for _time in range(2):  # a repeated event changes nothing
        services.apply_refund(order=facts.paid_order(order.ulid), refund=found, now=now)
    if found.cash:
        sales.return_money(found, now=now)
    return found


def sound(member):
    for asset in ("CNY", COIN):
        assert sum(row.posted for row in book.trial_balance() if row.asset == asset) == 0
    assert book.check_ledger() == []
    assert book.uncleared() == []
    assert sum(CoinLot.objects.filter(member_ulid=member.ulid).values_list("left", flat=True)) == held(member)


def test_coins_are_given_spent_returned_taken_back_and_end(buyer):
    sales.publish("coins", now=EARLIER, coins_per_yuan=10, valid_months=1, to_year_end=False)
    goods = shops.goods(None, price=9_990, supply=2_000, title="橙", now=EARLIER)
    merchant = shops.opened(name="甲", rate_ppm=100_000, now=EARLIER)
    tea = shops.goods(merchant, price=6_000, title="茶", now=EARLIER)

    # given at completion, once; freight gives none
    first = make.paid(buyer, (goods, 2), now=NOW)
    assert held(buyer) == 0
    for _time in range(2):
        release(first)
    assert (held(buyer), coin_lots.available(buyer.ulid, now=NOW)) == (1_998, 1_998)
    assert [one.expires_at for one in coin_lots.endings(buyer.ulid, now=NOW)] == [
        dt.datetime(2026, 12, 20, 16, 0, tzinfo=dt.UTC)
    ]

    # reserved at creation, within the limit and what he has; a refusal changes nothing
    quote = orders.quote_checkout(lines=[WantedLine(goods.ulid, 1), WantedLine(tea.ulid, 1)], now=NOW)
    assert (quote.coin_limit, quote.coin_fen) == (2_997 + 1_800, 1)
    freight = quote.freight_amount
    for coins, refusal in ((4_798, orders.CoinsNotTaken), (1_999, CoinsShort)):
        with pytest.raises(refusal) as refused:
            place(buyer, (goods, 1), (tea, 1), coins=coins, total=15_990 + freight - coins)
        assert refused.value.field == "coins"
    assert (held(buyer), Order.objects.count()) == (1_998, 1)
    given_up = place(buyer, (goods, 1), (tea, 1), coins=1_998)
    assert [line.coin_amount for line in OrderLine.objects.filter(order__in=given_up.orders).order_by("order")] == [
        1_248,
        750,
    ]
    assert (held(buyer), coin_lots.available(buyer.ulid, now=NOW)) == (0, 0)
    orders.cancel_order(order_ulid=given_up.first.ulid, actor="system", reason="x", now=NOW)
    assert held(buyer) == 1_998
    sound(buyer)

    # consumed at paid; the mall bears it, the seller gets his B − fee of the full price
    bought = place(buyer, (goods, 1), (tea, 1), coins=1_000)
    pay(bought)
    assert set(
        CoinUse.objects.filter(order_ulid__in=[one.ulid for one in bought.orders]).values_list("state", flat=True)
    ) == {"spent"}
    own, other = bought.orders
    k_own, k_tea = (OrderLine.objects.get(order=one).coin_amount for one in (own, other))
    assert (k_own, k_tea, held(buyer)) == (625, 375, 998)
    house = book.balance("house")
    release(other)
    assert book.balance(f"seller.payable.{merchant.ulid}") == 6_000 - 600 + other.freight_amount
    assert book.balance("house") - house == 600 - k_tea
    assert held(buyer) == 998 + (6_000 - 375) // 10
    sound(buyer)

    # a refund in parts before completion returns coins floored, the last the rest
    parts = [refund(own, value) for value in (3_333, 3_333, 3_324)]
    assert [part.parts[0].coins for part in parts] == [208, 209, 208]
    assert held(buyer) == 998 + 562 + 625
    assert [part.parts[0].cash for part in parts] == [3_125, 3_124, 3_116]
    sound(buyer)

    # after completion: what it gave is taken back rounded up; what is gone is owed, and the next coins make up for it
    spend = place(buyer, (goods, 1), coins=held(buyer))
    pay(spend)
    assert held(buyer) == 0
    refund(first, 9_990)
    assert (held(buyer), owed(buyer)) == (0, 999)
    refund(spend.first, 9_990, qty=1)
    assert (held(buyer), owed(buyer)) == (2_185 - 999, 0)
    sound(buyer)

    # thirty days before the end he is told, once; at the end they are gone
    with translation.override("en"):
        tasks.look_after_coins(now=NOW + dt.timedelta(days=1))
        tasks.look_after_coins(now=NOW + dt.timedelta(days=2))
    assert Notice.objects.filter(kind="coins_ending").count() == 1
    over = dt.datetime(2026, 12, 20, 16, 0, tzinfo=dt.UTC)
    assert tasks.look_after_coins(now=over) == 1_186
    assert (held(buyer), tasks.look_after_coins(now=over)) == (0, 0)
    sound(buyer)
    with pytest.raises(IntegrityError), transaction.atomic():
        CoinLot.objects.update(left=10_000)


def test_what_sellers_bear_and_coins_that_pay_all(buyer):
    sales.publish("coins", now=EARLIER, coins_per_yuan=20, bearer="the_seller", most_ppm=950_000)
    merchant = shops.opened(name="甲", rate_ppm=100_000, now=EARLIER)
    tea = shops.goods(merchant, price=10_000, title="茶", now=EARLIER)
    order = make.paid(buyer, (tea, 4), now=NOW)
    release(order)
    assert held(buyer) == 8_000
    payable = book.balance(f"seller.payable.{merchant.ulid}")
    bought = place(buyer, (tea, 1), coins=5_000)
    line = OrderLine.objects.get(order=bought.first)
    assert (line.merchant_discount_amount, line.coin_amount, line.coin_count, line.cash_amount) == (
        5_000,
        0,
        5_000,
        5_000,
    )
    pay(bought)
    assert (held(buyer), book.balance("issued", COIN)) == (3_000, -3_000)  # burnt, though the seller bears it
    part = refund(bought.first, 2_500)
    assert (part.parts[0].coins, part.parts[0].coin, part.parts[0].cash) == (2_500, 0, 2_500)
    release(bought.first)
    assert book.balance(f"seller.payable.{merchant.ulid}") - payable == 2_250 + bought.first.freight_amount
    sound(buyer)

    # coins of the mall may pay goods whole; with free freight nothing is left to pay
    sales.publish("coins", now=NOW, most_ppm=1_000_000)
    free = shops.goods(None, price=4_000, supply=100, title="杯", now=EARLIER)
    freight = orders.quote_checkout(lines=[WantedLine(free.ulid, 1)], now=NOW).freight_amount
    sales.publish("orders", now=NOW, freight_fen=0)
    covered = place(buyer, (free, 1), coins=4_000, total=0)
    assert freight and Order.objects.get(pk=covered.first.pk).state == OrderState.PAID
    refund(covered.first, 1_000)
    assert held(buyer) == 6_000 - 4_000 + 1_000 + 0
    release(covered.first)
    refund(covered.first, 3_000)
    sound(buyer)
    left = held(buyer)
    assert coin_book.close(member_ulid=buyer.ulid, now=NOW) == left > 0
    assert held(buyer) == 0
    sound(buyer)


def test_the_page_of_coins_and_the_checkout(buyer):
    shop = MallClient("grocery.localhost")
    shop.force_login(buyer.user)
    page = shop.get("/coins", HTTP_ACCEPT_LANGUAGE="en").text
    assert "neither gives nor takes coins" in page and "No entries yet." in page
    sales.publish("coins", now=EARLIER, coins_per_yuan=10)
    goods = shops.goods(None, price=9_990, supply=2_000, title="橙", now=EARLIER)
    order = make.paid(buyer, (goods, 1), now=NOW)
    release(order)
    page = shop.get("/coins", HTTP_ACCEPT_LANGUAGE="en").text
    assert ">999</p>" in page and "worth ¥9.99 of goods" in page and order.number in page and "30%" in page
    assert "我的购物币" in shop.get("/coins", HTTP_ACCEPT_LANGUAGE="zh-hans").text
    page = shop.get(f"/checkout?sku={goods.ulid}&qty=1", HTTP_ACCEPT_LANGUAGE="en").text
    assert "You have 999; 999 may be used here, −¥9.99." in page and 'name="coins" value="999"' in page
    again = {"sku": goods.ulid, "qty": "1", "price": "9990", "coins": "999", "recount": "1"}
    page = shop.post("/checkout", again, HTTP_ACCEPT_LANGUAGE="en").text
    assert "Paid by 999 coins" in page
    assert 'href="/coins"' in shop.get("/me").text
