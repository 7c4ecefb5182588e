"""MODES 1.2 as pure functions: what goes back adds up, whatever the pieces."""

from hypothesis import given
from hypothesis import strategies as st

from tenant_apps.orders.rules import RefundableLine, default_value, returned_cost, split_refund

FEN = st.integers(0, 1_000_000)


@st.composite
def lines(draw):
    coin, voucher, cash, platform = draw(FEN), draw(FEN), draw(FEN), draw(st.one_of(st.just(0), FEN))
    value = max(1, coin + voucher + cash + platform)
    cash += value - (coin + voucher + cash + platform)
    return RefundableLine(draw(st.integers(1, 99)), value, coin, voucher, cash, draw(FEN))


def _after(line, amounts, qty=0):
    from dataclasses import replace

    return replace(
        line,
        refunded_qty=line.refunded_qty + qty,
        refunded_value_amount=line.refunded_value_amount + amounts.value_amount,
        refunded_cash_amount=line.refunded_cash_amount + amounts.cash_amount,
        refunded_coin_amount=line.refunded_coin_amount + amounts.coin_amount,
        refunded_voucher_amount=line.refunded_voucher_amount + amounts.voucher_amount,
    )


@given(lines(), st.lists(st.integers(1, 500_000), max_size=6))
def test_parts_never_exceed_what_was_paid_and_the_last_one_makes_each_exact(line, values):
    for value in values:
        if line.value_left_amount > value:
            amounts = split_refund(line, value)
            assert min(amounts.cash_amount, amounts.coin_amount, amounts.voucher_amount) >= 0
            line = _after(line, amounts)
            assert line.refunded_cash_amount <= line.cash_amount
            assert line.refunded_coin_amount <= line.coin_amount
            assert line.refunded_voucher_amount <= line.voucher_amount
    line = _after(line, split_refund(line, line.value_left_amount))
    assert line.refunded_cash_amount == line.cash_amount
    assert line.refunded_coin_amount == line.coin_amount
    assert line.refunded_voucher_amount == line.voucher_amount


@given(lines())
def test_whole_refund_at_once_returns_exactly_what_was_paid(line):
    amounts = split_refund(line, line.value_amount)
    assert (amounts.cash_amount, amounts.coin_amount, amounts.voucher_amount) == (
        line.cash_amount,
        line.coin_amount,
        line.voucher_amount,
    )


@given(st.integers(1, 99), st.integers(1, 1_000_000), st.data())
def test_a_cash_line_returns_the_value_itself(qty, cash, data):
    line = RefundableLine(qty, cash, 0, 0, cash, 0)
    value = data.draw(st.integers(1, cash))
    assert split_refund(line, value).cash_amount == value


@given(lines(), st.integers(1, 99))
def test_piece_by_piece_gives_back_the_whole_value(line, step):
    total = 0
    while line.qty_left:
        qty = min(step, line.qty_left)
        value = default_value(line, qty)
        total += value
        if value:
            line = _after(line, split_refund(line, value), qty)
        else:
            line = _after(
                line,
                type("Zero", (), dict.fromkeys(("value_amount", "cash_amount", "coin_amount", "voucher_amount"), 0)),
                qty,
            )
    assert total == line.value_amount


@given(st.integers(1, 99), FEN, st.data())
def test_cost_of_restocked_goods_adds_up(qty, cost, data):
    line = RefundableLine(qty, 100, 0, 0, 100, cost)
    first = data.draw(st.integers(0, qty))
    assert returned_cost(line, 0, first) + returned_cost(line, first, qty - first) == cost


def test_worked_table():
    """The table of docs/vendors/orders.md: a line of 3 pieces, 100.00 in cash, cost 60.00, given back one by one."""
    line = RefundableLine(3, 10_000, 0, 0, 10_000, 6_000)
    seen = []
    for number in range(3):
        value = default_value(line, 1)
        amounts = split_refund(line, value)
        seen.append((amounts.cash_amount, returned_cost(line, number, 1)))
        line = _after(line, amounts, 1)
    assert seen == [(3333, 2000), (3333, 2000), (3334, 2000)]


def test_worked_table_with_coins_and_voucher():
    """Paid 65.00 in cash, 5.00 in coins and 20.00 by voucher; 30.00 of the 90.00 goes back, then the rest."""
    line = RefundableLine(1, 9_000, 500, 2_000, 6_500, 4_000)
    first = split_refund(line, 3_000)
    assert (first.cash_amount, first.coin_amount, first.voucher_amount) == (2_168, 166, 666)
    rest = split_refund(_after(line, first), 6_000)
    assert (rest.cash_amount, rest.coin_amount, rest.voucher_amount) == (4_332, 334, 1_334)
