"""Random carts, discounts, payments and refunds in parts in any order, by the real services: every asset returns exactly.

Own, supplier's, commission and concession goods; flash sales, full reductions, coupons of the mall and of a seller, coins, vouchers
and money.
"""

import datetime as dt

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from saas.kernel import clock
from saas.kernel.ids import new_ulid
from saas.ledger import selectors as book
from tenant_apps.catalog.models import Sku
from tenant_apps.modes import quoting
from tenant_apps.modes.coins import selectors as coin_lots
from tenant_apps.modes.coins.rules import COIN
from tenant_apps.modes.subsidy import selectors as subsidy
from tenant_apps.orders import services as orders
from tenant_apps.orders.models import Order, OrderLine
from tenant_apps.orders.rules import OrderState, RefundWish, WantedLine
from tenant_apps.promotions.rules import CouponKind
from tenant_apps.sellers import services as sellers
from tenant_apps.settlement import facts, services
from tenant_apps.settlement.models import LineSettlement
from tenant_apps.settlement.rules import debt_of, wallet_of
from tenant_apps.settlement.selectors.subsidy import check_pools
from tests.cases import cases
from tests.factories import orders as make
from tests.factories import promotions, sales
from tests.factories import sellers as shops
from tests.factories import subsidy as pools
from tests.factories.people import make_member

NOW = clock.now()
EARLIER = NOW - dt.timedelta(days=30)
VOUCHERS, COINS = 5_000, 60_000


class Shop:
    """A mall with goods of every kind of seller, and a buyer with vouchers and coins, whose chain earns."""

    def __init__(self) -> None:
        pools.approve(now=EARLIER)
        version = pools.publish(now=EARLIER)
        above = make_member(promoter=True)
        self.buyer = make_member(referrer=above)
        self.above = above.ulid
        one = pools.sold(self.buyer, goods=5_000_000, pins={"subsidy": version.ulid}, now=EARLIER)
        services.release_order(order=one.order, now=EARLIER)
        services.run_period(key="", actor="system", now=EARLIER + dt.timedelta(days=7))
        assert services.draw_vouchers(member_ulid=self.buyer.ulid, now=NOW) == VOUCHERS
        sales.publish("coins", now=EARLIER, coins_per_yuan=10)
        kinds = (("commission", 100_000), ("supplier", 0), ("concession", 150_000))
        fees = {"commission": {"min_fee_amount": 900}, "concession": {}, "supplier": {"bears_payment_fee": False}}
        merchants = [
            shops.opened(
                name=name, settlement=name, rate_ppm=rate, now=EARLIER, **{"bears_payment_fee": True} | fees[name]
            )
            for name, rate in kinds
        ]
        sellers.sign_voucher_terms(ulid=merchants[2].ulid, signed=True, actor=make.CLERK, now=NOW)
        self.taker = merchants[0].ulid
        self.skus = [
            shops.goods(seller, price=price, supply=supply, title=f"G{price}", now=EARLIER)
            for seller, price, supply in (
                (None, 3_333, 1_700), (merchants[0], 4_999, None), (merchants[1], 2_501, 1_900), (merchants[2], 6_007, None),
            )
        ]  # fmt: skip
        seed = make.paid(self.buyer, (self.skus[0], 99), now=NOW)
        services.release_order(order=facts.paid_order(seed.ulid), now=NOW)
        assert 0 < book.balance(wallet_of(self.buyer.ulid), COIN) <= COINS
        Sku.objects.filter(pk__in=[sku.pk for sku in self.skus]).update(stock=100)

    def holdings(self) -> dict[str, int]:
        """What the buyer has of each asset, less what he owes."""
        ulid = self.buyer.ulid
        return {
            "coins": book.balance(wallet_of(ulid), COIN) + book.balance(debt_of(ulid), COIN),
            "vouchers": subsidy.available_vouchers(ulid, now=NOW),
            "channel": book.balance("channel.wechat") + book.balance("channel.rehearsal"),
        }


@st.composite
def stories(draw: st.DrawFn) -> dict:
    """A cart, what pays it, and what happens then."""
    event = st.tuples(
        st.sampled_from(["release", "refund", "refund", "refund"]),
        st.integers(0, 9),
        st.integers(1, 9_000),
        st.booleans(),
    )
    return {
        "quantities": draw(st.lists(st.integers(0, 3), min_size=4, max_size=4).filter(any)),
        "mall_coupon": draw(st.sampled_from([0, 1, 777, 5_000])),
        "shop_coupon": draw(st.sampled_from([0, 1, 1_499])),
        "full": draw(st.sampled_from(["", "", "mall", "seller"])),
        "flash": draw(st.sampled_from(["", "", "mall", "seller"])),
        "coin_fen": draw(st.sampled_from([1, 1, 7])),
        "most_ppm": draw(st.sampled_from([0, 300_000, 950_000])),
        "bearer": draw(st.sampled_from(["the_mall", "the_seller"])),
        "coins": draw(st.sampled_from([0, 1, 2])),  # half of what may be used, all of it
        "vouchers": draw(st.booleans()),
        "rates": draw(st.sampled_from([(40_000, 10_000), (0, 0)])),
        "is_given_up": draw(st.integers(0, 7)) == 7,
        "events": draw(st.lists(event, max_size=7)),
    }


@pytest.mark.parametrize("mall", ["grocery", "beauty"])
def test_every_asset_returns_exactly(mall: str, request: pytest.FixtureRequest) -> None:
    request.getfixturevalue(mall)
    shop = Shop()

    @settings(max_examples=cases(5), deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(story=stories())
    def tell(story: dict) -> None:
        with transaction.atomic():
            _walk(shop, story)
            transaction.set_rollback(True)

    tell()


def _walk(shop: Shop, story: dict) -> None:
    sales.publish("distribution", now=NOW, rate_ppm=story["rates"])
    sales.publish(
        "coins",
        now=NOW,
        coins_per_yuan=3,
        coin_fen=story["coin_fen"],
        most_ppm=story["most_ppm"],
        bearer=story["bearer"],
    )
    used = []
    if story["full"]:
        promotions.coupon(
            now=NOW,
            kind=CouponKind.STEPS,
            amount=0,
            threshold_amount=0,
            steps=((3_000, 333), (9_000, 1_777)),
            seller_ulid=shop.taker if story["full"] == "seller" else "",
        )
    if story["flash"]:
        sku = shop.skus[1 if story["flash"] == "seller" else 0]
        promotions.flash_sale(sku.ulid, now=NOW, price=1_777, by_seller=story["flash"] == "seller")
    usual = [
        qty for place, qty in enumerate(story["quantities"]) if place != {"mall": 0, "seller": 1}.get(story["flash"])
    ]
    if story["mall_coupon"] and any(usual):
        used.append(promotions.taken(shop.buyer, now=NOW, amount=story["mall_coupon"], threshold_amount=0))
    if story["shop_coupon"] and story["quantities"][1] and story["flash"] != "seller":
        used.append(
            promotions.taken(
                shop.buyer, now=NOW, amount=story["shop_coupon"], threshold_amount=4_000, seller_ulid=shop.taker
            )
        )
    before, stock = shop.holdings(), _stock(shop)
    bought = _place(shop, story, used)
    if story["flash"]:
        _at_flash(bought, story)
    lines = list(OrderLine.objects.filter(order__in=bought.orders).order_by("order", "position"))
    _sums(bought, lines)
    if story["is_given_up"] and bought.first.state == OrderState.PENDING_PAYMENT:
        orders.cancel_order(order_ulid=bought.first.ulid, actor="system", reason="x", now=NOW)
        assert (shop.holdings(), _stock(shop)) == (before, stock)
        _closed(shop)
        return
    _pay(bought)
    spent = {"coins": sum(line.coin_count for line in lines), "vouchers": sum(line.voucher_amount for line in lines)}
    after = shop.holdings()
    assert {name: before[name] - after[name] for name in spent} == spent
    for number, (what, place, amount, restock) in enumerate(story["events"]):
        at = NOW + dt.timedelta(minutes=number)
        line = OrderLine.objects.get(pk=lines[place % len(lines)].pk)
        if what == "release":
            services.release_order(order=facts.paid_order(line.order.ulid), now=at)
        elif left := line.value_amount - line.refunded_value_amount:
            _refund(line, min(amount, left), restock=restock, now=at)
        _closed(shop)
    for row in lines:  # the rest goes back, so that everybody has what he had
        line = OrderLine.objects.get(pk=row.pk)
        if left := line.value_amount - line.refunded_value_amount:
            _refund(line, left, restock=True, now=NOW + dt.timedelta(hours=1))
    for order in bought.orders:
        _whole(Order.objects.get(pk=order.pk))
    _closed(shop)
    end = shop.holdings()
    freight = sum(order.freight_amount for order in bought.orders)
    assert end == before | {"channel": before["channel"] - freight}
    assert book.balance(wallet_of(shop.above)) + book.balance(debt_of(shop.above)) == 0


def _place(shop: Shop, story: dict, used: list[str]) -> orders.Purchase:
    wanted = [WantedLine(sku.ulid, qty) for sku, qty in zip(shop.skus, story["quantities"], strict=True) if qty]
    ask = {"lines": wanted, "coupons": used, "now": NOW}
    buyer = quoting.buyer_of(shop.buyer, NOW)
    bare = orders.quote_checkout(**ask, buyer=buyer)
    coins = min(bare.coin_limit, coin_lots.available(shop.buyer.ulid, now=NOW)) * story["coins"] // 2
    limit = orders.quote_checkout(**ask, buyer=buyer, coins=coins).voucher_limit_amount
    voucher = min(limit, VOUCHERS) if story["vouchers"] else 0
    total = orders.quote_checkout(**ask, buyer=buyer, coins=coins, voucher_amount=voucher).total_amount
    return orders.place_purchase(
        **ask,
        member=shop.buyer,
        address=make.HOME,
        expected_total=total,
        idempotency_key=new_ulid(),
        coins=coins,
        voucher_amount=voucher,
    )


def _sums(bought: orders.Purchase, lines: list[OrderLine]) -> None:
    """Lines sum to orders, orders to the payment; discounts to what gave them."""
    for order in bought.orders:
        of_order = [line for line in lines if line.order_id == order.pk]
        assert sum(line.cash_amount for line in of_order) == order.goods_amount
        assert sum(line.freight_amount for line in of_order) == order.freight_amount
        assert sum(line.coin_count for line in of_order) == order.coin_count
    assert sum(order.total_amount for order in bought.orders) == bought.first.payable_amount
    for line in lines:
        shares = {funder: 0 for funder in ("seller", "mall")}
        for one in line.discounts:
            shares[one["funder"]] += one["amount"]
        assert shares == {"seller": line.merchant_discount_amount, "mall": line.platform_discount_amount}


def _at_flash(bought: orders.Purchase, story: dict) -> None:
    """At most two pieces at the price; the rest of the line, and nothing else, is as usual; each giver's part is his."""
    place = 1 if story["flash"] == "seller" else 0
    qty, usual = story["quantities"][place], (3_333, 4_999)[place]
    for line in OrderLine.objects.filter(order__in=bought.orders):
        found = [one for one in line.discounts if one["source"].startswith("flash:")]
        if qty and line.level_amount == qty * usual and line.title == f"G{usual}":
            assert [(one["amount"], one["pieces"], one["funder"]) for one in found] == [
                (min(qty, 2) * (usual - 1_777), min(qty, 2), story["flash"])
            ]
            assert len([one for one in line.discounts if one["source"] != "coins"]) == 1
        else:
            assert found == []


def _pay(bought: orders.Purchase) -> None:
    first = bought.first
    if first.payable_amount:
        payment = make.fund(first, now=NOW)
        paid = orders.mark_purchase_paid if first.purchase else orders.mark_paid
        named = {"purchase": first.purchase} if first.purchase else {"order_ulid": first.ulid}
        assert paid(**named, payment=payment, amount=first.payable_amount, now=NOW)


def _refund(line: OrderLine, value: int, *, restock: bool, now: dt.datetime) -> None:
    last = value == line.value_amount - line.refunded_value_amount
    qty = line.qty - line.refunded_qty if last else 0
    case = orders.request_refund(
        order_ulid=line.order.ulid, reason="x", actor=make.CLERK, now=now, wishes=[RefundWish(line.ulid, qty, value)]
    )
    orders.approve_refund(refund_ulid=case.ulid, actor=make.CLERK, now=now, restock=restock)
    _, found = facts.approved_refund(case.ulid)
    services.apply_refund(order=facts.paid_order(line.order.ulid), refund=found, now=now)
    if found.cash:
        sales.return_money(found, now=now)


def _whole(order: Order) -> None:
    """Everything of a line has gone back, to the fen and the coin; nothing of it is left with anybody but the house."""
    services.release_order(order=facts.paid_order(order.ulid), now=NOW + dt.timedelta(hours=2))
    for line in OrderLine.objects.filter(order=order):
        assert (
            line.refunded_cash_amount, line.refunded_coin_amount, line.refunded_coin_count, line.refunded_voucher_amount
        ) == (line.cash_amount, line.coin_amount, line.coin_count, line.voucher_amount)  # fmt: skip
    for row in LineSettlement.objects.filter(settlement__order_ulid=order.ulid):
        assert (row.fee_amount, row.payment_fee_amount) == (0, 0)
        kept = (row.awarded_amount, row.payable_amount, row.pool_amount, row.house_amount + row.cost_amount)
        assert kept == (0, 0, 0, 0)
    assert book.balance(f"order.escrow.{order.ulid}") == book.balance(f"order.escrow.{order.ulid}", COIN) == 0


def _stock(shop: Shop) -> list[int]:
    return list(Sku.objects.filter(pk__in=[sku.pk for sku in shop.skus]).order_by("pk").values_list("stock", flat=True))


def _closed(shop: Shop) -> None:
    """Seller + awards + pool + house = paid + mall-funded parts on every line; the books and the lots agree."""
    for row in LineSettlement.objects.all():
        line = OrderLine.objects.filter(ulid=row.line_ulid).first()
        if line is None:
            continue
        of_mall = (
            line.platform_discount_amount + line.coin_amount - row.returned_discount_amount - row.returned_coin_amount
        )
        paid = row.cash_amount + row.voucher_amount - row.returned_cash_amount - row.returned_voucher_amount
        parts = row.payable_amount + row.cost_amount + row.awarded_amount + row.pool_amount + row.house_amount
        assert parts + of_mall == paid + of_mall
        if (
            row.seller_id and line.seller["kind"] != "supplier"
        ):  # his part, the take and the channel are all he sold for
            base, cash = paid + of_mall, row.cash_amount - row.returned_cash_amount
            assert row.payable_amount + row.fee_amount + row.payment_fee_amount == base
            assert row.payment_fee_amount == min(cash * 6_000 // 1_000_000, base - row.fee_amount)
            if line.seller["kind"] == "commission":
                assert row.fee_amount == min(base, max(base // 10, 900))
        worth = line.value_amount - row.returned_value_amount
        assert paid + of_mall == worth
    for asset in ("CNY", COIN):
        assert sum(row.posted for row in book.trial_balance() if row.asset == asset) == 0
    assert (book.check_ledger(), book.uncleared(), check_pools()) == ([], [], [])
    assert coin_lots.available(shop.buyer.ulid, now=NOW) == book.balance(wallet_of(shop.buyer.ulid), COIN)
