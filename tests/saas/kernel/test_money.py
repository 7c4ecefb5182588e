"""Integer money: rounding rules and allocation (MODES 0)."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from saas.kernel import money

amounts = st.integers(0, 10**15)
rates = st.integers(0, 2 * money.PPM)
weights = st.lists(st.integers(0, 10**9), min_size=1, max_size=30)


@given(amounts, rates)
def test_floor_and_ceil_enclose_the_exact_share(amount, rate):
    floor, ceil = money.pct(amount, rate), money.pct_ceil(amount, rate)
    assert floor * money.PPM <= amount * rate <= ceil * money.PPM
    assert ceil - floor == (1 if amount * rate % money.PPM else 0)


@given(amounts, st.lists(rates, max_size=10))
def test_floored_shares_never_exceed_the_whole(amount, shares):
    assume(sum(shares) <= money.PPM)
    assert sum(money.pct(amount, share) for share in shares) <= amount


@given(amounts, weights)
def test_parts_add_up_and_stay_within_one_of_exact(total, parts):
    assume(sum(parts) or not total)
    split = money.allocate(total, parts)
    assert sum(split) == total
    whole = sum(parts) or 1
    assert all(abs(part * whole - total * weight) < whole for part, weight in zip(split, parts, strict=True))


@given(amounts, weights)
def test_equal_weights_prefer_the_lower_position(total, parts):
    split = money.allocate(total, [1] * len(parts))
    assert split == sorted(split, reverse=True)
    assert max(split) - min(split) <= 1


def test_ties_go_to_the_lower_position():
    assert money.allocate(100, [1, 1, 1]) == [34, 33, 33]
    assert money.allocate(2, [1, 1, 1, 1]) == [1, 1, 0, 0]
    assert money.allocate(0, [0, 0]) == [0, 0]


@pytest.mark.parametrize(("total", "parts"), [(1, [0, 0]), (-1, [1]), (1, [-1, 2]), (1, [])])
def test_refuses_to_allocate_nonsense(total, parts):
    with pytest.raises(ValueError):
        money.allocate(total, parts)


@given(st.integers(-(10**15), 10**15))
def test_yuan_reads_back(fen):
    assert money.parse_yuan(money.format_yuan(fen)) == fen


@pytest.mark.parametrize(
    ("text", "fen"), [("12", 1200), ("12.5", 1250), (" 0.01 ", 1), ("-3.20", -320), ("1.500", 150)]
)
def test_reads_yuan_as_people_type_it(text, fen):
    assert money.parse_yuan(text) == fen


@pytest.mark.parametrize("text", ["", "abc", "1.005", "1e3", "NaN", "Infinity", "1,000", "1.2.3"])
def test_refuses_what_is_no_amount(text):
    with pytest.raises(ValueError):
        money.parse_yuan(text)


@pytest.mark.parametrize(("ppm", "text"), [(52_500, "5.25%"), (1_000_000, "100%"), (1, "0.0001%"), (0, "0%")])
def test_shows_rates_as_percent(ppm, text):
    assert money.format_percent(ppm) == text


def test_refuses_negative_shares():
    for verb in (money.pct, money.pct_ceil):
        with pytest.raises(ValueError):
            verb(-1, 5)
        with pytest.raises(ValueError):
            verb(5, -1)
