"""What a shopper's case takes back of every asset at once: money, coupon, vouchers, points, awards, the seller's payable."""

import datetime as dt

import pytest

from saas.kernel import clock
from saas.kernel.ids import new_ulid
from saas.ledger import selectors as book
from tenant_apps.modes.coins.rules import COIN
from tenant_apps.modes.subsidy import selectors as subsidy
from tenant_apps.orders import services as orders
from tenant_apps.orders.models import Order, OrderLine
from tenant_apps.orders.rules import RefundWish, WantedLine
from tenant_apps.promotions.rules import CouponKind
from tenant_apps.sellers import services as sellers
from tenant_apps.settlement import facts, selectors
from tenant_apps.settlement import services as settlement
from tenant_apps.settlement.selectors.subsidy import check_pools
from tests.factories import orders as make
from tests.factories import promotions as coupons
from tests.factories import sales
from tests.factories import sellers as shops
from tests.factories import subsidy as shop
from tests.factories.people import make_member

NOW = clock.now()
EARLIER = NOW - dt.timedelta(days=30)


@pytest.fixture
def family(grocery):
    sales.publish(now=EARLIER)
    promoter = make_member(name="赵一", promoter=True)
    return promoter, make_member(name="孙三", referrer=promoter)


def bought(member, sku, qty, *, total, **more):
    order = orders.place_order(
        member=member,
        lines=[WantedLine(sku.ulid, qty)],
        address=make.HOME,
        expected_total=total,
        idempotency_key=new_ulid(),
        now=NOW,
        **more,
    )
    orders.mark_paid(order_ulid=order.ulid, payment=make.fund(order, now=NOW), amount=total, now=NOW)
    orders.ship_order(order_ulid=order.ulid, carrier="顺丰", number="SF1234567890", actor=make.CLERK, now=NOW)
    return orders.receive_order(order_ulid=order.ulid, actor=make.CLERK, now=NOW)


def returned(order, member, qty, drain):
    """A case for some pieces from asking to the money's arrival."""
    line = OrderLine.objects.get(order=order)
    case = orders.open_case(
        order_ulid=order.ulid,
        service="return_refund",
        reason="坏果",
        member=member,
        wishes=[RefundWish(line.ulid, qty, None)],
        now=NOW,
    )
    orders.agree(refund_ulid=case.ulid, actor=make.CLERK, now=NOW)
    orders.send_back(refund_ulid=case.ulid, member=member, carrier="顺丰", number="SF7654321", now=NOW)
    case = orders.accept_return(refund_ulid=case.ulid, actor=make.CLERK, now=NOW, restock=True)
    drain()
    orders.mark_refunded(refund_ulid=case.ulid, now=NOW)
    drain()
    return case


def complete(order, drain):
    orders.complete_order(order_ulid=order.ulid, actor="system", now=NOW + dt.timedelta(days=8))
    drain()


@pytest.mark.parametrize("late", [False, True])
def test_a_coupon_awards_and_the_sellers_money_go_back_in_proportion(family, drain, late):
    promoter, buyer = family
    merchant = shops.opened(name="甲", rate_ppm=100_000, now=EARLIER)
    tea = shops.goods(merchant, price=6_000, title="茶", now=EARLIER)
    used = coupons.taken(buyer, now=NOW)  # 10.00 of the mall's, from 50.00
    order = bought(buyer, tea, 2, total=11_000, coupons=[used])
    line = OrderLine.objects.get(order=order)
    assert (line.level_amount, line.platform_discount_amount, line.cash_amount) == (12_000, 1_000, 11_000)
    drain()
    full = selectors.wallet_summary(promoter.ulid).frozen
    assert full > 0
    case = returned(order, buyer, 1, drain) if not late else None
    if not late:
        assert (case.amount, selectors.wallet_summary(promoter.ulid).frozen) == (5_500, full - -(-full // 2))
    order = Order.objects.get(pk=order.pk)
    complete(order, drain)
    payable = f"seller.payable.{merchant.ulid}"
    assert book.balance(payable) == (5_400 if not late else 10_800)  # 60.00 less 10 %, the coupon is the mall's
    if late:  # staff, after the window: the same amounts out of what was released
        wishes = [RefundWish(line.ulid, 1, None)]
        one = orders.request_refund(order_ulid=order.ulid, reason="x", actor=make.CLERK, now=NOW, wishes=wishes)
        orders.approve_refund(refund_ulid=one.ulid, actor=make.CLERK, now=NOW, restock=True)
        drain()
        assert OrderLine.objects.get(order=order).refunded_cash_amount == 5_500
    assert book.balance(payable) == 5_400
    summary = selectors.wallet_summary(promoter.ulid)
    assert (summary.available, summary.frozen, summary.debt) == (full - -(-full // 2), 0, 0)
    sales.posted()


@pytest.mark.parametrize("late", [False, True])
def test_a_reduction_a_coupon_and_coins_go_back_with_a_case_and_given_coins_are_taken_back(grocery, drain, late):
    buyer = make_member()
    merchant = shops.opened(name="甲", rate_ppm=100_000, now=EARLIER)
    tea = shops.goods(merchant, price=6_000, title="茶", now=EARLIER)
    sales.publish("coins", now=EARLIER, coins_per_yuan=10, coin_fen=1, most_ppm=300_000)
    seed = make.paid(buyer, (shops.goods(None, price=30_000, supply=1_000, now=EARLIER), 1), now=NOW)
    settlement.release_order(order=facts.paid_order(seed.ulid), now=NOW)
    wallet = f"member.wallet.{buyer.ulid}"
    assert book.balance(wallet, COIN) == 3_000
    coupons.coupon(
        now=NOW, kind=CouponKind.STEPS, amount=0, threshold_amount=0, steps=((10_000, 2_000),), title="满100减20"
    )
    used = coupons.taken(buyer, now=NOW)
    # 120.00 − 20.00 − 10.00 = 90.00; 30 % of it by 2 700 coins; 63.00 in money
    order = bought(buyer, tea, 2, total=6_300 + 800, coupons=[used], coins=2_700)
    line = OrderLine.objects.get(order=order)
    assert (line.platform_discount_amount, line.coin_amount, line.cash_amount) == (3_000, 2_700, 6_300)
    drain()
    if not late:
        assert returned(order, buyer, 1, drain).amount == 3_150
        assert book.balance(wallet, COIN) == 300 + 1_350
    complete(Order.objects.get(pk=order.pk), drain)
    # what is left in money gives 10 coins a yuan: 63.00, or 31.50 where half went back before
    assert book.balance(wallet, COIN) == (300 + 630 if late else 300 + 1_350 + 315)
    if late:
        wishes = [RefundWish(line.ulid, 1, None)]
        one = orders.request_refund(order_ulid=order.ulid, reason="x", actor=make.CLERK, now=NOW, wishes=wishes)
        orders.approve_refund(refund_ulid=one.ulid, actor=make.CLERK, now=NOW, restock=True)
        drain()
    line.refresh_from_db()
    assert (line.refunded_cash_amount, line.refunded_coin_count) == (3_150, 1_350)
    assert book.balance(wallet, COIN) == 300 + 1_350 + 315  # the same in the end, whenever it went back
    # 60.00 less 10 %, and freight: reduction, coupon and coins are the mall's
    assert book.balance(f"seller.payable.{merchant.ulid}") == 5_400 + 800
    sales.posted()


def test_vouchers_and_points_of_a_case_go_back_and_none_is_left_hanging(grocery, drain):
    shop.approve(now=EARLIER)
    version = shop.publish(now=EARLIER)
    buyer = make_member()
    one = shop.sold(buyer, goods=5_000_000, pins={"subsidy": version.ulid}, now=EARLIER)
    settlement.award_order(order=one.order, now=EARLIER)
    settlement.release_order(order=one.order, now=EARLIER)
    settlement.run_period(key="", actor="system", now=EARLIER + dt.timedelta(days=7))
    assert settlement.draw_vouchers(member_ulid=buyer.ulid, now=NOW) == 5_000
    seller = shops.opened(settlement="concession", rate_ppm=200_000, now=EARLIER)
    sellers.sign_voucher_terms(ulid=seller.ulid, signed=True, actor="user:clerk", now=NOW)
    sku = shops.goods(seller, price=5_000, now=EARLIER)
    order = bought(buyer, sku, 2, total=5_000, voucher_amount=5_000)
    drain()
    case = returned(order, buyer, 1, drain)
    assert (case.amount, subsidy.available_vouchers(buyer.ulid, now=NOW)) == (2_500, 2_500)
    pool = book.balance("pool")
    complete(Order.objects.get(pk=order.pk), drain)
    # of the half that stays: L = 5.00 on the cash part, 3.00 to the pool; Lv = 5.00 of the vouchers whole
    assert book.balance("pool") == pool + 300 + 500
    assert book.balance(f"seller.payable.{seller.ulid}") == 4_000
    assert (book.balance("voucher.reserve"), check_pools()) == (2_500, [])
    # the whole line granted 10.00 points (its concession on the cash part); half of them are left
    assert [(one.lot.side, one.remaining_points) for one in subsidy.lots_of_order(order.ulid)][:1] == [("buyer", 500)]
    sales.posted()


def test_awards_may_be_shown_from_receipt_on_only(family, drain):
    promoter, buyer = family
    sales.publish("settlement", now=NOW, award_visible_at="on_receipt")
    order = make.paid(buyer, (shops.goods(None, price=10_000, supply=4_000, now=EARLIER), 1), now=NOW)
    drain()
    seen = {"seen_at": NOW}
    whole = selectors.wallet_summary(promoter.ulid).frozen
    assert whole > 0 and len(selectors.awards_of_member(promoter.ulid)) == 1  # staff see it
    assert selectors.wallet_summary(promoter.ulid, **seen).frozen == 0
    assert selectors.awards_of_member(promoter.ulid, **seen) == []
    assert selectors.earnings(promoter.ulid, now=NOW).by_mode == []
    orders.ship_order(order_ulid=order.ulid, carrier="顺丰", number="SF1234567890", actor=make.CLERK, now=NOW)
    orders.receive_order(order_ulid=order.ulid, actor=make.CLERK, now=NOW)
    assert selectors.wallet_summary(promoter.ulid, **seen).frozen == whole
    assert [one.net_amount for one in selectors.awards_of_member(promoter.ulid, **seen)] == [whole]
