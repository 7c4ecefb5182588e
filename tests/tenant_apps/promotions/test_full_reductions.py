"""Full reductions: steps, one of each giver a line, before coupons; who bears them; made, shown and ended on screens."""

import datetime as dt

import pytest
from django.utils import translation

from saas.kernel import clock
from saas.kernel.ids import new_ulid
from saas.ledger import selectors as book
from tenant_apps.modes.contract import BuyerFacts
from tenant_apps.orders import services as orders
from tenant_apps.orders.models import OrderLine
from tenant_apps.orders.rules import WantedLine
from tenant_apps.promotions import reductions, rules, selectors, services
from tenant_apps.promotions.models import Coupon
from tenant_apps.promotions.reductions import Hint, Reduction
from tenant_apps.promotions.rules import CouponKind, Earlier, Funder, Goods, Held, Scope
from tenant_apps.settlement import facts
from tenant_apps.settlement import services as settlement
from tests.factories import orders as make
from tests.factories import promotions as coupons
from tests.factories import sellers as shops
from tests.factories.browser import MallClient
from tests.factories.people import make_member, make_staff
from tests.factories.sellers import opened

NOW = clock.now()
EARLIER = NOW - dt.timedelta(days=30)


def line(key, level, *, seller="", zone="self_operated", cut=True):
    return Goods(key=key, product_ulid=key, zone=zone, level_amount=level, seller_ulid=seller, cut_by_seller=cut)


def full(ulid, *steps, seller="", scope=Scope.ALL, values=()):
    return Reduction(
        ulid=ulid, title=ulid, steps=steps, seller_ulid=seller, scope=scope, scope_values=frozenset(values)
    )


def test_the_highest_step_counts_and_a_line_counts_once_for_each_giver():
    goods = [line("a", 6_000), line("b", 4_000), line("c", 5_000, seller="S"), line("d", 9_999, zone="gift_pack")]
    one = full("1", (10_000, 2_000), (15_000, 3_500))
    assert [one.off(worth) for worth in (9_999, 10_000, 14_999, 15_000)] == [0, 2_000, 2_000, 3_500]
    found = reductions.cuts([one], goods)
    assert [(cut.amount, cut.keys) for cut in found] == [(3_500, ("a", "b", "c"))]
    # of two of the mall's the one that takes more off has the lines; the other counts what is left of them
    narrow = full("2", (4_000, 100), scope=Scope.PRODUCTS, values=["b"])
    rich = full("3", (6_000, 3_600), scope=Scope.PRODUCTS, values=["a"])
    assert [(cut.reduction.ulid, cut.amount) for cut in reductions.cuts([narrow, rich, one], goods)] == [
        ("3", 3_600),
        ("2", 100),
    ]
    # a seller's comes first, on his own goods alone; supplied goods are not his to cut
    shop = full("4", (5_000, 4_750), seller="S")
    found = reductions.cuts([one, shop], goods)
    assert [(cut.reduction.ulid, cut.amount, cut.keys) for cut in found] == [
        ("4", 4_750, ("c",)),
        ("1", 3_500, ("a", "b", "c")),
    ]
    assert reductions.cuts([shop], [line("c", 5_000, seller="S", cut=False)]) == []
    assert reductions.hints([one, shop], goods[:2]) == [Hint(one, 5_000, 3_500)]
    assert reductions.hints([full("5", (100, 1))], goods[3:]) == []


def test_which_steps_are_possible():
    good = [((10_000, 2_000),), ((100, 100), (200, 150))]
    bad = [
        (),
        ((0, 1),),
        ((100, 101),),
        ((100, 10), (100, 20)),
        ((100, 10), (200, 10)),
        tuple((n * 100, n) for n in range(1, 7)),
    ]
    assert [rules.steps_fault(one, by_seller=False) for one in good] == [False, False]
    assert all(rules.steps_fault(one, by_seller=False) for one in bad)
    assert rules.steps_fault(((100, 96),), by_seller=True) and not rules.steps_fault(((100, 95),), by_seller=True)


def test_coupons_come_after_and_a_seller_keeps_five_percent():
    goods = [line("a", 10_000, seller="S"), line("b", 10_000)]
    later = NOW + dt.timedelta(days=1)
    shop = Held(ulid="C", title="C", seller_ulid="S", amount=9_000, threshold_amount=9_500, expires_at=later)
    tenth = Held(ulid="M", title="M", kind=CouponKind.PERCENT, off_ppm=100_000, cap_amount=9_999, expires_at=later)
    earlier = [Earlier(Funder.SELLER, 2_000, ("a",)), Earlier(Funder.MALL, 3_000, ("a", "b"))]
    given, faults = rules.apply([shop, tenth], goods, now=NOW, earlier=earlier)
    # 100.00 − 20.00 − 75.00 (95 % in all) leaves 5.00; 30.00 of the mall's off 105.00 leaves 75.00, a tenth of it is 7.50
    assert ([(one.coupon.ulid, one.amount) for one in given], faults) == ([("C", 7_500), ("M", 750)], {})


def test_a_purchase_with_both_and_who_bears_what(grocery):
    buyer = make_member()
    merchant = opened(name="甲", rate_ppm=100_000, now=EARLIER)
    orange = shops.goods(None, price=6_000, supply=1_000, title="橙", now=EARLIER)
    tea = shops.goods(merchant, price=4_000, title="茶", now=EARLIER)
    kind = {"kind": CouponKind.STEPS, "amount": 0, "threshold_amount": 0}
    with pytest.raises(services.CouponInvalid) as refused:
        coupons.coupon(now=NOW, **kind, steps=((100, 200),))
    assert (refused.value.field, Coupon.objects.count()) == ("steps", 0)
    coupons.coupon(now=NOW, **kind, title="满100减20", steps=((10_000, 2_000), (20_000, 5_000)))
    coupons.coupon(now=NOW, **kind, title="店满30减5", steps=((3_000, 500),), seller_ulid=merchant.ulid)
    coming = coupons.coupon(now=NOW, **{**kind, "starts_at": NOW + dt.timedelta(days=1)}, steps=((1, 1),))
    held = coupons.taken(buyer, now=NOW, amount=1_000, threshold_amount=10_000)
    with pytest.raises(services.CouponsGone):
        services.take_coupon(coupon_ulid=selectors.running_reductions(now=NOW)[0].ulid, member=buyer, now=NOW)
    wanted = [WantedLine(orange.ulid, 1), WantedLine(tea.ulid, 1)]
    quote = orders.quote_checkout(lines=wanted, now=NOW, coupons=[held], buyer=BuyerFacts(member=buyer.ulid))
    assert quote.discount_rows == [("店满30减5", 500), ("满100减20", 2_000), ("满50减10", 1_000)]
    hints = orders.reduction_hints(quote.lines, now=NOW)
    assert [(one.reduction.title, one.missing, one.off) for one in hints] == [("满100减20", 10_000, 5_000)]
    bought = orders.place_purchase(
        member=buyer, lines=wanted, address=make.HOME, expected_total=quote.total_amount, idempotency_key=new_ulid(),
        coupons=[held], now=NOW,
    )  # fmt: skip
    lines = OrderLine.objects.filter(order__in=bought.orders).order_by("order")
    assert [(one.merchant_discount_amount, one.platform_discount_amount, one.cash_amount) for one in lines] == [
        (0, 1_895, 4_105),  # 20.00 and 10.00 over 60.00 and 35.00 by largest remainder
        (500, 1_105, 2_395),
    ]
    payment = make.fund(bought.first, now=NOW)
    assert orders.mark_purchase_paid(
        purchase=bought.first.purchase, payment=payment, amount=bought.first.payable_amount, now=NOW
    )
    second = bought.orders[1]
    settlement.release_order(order=facts.paid_order(second.ulid), now=NOW)
    assert book.balance(f"seller.payable.{merchant.ulid}") == 3_500 - 350 + second.freight_amount
    assert coming.ulid not in {one.ulid for one in selectors.running_reductions(now=NOW)}
    for row in selectors.running_reductions(now=NOW):
        services.end_coupon(ulid=row.ulid, actor=make.CLERK, now=NOW)
    assert orders.quote_checkout(lines=wanted, now=NOW).discount_amount == 0


def test_staff_make_and_end_one_and_shoppers_see_it(grocery):
    goods = shops.goods(None, price=6_000, supply=1_000, title="橙", now=EARLIER)
    staff = MallClient("grocery.localhost")
    staff.force_login(make_staff())
    form = {"title": "双十一满减", "kind": "steps", "steps": "100 20\n200-50", "seller": "", "starts_on": f"{NOW:%Y-%m-%d}",
            "ends_on": f"{NOW + dt.timedelta(days=20):%Y-%m-%d}"}  # fmt: skip
    refused = staff.post("/backoffice/coupons/new", form | {"steps": "100 20 5"}, HTTP_ACCEPT_LANGUAGE="en")
    assert refused.status_code == 422 and "A step is a line such as" in refused.text and 'name="steps"' in refused.text
    assert Coupon.objects.count() == 0
    assert staff.post("/backoffice/coupons/new", form).status_code == 302
    row = Coupon.objects.get()
    assert (row.kind, row.steps) == ("steps", [[10_000, 2_000], [20_000, 5_000]])
    page = staff.get("/backoffice/coupons/", HTTP_ACCEPT_LANGUAGE="en").text
    assert "¥20.00 off from ¥100.00; ¥50.00 off from ¥200.00" in page and "by itself" in page
    shop = MallClient("grocery.localhost")
    assert "双十一满减" in shop.get(f"/p/{goods.product.ulid}", HTTP_ACCEPT_LANGUAGE="zh-hans").text
    shop.force_login(make_member().user)
    page = shop.get("/coupons", HTTP_ACCEPT_LANGUAGE="zh-hans").text
    assert "满减活动" in page and "满 ¥100.00 减 ¥20.00" in page and "/take" not in page
    page = shop.get(f"/checkout?sku={goods.ulid}&qty=2", HTTP_ACCEPT_LANGUAGE="en").text
    assert "双十一满减" in page and "¥80.00 more of its goods, and ¥50.00 comes off." in page
    assert staff.post(f"/backoffice/coupons/{row.ulid}/end").status_code == 302
    with translation.override("en"):
        assert "双十一满减" not in shop.get(f"/p/{goods.product.ulid}").text
