"""How many coins a line takes, gives and gives back, and when they end (MODES 11a, 11b)."""

import datetime as dt
from zoneinfo import ZoneInfo

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from tenant_apps.modes.coins import rules
from tenant_apps.modes.coins.mode import Coins, borne_by_seller, coins_of, part_of
from tenant_apps.modes.coins.rules import CoinDeduction
from tenant_apps.modes.coins.settings import CoinsSettings
from tenant_apps.modes.contract import BuyerFacts, Channel, LineFacts, LineKind, OfferFacts, SellerFacts, SellerKind
from tenant_apps.orders.rules import RefundableLine, split_refund
from tests.cases import cases

CHINA = ZoneInfo("Asia/Shanghai")


def test_the_worked_examples():
    """99.90, 30 %: of 5000 coins 2997 are used, 29.97 off; of 1000 coins all, 10.00 off (x)."""
    assert rules.coin_deduction(9_990, 5_000) == CoinDeduction(2_997, 2_997)
    assert rules.coin_deduction(9_990, 1_000) == CoinDeduction(1_000, 1_000)
    assert rules.coin_deduction(9_990, 5_000, coin_fen=100) == CoinDeduction(29, 2_900)
    assert rules.line_limits([9_990, 100], [300_000, 0], coin_fen=1) == [2_997, 0]
    assert rules.spread(10, [3, 3, 6]) == [3, 2, 5]
    with pytest.raises(ValueError, match="more coins"):
        rules.spread(13, [3, 3, 6])


def test_coins_are_given_by_line_and_taken_back_rounded_up():
    settings = CoinsSettings(
        coins_per_yuan=1,
        given_overrides=[{"scope": "sku", "key": "S", "rate_ppm": [50_000]}],
        overrides=[
            {"scope": "product", "key": "P", "rate_ppm": [500_000]},
            {"scope": "sku", "key": "S", "rate_ppm": [0]},
        ],
    )
    line = LineFacts(line="1", level_amount=9_999, sku="A", product="P")
    assert coins_of(settings, line, 9_999) == 99
    assert coins_of(settings, LineFacts(line="1", level_amount=1, sku="S"), 9_999) == 499
    for none in ({"zone": "gift_pack"}, {"kind": LineKind.MEMBERSHIP}):
        assert coins_of(settings, LineFacts(line="1", level_amount=1, **none), 9_999) == 0
    assert coins_of(CoinsSettings(enabled=False, coins_per_yuan=1), line, 9_999) == 0
    assert [rules.taken_back(99, 9_999, part) for part in (0, 1, 5_000, 9_999)] == [0, 1, 50, 99]
    offers = [OfferFacts(sku="A", list_price=999, product="P"), OfferFacts(sku="S", list_price=999, product="P")]
    assert [part_of(settings, one) for one in offers] == [500_000, 0]
    assert Coins().quote(settings, offers[0], BuyerFacts(member="")).coin_limit == 499
    assert part_of(settings, OfferFacts(sku="A", list_price=1, zone="gift_pack")) == 0


def test_coins_end_with_the_year_after_next_or_on_the_day():
    at = dt.datetime(2026, 11, 30, 15, 0, tzinfo=CHINA)
    assert rules.expiry(at, months=24, to_year_end=True) == dt.datetime(2029, 1, 1, tzinfo=CHINA)
    assert rules.expiry(at, months=3, to_year_end=False) == dt.datetime(2027, 3, 1, tzinfo=CHINA)
    assert rules.expiry(at, months=1, to_year_end=False) == dt.datetime(2026, 12, 31, tzinfo=CHINA)


def test_what_settings_refuse_and_who_bears():
    for values in (
        {"coins_per_yuan": 100},
        {"coins_per_yuan": 10, "coin_fen": 10},
        {"given_overrides": [{"scope": "sku", "key": "S", "rate_ppm": [1_000_000]}]},
        {"bearer": "the_seller", "most_ppm": 950_001},
        {"bearer": "the_seller", "overrides": [{"scope": "sku", "key": "S", "rate_ppm": [1_000_000]}]},
    ):
        with pytest.raises(ValidationError):
            CoinsSettings.model_validate(values)
    sellers = CoinsSettings(bearer="the_seller", coins_per_yuan=20)
    assert [one.code for one in Coins().validate(sellers, Channel())] == ["sellers_bear_coins", "many_coins"]
    assert Coins().validate(CoinsSettings(), Channel()) == []
    kinds = [kind for kind in SellerKind if borne_by_seller(sellers, kind)]
    assert kinds == [SellerKind.COMMISSION, SellerKind.CONCESSION]
    assert not borne_by_seller(CoinsSettings(), SellerKind.COMMISSION)
    offer = OfferFacts(sku="A", list_price=999, seller=SellerFacts(id="X"))
    assert part_of(CoinsSettings(overrides=[{"scope": "seller", "key": "X", "rate_ppm": [1]}]), offer) == 1


@hypothesis.settings(max_examples=cases(60), deadline=None)
@given(
    coins=st.integers(0, 300),
    fen=st.sampled_from([1, 7, 100]),
    cash=st.integers(0, 20_000),
    discount=st.integers(0, 5_000),
    by_seller=st.booleans(),
    cuts=st.lists(st.integers(1, 10_000), max_size=6),
)
def test_refunds_in_parts_return_every_coin_and_fen(coins, fen, cash, discount, by_seller, cuts):
    mall_part = 0 if by_seller else coins * fen
    value = cash + discount + mall_part
    hypothesis.assume(value)
    back = {"cash": 0, "coin": 0, "count": 0, "value": 0}
    for cut in [*cuts, value]:
        part = min(cut, value - back["value"])
        if not part:
            break
        line = RefundableLine(
            qty=1,
            value_amount=value,
            coin_amount=mall_part,
            voucher_amount=0,
            cash_amount=cash,
            supply_cost_amount=0,
            refunded_value_amount=back["value"],
            refunded_coin_amount=back["coin"],
            refunded_cash_amount=back["cash"],
            coin_count=coins,
            refunded_coin_count=back["count"],
        )
        found = split_refund(line, part)
        assert min(found.cash_amount, found.coin_amount, found.coin_count) >= 0
        assert found.coin_amount == (0 if by_seller else found.coin_count * fen)
        back["cash"] += found.cash_amount
        back["coin"] += found.coin_amount
        back["count"] += found.coin_count
        back["value"] += part
    assert back == {"cash": cash, "coin": mall_part, "count": coins, "value": value}
