"""The waterfall over many lines: discounts, coins and vouchers exact to the fen, refunds of any order bring all of it back."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenant_apps.orders import pricing
from tenant_apps.orders.pricing import Discount, Funder, PricedLine
from tenant_apps.orders.rules import RefundableLine, split_refund
from tests.cases import cases


def line(key, level, gross=None, **more):
    return PricedLine(key=key, gross_amount=gross or level, level_amount=level, **more)


def test_a_discount_of_the_whole_order_is_spread_by_largest_remainder():
    lines = [line("a", 3_333), line("b", 3_333), line("c", 3_334)]
    found = pricing.waterfall(lines, [Discount("coupon:1", "满减", Funder.MALL, 1_000)])
    assert [one.amounts.platform_discount_amount for one in found] == [333, 333, 334]
    assert [one.amounts.cash_amount for one in found] == [3_000, 3_000, 3_000]


def test_the_sellers_cut_comes_first_and_scopes_hold():
    lines = [line("a", 10_000), line("b", 5_000), line("c", 1_000, discountable=False)]
    found = pricing.waterfall(
        lines,
        [
            Discount("sale:1", "满减", Funder.MALL, 6_000),
            Discount("coupon:2", "店铺券", Funder.SELLER, 8_000, keys=("a",)),
            Discount("coupon:3", "店铺券", Funder.SELLER, 9_999, keys=("b",)),  # more than it is worth: cut
        ],
    )
    rows = [(one.amounts.merchant_discount_amount, one.amounts.platform_discount_amount) for one in found]
    assert rows == [(8_000, 2_000), (5_000, 0), (0, 0)]
    assert pricing.to_json(found[0].shares) == [
        {"source": "coupon:2", "title": "店铺券", "funder": "seller", "amount": 8_000},
        {"source": "sale:1", "title": "满减", "funder": "mall", "amount": 2_000},
    ]


def test_coins_then_vouchers_within_what_each_line_takes():
    lines = [line("a", 10_000, coin_ppm=100_000, voucher_ppm=500_000), line("b", 10_000)]
    found = pricing.waterfall(
        lines, [Discount("x", "x", Funder.MALL, 2_000)], coins=900, voucher_amount=4_050
    )  # 90.00 left of each: coins up to 9.00 of the first, vouchers up to 40.50 of what is then left
    first, second = (one.amounts for one in found)
    assert (first.coin_amount, first.voucher_amount, first.cash_amount) == (900, 4_050, 4_050)
    assert (second.coin_amount, second.voucher_amount, second.cash_amount) == (0, 0, 9_000)
    for more in ({"coins": 901}, {"coins": 900, "voucher_amount": 4_051}):
        with pytest.raises(ValueError, match="more "):
            pricing.waterfall(lines, [Discount("x", "x", Funder.MALL, 2_000)], **more)


@st.composite
def checkouts(draw):
    lines = [
        line(
            str(place),
            draw(st.integers(1, 50_000)),
            coin_ppm=draw(st.sampled_from([0, 100_000, 500_000, 1_000_000])),
            voucher_ppm=draw(st.sampled_from([0, 300_000, 1_000_000])),
        )
        for place in range(draw(st.integers(1, 6)))
    ]
    discounts = [
        Discount(
            f"d{number}",
            "d",
            draw(st.sampled_from(list(Funder))),
            draw(st.integers(0, 60_000)),
            tuple(draw(st.sets(st.sampled_from([one.key for one in lines])))),
        )
        for number in range(draw(st.integers(0, 3)))
    ]
    return lines, discounts, draw(st.floats(0, 1)), draw(st.floats(0, 1)), draw(st.randoms(use_true_random=False))


@settings(max_examples=cases(150), deadline=None)
@given(checkouts())
def test_sums_hold_and_refunds_in_any_order_bring_every_asset_back(given_):
    lines, discounts, coin_part, voucher_part, chance = given_
    bare = pricing.waterfall(lines, discounts)
    left = [one.amounts.cash_amount for one in bare]
    coins = int(sum(pricing.limits(left, [one.coin_ppm for one in lines])) * coin_part)
    found = pricing.waterfall(lines, discounts, coins=coins)
    left = [one.amounts.cash_amount for one in found]
    vouchers = int(sum(pricing.limits(left, [one.voucher_ppm for one in lines])) * voucher_part)
    found = pricing.waterfall(lines, discounts, coins=coins, voucher_amount=vouchers)
    assert sum(one.amounts.coin_amount for one in found) == coins
    assert sum(one.amounts.voucher_amount for one in found) == vouchers
    taken = {one.source: 0 for one in discounts}
    for of_line, after in zip(lines, found, strict=True):
        assert after.amounts.level_amount == of_line.level_amount
        for share in after.shares:
            assert share.amount > 0 and (not share.discount.keys or of_line.key in share.discount.keys)
            taken[share.discount.source] += share.amount
    for one in discounts:
        scope = sum(of_line.level_amount for of_line in lines if not one.keys or of_line.key in one.keys)
        assert taken[one.source] <= min(one.amount, scope)
        if len(discounts) == 1:
            assert taken[one.source] == min(one.amount, scope)
    for after in found:
        _give_back(after.amounts, chance)


def _give_back(amounts, chance):
    """A line's goods value M − Ds in random parts: coins, voucher and cash come back to the fen."""
    whole = amounts.level_amount - amounts.merchant_discount_amount
    row = RefundableLine(
        qty=3,
        value_amount=whole,
        coin_amount=amounts.coin_amount,
        voucher_amount=amounts.voucher_amount,
        cash_amount=amounts.cash_amount,
        supply_cost_amount=0,
    )
    while row.value_left_amount:
        part = chance.randint(1, row.value_left_amount)
        back = split_refund(row, part)
        assert min(back.cash_amount, back.coin_amount, back.voucher_amount) >= 0
        row = RefundableLine(
            **{
                **vars(row),
                "refunded_value_amount": row.refunded_value_amount + part,
                "refunded_coin_amount": row.refunded_coin_amount + back.coin_amount,
                "refunded_voucher_amount": row.refunded_voucher_amount + back.voucher_amount,
                "refunded_cash_amount": row.refunded_cash_amount + back.cash_amount,
            }
        )
    assert (row.refunded_coin_amount, row.refunded_voucher_amount, row.refunded_cash_amount) == (
        amounts.coin_amount,
        amounts.voucher_amount,
        amounts.cash_amount,
    )
