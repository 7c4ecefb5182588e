"""A coupon from its making to its use: numbers, checkout, payment, cancellation, refund, and who pays it."""

import datetime as dt
import threading

import pytest
from django.db import IntegrityError, connection, transaction
from django_tenants.utils import schema_context

from saas.identity.models import AuditRecord
from saas.kernel import clock
from saas.kernel.errors import NotFound
from saas.kernel.ids import new_ulid
from saas.kernel.states import IllegalTransition
from saas.ledger import selectors as book
from saas.tenants.malls.activation import in_mall
from saas.tenants.malls.models import Mall
from tenant_apps.catalog.models import Sku
from tenant_apps.members import services as members
from tenant_apps.orders import services as orders
from tenant_apps.orders.models import Order, OrderLine
from tenant_apps.orders.rules import OrderState, RefundWish, WantedLine
from tenant_apps.promotions import selectors, services
from tenant_apps.promotions.models import Coupon, MemberCoupon
from tenant_apps.promotions.rules import Audience, CouponKind
from tests.factories import orders as make
from tests.factories import promotions as coupons
from tests.factories import sellers as shops
from tests.factories.people import make_member

NOW = clock.now()
EARLIER = NOW - dt.timedelta(days=30)


@pytest.fixture
def buyer(grocery):
    return make_member()


@pytest.fixture
def goods(grocery):
    """The mall's oranges (20.00, cost 10.00) and the tea (60.00) of a seller who pays 10 %."""
    merchant = shops.opened(name="甲", rate_ppm=100_000, now=EARLIER)
    return (
        shops.goods(None, price=2_000, supply=1_000, title="橙", now=EARLIER),
        shops.goods(merchant, price=6_000, title="茶", now=EARLIER),
    )


def buy(buyer, *lines, total, used, now=NOW):
    return orders.place_purchase(
        member=buyer,
        lines=[WantedLine(sku.ulid, qty) for sku, qty in lines],
        address=make.HOME,
        expected_total=total,
        idempotency_key=new_ulid(),
        coupons=used,
        now=now,
    )


def state(ulid):
    row = MemberCoupon.objects.get(ulid=ulid)
    return row.state, row.document, row.amount


def pay(purchase):
    first = purchase.first
    payment = make.fund(first, now=NOW)
    if first.purchase:
        assert orders.mark_purchase_paid(purchase=first.purchase, payment=payment, amount=first.payable_amount, now=NOW)
    else:
        assert orders.mark_paid(order_ulid=first.ulid, payment=payment, amount=first.total_amount, now=NOW)


def refund(order, wishes=None, freight=None):
    case = orders.request_refund(
        order_ulid=order.ulid, reason="x", actor=make.CLERK, now=NOW, wishes=wishes, freight_amount=freight
    )
    orders.approve_refund(refund_ulid=case.ulid, actor=make.CLERK, now=NOW)
    orders.mark_refunded(refund_ulid=case.ulid, now=NOW)


def test_numbers_limits_and_who_may_take(buyer):
    row = coupons.coupon(now=NOW, total_qty=2, person_limit=1, valid_days=7)
    assert AuditRecord.objects.get(action="coupon.created").target == f"coupon:{row.ulid}"
    taken = services.take_coupon(coupon_ulid=row.ulid, member=buyer, now=NOW)
    assert (taken.number, taken.expires_at) == (1, NOW + dt.timedelta(days=7))
    with pytest.raises(services.CouponTaken):
        services.take_coupon(coupon_ulid=row.ulid, member=buyer, now=NOW)
    row.refresh_from_db()
    assert row.taken_qty == 1  # the refusal has taken no number
    services.take_coupon(coupon_ulid=row.ulid, member=make_member(), now=NOW)
    with pytest.raises(services.CouponsGone):
        services.take_coupon(coupon_ulid=row.ulid, member=make_member(), now=NOW)
    assert selectors.on_offer(now=NOW) == []
    partners = coupons.coupon(now=NOW, audience=Audience.PARTNER)
    bought = coupons.coupon(now=NOW, audience=Audience.FIRST_PURCHASE)
    for one in (partners, bought):
        with pytest.raises(services.CouponNotForYou):
            services.take_coupon(coupon_ulid=one.ulid, member=buyer, now=NOW)
    members.add_turnover(
        member_ulid=buyer.ulid,
        referrer_ulid="",
        day=clock.china_date(NOW),
        amount=100,
        key="first",
        reason="order",
        now=NOW,
    )
    assert services.take_coupon(coupon_ulid=bought.ulid, member=buyer, now=NOW).number == 1
    services.end_coupon(ulid=bought.ulid, actor=make.CLERK, now=NOW)
    with pytest.raises(IllegalTransition):
        services.end_coupon(ulid=bought.ulid, actor=make.CLERK, now=NOW)
    with pytest.raises(services.CouponsGone):
        services.take_coupon(coupon_ulid=bought.ulid, member=buyer, now=NOW)
    with pytest.raises(NotFound):
        services.end_coupon(ulid=partners.ulid, seller_ulid="other", actor=make.CLERK, now=NOW)


def test_impossible_terms_are_refused_by_field(grocery):
    supplier = shops.opened(name="乙", settlement="supplier", now=EARLIER)
    for changes, field in (({"seller_ulid": supplier.ulid}, "seller"), ({"amount": 0}, "amount")):
        with pytest.raises(services.CouponInvalid) as refused:
            coupons.coupon(now=NOW, **changes)
        assert refused.value.field == field
    with pytest.raises(NotFound):
        coupons.coupon(now=NOW, seller_ulid=new_ulid())
    assert not Coupon.objects.exists()


def test_both_coupons_reach_settlement_and_each_is_paid_by_who_gave_it(buyer, goods, drain):
    orange, tea = goods
    shop = coupons.taken(buyer, now=NOW, title="店铺券", seller_ulid=tea.product.seller_ulid, amount=500)
    mall = coupons.taken(
        buyer, now=NOW, title="平台九折", kind=CouponKind.PERCENT, amount=0, off_ppm=100_000, cap_amount=10_000
    )
    # M 20.00 + 60.00; Ds 5.00 on the tea; Dp 10 % of 75.00 = 7.50 over 20.00 and 55.00; freight 8.00 each
    purchase = buy(buyer, (orange, 1), (tea, 1), total=6_750 + 1_600, used=[mall, shop])
    rows = list(OrderLine.objects.order_by("pk"))
    assert [(one.merchant_discount_amount, one.platform_discount_amount, one.cash_amount) for one in rows] == [
        (0, 200, 1_800),
        (500, 550, 4_950),
    ]
    document = purchase.first.payment_document
    assert (state(shop), state(mall)) == (("reserved", document, 500), ("reserved", document, 750))
    with pytest.raises(orders.CouponNotUsable):
        buy(buyer, (tea, 1), total=0, used=[shop])
    pay(purchase)
    assert (state(shop), state(mall)) == (("used", document, 500), ("used", document, 750))
    drain()
    for one in purchase.orders:
        orders.ship_order(order_ulid=one.ulid, carrier="顺丰", number="SF1234567890", actor=make.CLERK, now=NOW)
        orders.receive_order(order_ulid=one.ulid, actor=make.CLERK, now=NOW)
        orders.complete_order(order_ulid=one.ulid, actor="system", now=NOW + dt.timedelta(days=8))
    drain()
    # B = C 49.50 + Dp 5.50, fee 10 % = 5.50: the seller bears his own 5.00, the mall its 5.50; with freight 8.00
    assert book.balance(f"seller.payable.{tea.product.seller_ulid}") == 5_500 - 550 + 800
    assert book.uncleared() == []
    assert selectors.figures(selectors.coupons())[Coupon.objects.get(title="平台九折").pk] == selectors.Figures(
        0, 1, 750
    )


def test_cancelled_gives_back_and_only_a_full_refund_does(buyer, goods, drain):
    orange, tea = goods
    used = coupons.taken(buyer, now=NOW, threshold_amount=0, valid_days=1)
    purchase = buy(buyer, (orange, 2), (tea, 1), total=9_000 + 1_600, used=[used])
    orders.cancel_order(order_ulid=purchase.first.ulid, actor=make.CLERK, reason="x", now=NOW)
    assert state(used) == ("taken", "", 0)
    purchase = buy(buyer, (orange, 2), (tea, 1), total=9_000 + 1_600, used=[used])
    pay(purchase)
    drain()
    first, second = purchase.orders
    line = OrderLine.objects.get(order=first)
    refund(first, [RefundWish(line.ulid, 1)], 0)
    refund(first, [RefundWish(line.ulid, 1)], first.freight_amount)
    assert Order.objects.get(pk=first.pk).state == OrderState.REFUNDED
    assert state(used)[0] == "used"  # the tea was bought with it as well
    refund(second)
    assert state(used) == ("taken", "", 0)
    assert MemberCoupon.objects.get(ulid=used).expires_at == NOW + dt.timedelta(days=7)
    assert sum(OrderLine.objects.values_list("refunded_cash_amount", flat=True)) == 9_000
    drain()
    posted = {row.family: row.posted for row in book.trial_balance() if row.posted}
    assert not {name for name in posted if name.startswith(("seller", "pool", "member", "house"))}, posted


def test_never_negative_and_paid_at_once_where_nothing_is_left(buyer, goods, drain):
    orange, _tea = goods
    free = coupons.taken(buyer, now=NOW, amount=100_000, threshold_amount=0)
    quote = orders.quote_checkout(lines=[WantedLine(orange.ulid, 1)], now=NOW)
    freight = quote.freight_amount
    assert freight == 800
    purchase = buy(buyer, (orange, 1), total=freight, used=[free])
    assert state(free)[2] == 2_000  # what there was, not what the coupon says
    orders.cancel_order(order_ulid=purchase.first.ulid, actor=make.CLERK, reason="x", now=NOW)
    store = shops.store(now=EARLIER)
    assert store.ulid
    before = Sku.objects.get(pk=orange.pk).stock
    with pytest.raises(orders.CouponNotUsable) as refused:
        buy(buyer, (orange, 1), total=freight, used=[free, new_ulid()])
    assert refused.value.field == "coupon" and Sku.objects.get(pk=orange.pk).stock == before
    with pytest.raises(orders.CouponNotUsable):
        buy(buyer, (orange, 1), total=freight, used=[free], now=NOW + dt.timedelta(days=31))
    with pytest.raises(orders.CouponNotUsable):
        buy(make_member(), (orange, 1), total=freight, used=[free])
    assert state(free) == ("taken", "", 0)


def test_the_choice_at_checkout_says_what_is_best_and_why_others_are_not(buyer, goods):
    orange, tea = goods
    shop = coupons.taken(buyer, now=NOW, seller_ulid=tea.product.seller_ulid, amount=500)
    small = coupons.taken(buyer, now=NOW, amount=100, threshold_amount=0)
    large = coupons.taken(buyer, now=NOW, amount=700, threshold_amount=0)
    far = coupons.taken(buyer, now=NOW, amount=9_000, threshold_amount=10_000)
    quote = orders.quote_checkout(lines=[WantedLine(orange.ulid, 1), WantedLine(tea.ulid, 1)], now=NOW)
    found = orders.coupon_choices(quote.lines, member_ulid=buyer.ulid, now=NOW)
    assert [(one.coupon.ulid, one.amount, one.is_best) for one in found] == [
        (large, 700, True),
        (shop, 500, True),
        (small, 100, False),
        (far, 0, False),
    ]
    assert "20.00" in found[-1].reason


def test_the_tables_refuse_a_second_use_and_a_second_coupon_of_the_same_giver(buyer):
    one, two = (coupons.taken(buyer, now=NOW) for _ in range(2))
    services.reserve(member_ulid=buyer.ulid, amounts={one: 5}, document="order:A", now=NOW)
    with pytest.raises(services.CouponInUse), transaction.atomic():
        services.reserve(member_ulid=buyer.ulid, amounts={one: 5}, document="order:B", now=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        services.reserve(member_ulid=buyer.ulid, amounts={two: 5}, document="order:A", now=NOW)
    for changes in ({"state": "used"}, {"document": ""}, {"amount": 0}):
        with pytest.raises(IntegrityError), transaction.atomic():
            MemberCoupon.objects.filter(ulid=one).update(**changes)
    assert services.release(document="order:B") == 0 and services.release(document="order:A") == 1
    assert services.release(document="order:A") == 0


def test_one_coupon_in_fifty_parallel_orders_is_used_once(committed):
    with schema_context("public"):
        found = Mall.objects.get(schema_name="t_test_grocery")
    with in_mall(found):
        now = clock.now()
        with transaction.atomic():
            sku = shops.goods(None, price=6_000, supply=2_000, title="桔", stock=100, now=EARLIER)
            member = make_member()
            used = coupons.taken(member, now=now)
        start, gate, answers = threading.Barrier(10), threading.Lock(), []

        def run():
            try:
                with in_mall(found):
                    start.wait()
                    for _ in range(5):
                        try:
                            buy(member, (sku, 1), total=5_000 + 800, used=[used], now=now)
                            answer = "placed"
                        except (services.CouponInUse, orders.CouponNotUsable):
                            answer = "refused"
                        with gate:
                            answers.append(answer)
            finally:
                connection.close()

        threads = [threading.Thread(target=run) for _ in range(10)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert (len(answers), answers.count("placed")) == (50, 1)
        order = Order.objects.get()
        assert state(used) == ("reserved", order.payment_document, 1_000)
        assert Sku.objects.get(pk=sku.pk).stock == 99  # the refused ones have taken nothing
    connection.set_schema_to_public()
