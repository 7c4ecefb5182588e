"""MODES 0 and 1 to the fen: bases, margin of each seller, pot, cut, claw-back, identity."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenant_apps.modes import rules
from tenant_apps.modes.contract import Award, BaseMode, LineFacts, SellerFacts, SellerKind
from tests.cases import cases
from tests.tenant_apps.modes.facts import lines, pot_terms

COMMISSION_20 = SellerFacts(kind=SellerKind.COMMISSION, rate_ppm=200_000)
TAKERS = (SellerKind.COMMISSION, SellerKind.CONCESSION)


def award(amount: int, payee: str = "A") -> Award:
    return Award(
        mode="m",
        kind="level1",
        payee=payee,
        base=BaseMode.PAID,
        base_amount=0,
        rate_ppm=0,
        amount=amount,
        full_amount=amount,
    )


def test_bases_of_the_worked_example() -> None:
    line = LineFacts(
        line="1", level_amount=10000, merchant_discount=1000, coin_amount=500, voucher_amount=2000, supply_cost=4000
    )
    assert rules.base_amount(line, BaseMode.PAID) == 6500
    assert rules.base_amount(line, BaseMode.PROFIT) == 2500
    assert rules.base_amount(line, BaseMode.GROSS) == 10000
    assert rules.base_amount(line, BaseMode.CONCESSION) == 0


def test_own_goods_leave_cash_and_voucher_less_cost() -> None:
    line = LineFacts(line="1", level_amount=10000, voucher_amount=1000, platform_discount=500, supply_cost=4000)
    assert rules.margin(line, rules.PotTerms()).margin == 10000 - 500 - 4000


def test_supplier_gets_the_supply_price_whatever_the_retail_price() -> None:
    seller = SellerFacts(kind=SellerKind.SUPPLIER, supply_price=4000)
    for price in (15000, 12000, 9000):
        of = rules.margin(LineFacts(line="1", level_amount=price, quantity=3, seller=seller), rules.PotTerms())
        assert (of.payable, of.margin, of.funds) == (12000, price - 12000, max(0, price - 12000))


def test_commission_seller_pays_the_fee() -> None:
    of = rules.margin(LineFacts(line="1", level_amount=10000, seller=COMMISSION_20), rules.PotTerms())
    assert (of.payable, of.fee, of.margin) == (8000, 2000, 2000)
    line = LineFacts(
        line="1",
        level_amount=10000,
        platform_discount=1,
        seller=SellerFacts(kind=SellerKind.COMMISSION, rate_ppm=33_333),
    )
    of = rules.margin(line, rules.PotTerms())
    assert (of.fee, of.payable + 600, of.margin) == (333, 10267, 332)


def test_smallest_fee_and_channel_of_a_commission_seller() -> None:
    seller = replace(COMMISSION_20, rate_ppm=50_000, least_fee=500, bears_payment_fee=True)
    terms = rules.PotTerms(payment_fee_ppm=6_000)
    line = LineFacts(line="1", level_amount=5_000, platform_discount=1_000, seller=seller)
    of = rules.margin(line, terms)  # 5 % of 50.00 is 2.50, so 5.00; 0.6 % of the 40.00 in money is 0.24
    assert (of.fee, of.payment_fee, of.payable, of.margin) == (500, 24, 4_476, -500)
    assert rules.shares(line, terms, 0).house == 4_000 - 4_476  # its own coupon, less fee and what the channel took
    half = rules.margin(line, terms, rules.Returned(goods_value=4_600, cash=3_680, platform_discount=920))
    assert (half.fee, half.payment_fee, half.payable) == (400, 0, 0)  # never more than is left
    gone = rules.margin(line, terms, rules.Returned(goods_value=5_000, cash=4_000, platform_discount=1_000))
    assert (gone.fee, gone.payment_fee, gone.payable, gone.margin) == (0, 0, 0, 0)
    by_mall = rules.margin(replace(line, seller=replace(seller, bears_payment_fee=False)), terms)
    assert (by_mall.payment_fee, by_mall.payable) == (0, 4_500)
    dear = rules.margin(LineFacts(line="1", level_amount=10_001, seller=seller), terms)
    assert (dear.fee, dear.payment_fee) == (500, 60)  # both floored


def test_concession_seller_bears_the_channel_of_the_money_alone() -> None:
    seller = SellerFacts(kind=SellerKind.CONCESSION, rate_ppm=200_000, least_fee=500, bears_payment_fee=True)
    line = LineFacts(line="1", level_amount=10_000, voucher_amount=3_000, seller=seller)
    of = rules.margin(line, rules.PotTerms(subsidy=True, payment_fee_ppm=6_000))
    # the pool and the pot know nothing of it: L 14.00, Lv 6.00, and 0.6 % of 70.00
    assert (of.concession, of.fee, of.payment_fee, of.payable, of.margin) == (1_400, 2_000, 42, 7_958, 1_400)


@settings(max_examples=cases(100), deadline=None)
@given(lines(), pot_terms(), st.lists(st.integers(1, 10**5), max_size=5))
def test_fees_shrink_with_refunds_and_are_gone_at_the_end(
    line: LineFacts, terms: rules.PotTerms, steps: list[int]
) -> None:
    done, before = 0, rules.margin(line, terms)
    for step in [*steps, line.goods_value]:
        done = min(line.goods_value, done + step)
        cash, voucher, coin, discount = rules.returned_parts(line, done)
        left = rules.Returned(goods_value=done, cash=cash, voucher=voucher, coin=coin, platform_discount=discount)
        now = rules.margin(line, terms, left)
        assert min(now.fee, now.payment_fee, now.payable) >= 0
        if line.seller.kind in TAKERS:
            back = cash + voucher + coin + discount  # a fen that no part has alone comes back with the last of them
            assert now.payable + now.fee + now.payment_fee == line.goods_value - back
            assert 0 <= done - back <= 2
        if line.seller.kind is SellerKind.COMMISSION:
            assert now.fee <= before.fee
        before = now
    if line.seller.kind in TAKERS:
        assert (before.fee, before.payment_fee, before.payable) == (0, 0, 0)


def test_concession_feeds_the_pool_on_cash_only() -> None:
    seller = SellerFacts(kind=SellerKind.CONCESSION, rate_ppm=200_000)
    line = LineFacts(line="1", level_amount=10001, voucher_amount=3000, seller=seller)
    on = rules.margin(line, rules.PotTerms(subsidy=True))
    assert (on.concession, on.pool_inflow, on.payable, on.margin) == (1400, 840 + 600, 10001 - 2000, 1400)
    off = rules.margin(line, rules.PotTerms())
    assert (off.pool_inflow, off.payable, off.margin) == (0, 8001, 1400)
    assert rules.shares(line, rules.PotTerms(), 0).house == 2000  # Lv stays in the house
    kept = rules.margin(line, rules.PotTerms(subsidy=True, voucher_concession_to_pool=False))
    assert (kept.pool_inflow, kept.payable) == (840, 8601)


def test_the_cut_is_first_come_first_served_and_leaves_zeros_out() -> None:
    cut = rules.cap_total([award(500, "B"), award(200, "A"), award(100, "Z")], 600)
    assert [(one.payee, one.amount, one.full_amount) for one in cut] == [("B", 500, 500), ("A", 100, 200)]
    assert rules.cap_total([award(500)], -3) == ()


def test_house_minimum_is_kept_before_awards() -> None:
    line = LineFacts(line="1", level_amount=10000, supply_cost=4000)
    terms = rules.PotTerms(platform_min_ppm=250_000)
    assert rules.pot(rules.margin(line, terms), terms) == 4500


def test_claw_back_of_the_worked_example() -> None:
    assert rules.claw_back(499, 9999, 3333, 0) == 167
    assert rules.claw_back(499, 9999, 9999, 167) == 332
    with pytest.raises(ValueError, match="above"):
        rules.claw_back(499, 9999, 10000, 0)


@settings(max_examples=cases(100), deadline=None)
@given(lines(), pot_terms())
def test_every_fen_of_a_line_is_somewhere(line: LineFacts, terms: rules.PotTerms) -> None:
    of = rules.margin(line, terms)
    assert line.level_amount == (
        line.merchant_discount + line.platform_discount + line.coin_amount + line.voucher_amount + line.cash
    )
    awards = rules.cap_total([award(line.level_amount), award(7)], rules.pot(of, terms))
    got = rules.shares(line, terms, rules.total(awards))
    assert line.cash + line.voucher_amount == got.payable + got.cost + got.pool + got.awards + got.house
    assert rules.total(awards) <= of.funds
    # the house never pays for awards: only for the mall's own discounts, and the pool's part of a line they ate up
    assert got.house >= min(0, of.margin - of.pool_from_funds)


@settings(max_examples=cases(100), deadline=None)
@given(lines(), st.lists(st.integers(1, 10**6), max_size=6))
def test_partial_refunds_add_up_to_the_whole(line: LineFacts, steps: list[int]) -> None:
    done, before = 0, (0, 0, 0, 0)
    for step in [*steps, line.goods_value]:
        done = min(line.goods_value, done + step)
        parts = rules.returned_parts(line, done)
        assert all(now >= then for now, then in zip(parts[1:], before[1:], strict=True))
        assert 0 <= parts[0] <= line.cash
        before = parts
    assert before == (line.cash, line.voucher_amount, line.coin_amount, line.platform_discount)


@settings(max_examples=cases(100), deadline=None)
@given(st.integers(0, 10**9), st.integers(1, 10**9), st.lists(st.integers(0, 10**9), max_size=8))
def test_claw_backs_add_up_to_exactly_the_award(amount: int, paid: int, refunds: list[int]) -> None:
    taken = refunded = 0
    for refund in [*refunds, paid]:
        refunded = min(paid, refunded + refund)
        back = rules.claw_back(amount, paid, refunded, taken)
        assert back >= 0
        taken += back
        assert taken * paid >= amount * refunded  # rounded up: never less than the share
    assert taken == amount
