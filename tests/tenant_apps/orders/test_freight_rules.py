"""Freight templates to the fen: by piece and by weight, by region, free from a threshold on, spread over lines."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenant_apps.orders import freight
from tenant_apps.orders.freight import Basis, Rate, Sent, Template
from tests.cases import cases

GUANGDONG, GUANGZHOU, SHENZHEN, TIBET, BEIJING = "440000", "440100", "440300", "540000", "110000"
BY_PIECE = Template(
    "T1",
    "按件",
    Basis.PIECE,
    (
        Rate(first=1, first_amount=800, next=2, next_amount=300),
        Rate(first=2, first_amount=500, next=1, next_amount=100, regions=(GUANGDONG,), free_from_amount=9_900),
        Rate(first=99, first_amount=0, regions=(GUANGZHOU,)),
    ),
    unreachable=(TIBET,),
)
BY_WEIGHT = Template(
    "T2",
    "按重",
    Basis.WEIGHT,
    (Rate(first=1_000, first_amount=1_000, next=500, next_amount=250, free_from_count=20_000),),
)


def line(qty=1, grams=0, worth=1_000, cash=None):
    return Sent(qty, grams, worth, worth if cash is None else cash)


@pytest.mark.parametrize(
    ("template", "lines", "place", "fen"),
    [
        (BY_PIECE, [line(1)], (BEIJING, "110100"), 800),
        (BY_PIECE, [line(2)], (BEIJING, "110100"), 1_100),  # one piece more is a begun pair
        (BY_PIECE, [line(1), line(2)], (BEIJING, "110100"), 1_100),
        (BY_PIECE, [line(4)], ("", ""), 1_400),  # the place is not known yet
        (BY_PIECE, [line(4, worth=9_899)], (GUANGDONG, SHENZHEN), 700),
        (BY_PIECE, [line(4, worth=9_900)], (GUANGDONG, SHENZHEN), 0),
        (BY_PIECE, [line(4, worth=1)], (GUANGDONG, GUANGZHOU), 0),  # the city beats the province
        (BY_PIECE, [line(1)], (TIBET, "540100"), None),
        (BY_WEIGHT, [line(1, 1_000)], (BEIJING, "110100"), 1_000),
        (BY_WEIGHT, [line(1, 1_001)], (BEIJING, "110100"), 1_250),
        (BY_WEIGHT, [line(3, 333), line(1, 502)], (BEIJING, "110100"), 1_500),  # 1 501 g
        (BY_WEIGHT, [line(2, 10_000)], (BEIJING, "110100"), 0),
        (BY_WEIGHT, [line(2, 0)], (BEIJING, "110100"), 1_000),
        (freight.flat(800, 9_900), [line(3, worth=9_899)], (TIBET, "540100"), 800),
        (freight.flat(800, 9_900), [line(3, worth=9_900)], ("", ""), 0),
        (freight.flat(800, None), [line(3, worth=99_000)], ("", ""), 800),
    ],
)
def test_examples(template, lines, place, fen):
    assert freight.quote(template, lines, province_code=place[0], city_code=place[1]) == fen


def test_a_template_without_a_rate_for_everywhere_else_reaches_its_regions_alone():
    only = Template("T", "华南", Basis.PIECE, (Rate(1, 500, regions=(GUANGDONG,)),))
    assert freight.quote(only, [line()], province_code=GUANGDONG, city_code=SHENZHEN) == 500
    assert freight.quote(only, [line()], province_code=BEIJING, city_code="110100") is None


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": " "}, "name"),
        ({"rates": ()}, "rates"),
        ({"rates": (Rate(1, 1), Rate(1, 2))}, "rates"),
        ({"rates": (Rate(1, 1, regions=(GUANGDONG,)), Rate(1, 2, regions=(GUANGDONG,)))}, "regions"),
        ({"rates": (Rate(1, 1, regions=("440106",)),)}, "regions"),
        ({"rates": (Rate(0, 1),)}, "first"),
        ({"rates": (Rate(1, -1),)}, "first"),
        ({"rates": (Rate(1, 1, 0, 5),)}, "next"),
        ({"rates": (Rate(1, 1, free_from_amount=0),)}, "free_from"),
        ({"unreachable": ("54",)}, "unreachable"),
        ({"unreachable": (GUANGDONG,)}, "unreachable"),
    ],
)
def test_a_template_that_cannot_be_names_its_field(change, field):
    assert freight.fault(BY_PIECE) is None and freight.fault(BY_WEIGHT) is None
    assert freight.fault(Template(**{**vars(BY_PIECE), **change})) == field


@settings(max_examples=cases(50), deadline=None)
@given(st.integers(0, 100_000), st.lists(st.integers(0, 10_000), min_size=1, max_size=8))
def test_freight_is_spread_whole(amount, cash):
    parts = freight.spread(amount, [line(worth=one, cash=one) for one in cash])
    assert sum(parts) == amount and len(parts) == len(cash) and min(parts) >= 0
    stored = freight.rates_from_json(freight.rates_to_json(BY_PIECE.rates))
    assert stored == BY_PIECE.rates
