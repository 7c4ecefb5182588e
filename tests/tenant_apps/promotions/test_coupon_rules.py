"""Coupons on paper: what they cover, what they take off, which are best together."""

import datetime as dt
import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenant_apps.orders import pricing
from tenant_apps.orders.pricing import Discount, PricedLine
from tenant_apps.promotions import rules
from tenant_apps.promotions.rules import Audience, CouponDraft, CouponKind, Fault, Goods, Held, Scope
from tests.cases import cases

NOW = dt.datetime(2026, 11, 22, 4, 0, tzinfo=dt.UTC)
LATER = NOW + dt.timedelta(days=3)


def held(ulid="a", **changes):
    return Held(**{"ulid": ulid, "title": ulid, "amount": 1_000, "expires_at": LATER, **changes})


def goods(key="x", amount=5_000, **changes):
    return Goods(**{"key": key, "product_ulid": f"P{key}", "zone": "self_operated", "level_amount": amount, **changes})


@pytest.mark.parametrize(
    ("coupon", "line", "expected"),
    [
        (held(), goods(), True),
        (held(), goods(zone="gift_pack"), False),
        (held(scope=Scope.ZONES, scope_values=frozenset({"gift_pack"})), goods(zone="gift_pack"), True),
        (held(scope=Scope.ZONES, scope_values=frozenset({"gift_pack"})), goods(), False),
        (held(scope=Scope.PRODUCTS, scope_values=frozenset({"Px"})), goods(), True),
        (held(scope=Scope.CATEGORIES, scope_values=frozenset({"tea"})), goods(categories=("green", "tea")), True),
        (held(scope=Scope.CATEGORIES, scope_values=frozenset({"tea"})), goods(), False),
        (held(scope=Scope.SELLERS, scope_values=frozenset({"S"})), goods(seller_ulid="S"), True),
        (held(seller_ulid="S"), goods(seller_ulid="S"), True),
        (held(seller_ulid="S"), goods(), False),
        (held(seller_ulid="S"), goods(seller_ulid="S", cut_by_seller=False), False),  # he is paid a supply price
    ],
)
def test_a_coupon_covers_what_it_names(coupon, line, expected):
    assert rules.covers(coupon, line) is expected


def test_amounts_thresholds_and_reasons():
    percent = held(kind=CouponKind.PERCENT, amount=0, off_ppm=150_000, cap_amount=700)
    assert [rules.taken_off(percent, rest) for rest in (0, 99, 3_333, 4_667, 99_999)] == [0, 14, 499, 700, 700]
    assert rules.taken_off(held(), 999) == 999  # never more than is left to pay
    below = held(threshold_amount=5_001)
    assert rules.fault(below, [goods()], now=NOW) is Fault.BELOW
    assert rules.missing(below, [goods()]) == 1
    assert rules.fault(held(threshold_amount=5_000), [goods()], now=NOW) is None
    assert rules.fault(held(expires_at=NOW), [goods()], now=NOW) is Fault.EXPIRED
    assert rules.fault(held(seller_ulid="S"), [goods()], now=NOW) is Fault.OTHER_GOODS
    both, faults = rules.apply([held("a"), held("b", amount=9)], [goods()], now=NOW)
    assert [one.coupon.ulid for one in both] == ["a"] and faults == {"b": Fault.ONE_EACH}
    shop = held("s", seller_ulid="S", amount=5_000)
    both, faults = rules.apply([held("m"), shop], [goods(seller_ulid="S")], now=NOW)
    assert [one.coupon.ulid for one in both] == ["s"] and faults == {"m": Fault.NOTHING_LEFT}


def test_best_is_not_always_the_largest_by_itself():
    lines = [goods("x", 1_000, seller_ulid="S"), goods("y", 9_000, seller_ulid="S")]
    mall = held("m", amount=900, scope=Scope.PRODUCTS, scope_values=frozenset({"Px"}))
    narrow = held("n", seller_ulid="S", amount=900, scope=Scope.PRODUCTS, scope_values=frozenset({"Px"}))
    wide = held("w", seller_ulid="S", amount=890, scope=Scope.PRODUCTS, scope_values=frozenset({"Py"}))
    assert {one.ulid for one in rules.best([mall, narrow, wide], lines, now=NOW)} == {"m", "w"}  # 17.90, not 10.00
    assert rules.best([held(threshold_amount=99_999)], lines, now=NOW) == ()


DRAFT = {"title": "券", "amount": 500, "starts_at": NOW, "ends_at": LATER, "threshold_amount": 2_000}
PERCENT = {"kind": CouponKind.PERCENT, "amount": 0, "off_ppm": 100_000, "cap_amount": 500}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({}, ""),
        (PERCENT, ""),
        ({"title": "  "}, "title"),
        ({"amount": 0}, "amount"),
        ({**PERCENT, "off_ppm": 1_000_000}, "off_ppm"),
        ({**PERCENT, "cap_amount": 0}, "cap_amount"),
        ({"seller_ulid": "S", "amount": 1_901}, "threshold_amount"),
        ({"seller_ulid": "S", "amount": 1_900}, ""),
        ({"scope": Scope.ZONES}, "scope"),
        ({"seller_ulid": "S", "scope": Scope.SELLERS, "scope_values": ("S",)}, "scope"),
        ({"audience": Audience.FIRST_PURCHASE, "amount": 2_000}, ""),
        ({"audience": Audience.FIRST_PURCHASE, "amount": 2_001}, "audience"),
        ({"ends_at": NOW}, "ends_at"),
        ({"total_qty": 0}, "total_qty"),
        ({"total_qty": 5, "person_limit": 6}, "person_limit"),
        ({"valid_days": 367}, "valid_days"),
    ],
)
def test_a_draft_names_the_field_that_is_impossible(changes, field):
    assert rules.draft_fault(CouponDraft(**{**DRAFT, **changes}), now=NOW) == field


ISSUERS = ["", "S", "T"]
coupons = st.builds(
    lambda issuer, percent, amount, ppm, threshold: dict(
        seller_ulid=issuer,
        kind=CouponKind.PERCENT if percent else CouponKind.AMOUNT,
        amount=amount,
        off_ppm=ppm,
        cap_amount=amount,
        threshold_amount=threshold,
    ),
    st.sampled_from(ISSUERS),
    st.booleans(),
    st.integers(1, 9_000),
    st.integers(10_000, 950_000),
    st.integers(0, 9_000),
)
baskets = st.lists(st.tuples(st.sampled_from(ISSUERS), st.integers(1, 9_000)), min_size=1, max_size=5)


@settings(max_examples=cases(60), deadline=None)
@given(baskets, st.lists(coupons, max_size=5))
def test_the_best_beats_every_other_choice_and_the_waterfall_takes_exactly_it(basket, wanted):
    lines = [goods(f"k{place}", amount, seller_ulid=seller) for place, (seller, amount) in enumerate(basket)]
    every = [held(f"c{place}", **one) for place, one in enumerate(wanted)]
    found, faults = rules.apply(rules.best(every, lines, now=NOW), lines, now=NOW)
    assert not faults
    worth = sum(one.amount for one in found)
    for size in range(len(every) + 1):
        for some in itertools.combinations(every, size):
            other, refused = rules.apply(some, lines, now=NOW)
            assert refused or sum(one.amount for one in other) <= worth
    discounts = [Discount(one.coupon.ulid, "", one.coupon.funder, one.amount, one.keys) for one in found]
    priced = [PricedLine(line.key, line.level_amount, line.level_amount) for line in lines]
    after = pricing.waterfall(priced, discounts)
    assert sum(share.amount for one in after for share in one.shares) == worth
    assert all(one.amounts.cash_amount >= 0 for one in after)
    for line, one in zip(lines, after, strict=True):
        assert line.level_amount == one.amounts.cash_amount + sum(share.amount for share in one.shares)
