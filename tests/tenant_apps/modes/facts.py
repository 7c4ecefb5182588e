"""Strategies and builders of facts for the tests of modes."""

from hypothesis import strategies as st

from tenant_apps.modes.contract import (
    AreaFacts,
    BuyerFacts,
    Grade,
    HolderFacts,
    LineFacts,
    SaleFacts,
    SellerFacts,
    SellerKind,
    UplineFacts,
)
from tenant_apps.modes.rules import PotTerms

NAMES = ("A", "B", "C", "D", "E")


def sellers() -> st.SearchStrategy[SellerFacts]:
    return st.builds(
        SellerFacts,
        kind=st.sampled_from(SellerKind),
        rate_ppm=st.integers(0, 300_000),
        supply_price=st.integers(0, 20_000),
        member=st.sampled_from(("", "A")),
        least_fee=st.just(0) | st.integers(0, 10_000),
        bears_payment_fee=st.booleans(),
    )


@st.composite
def lines(draw: st.DrawFn) -> LineFacts:
    """Any line whose amounts satisfy MODES 1: M = Ds + Dp + K + V + C, all of them >= 0."""
    merchant, platform, coin, voucher = (draw(st.integers(0, 5000)) for _ in range(4))
    cash = draw(st.integers(0, 200_000))
    level = merchant + platform + coin + voucher + cash
    return LineFacts(
        line="1",
        list_amount=level + draw(st.integers(0, 1000)),
        level_amount=level,
        merchant_discount=merchant,
        platform_discount=platform,
        coin_amount=coin,
        voucher_amount=voucher,
        supply_cost=draw(st.integers(0, 220_000)),
        quantity=draw(st.integers(1, 5)),
        seller=draw(sellers()),
    )


def pot_terms() -> st.SearchStrategy[PotTerms]:
    return st.builds(
        PotTerms,
        platform_min_ppm=st.integers(0, 500_000),
        subsidy=st.booleans(),
        pool_share_ppm=st.integers(0, 1_000_000),
        voucher_concession_to_pool=st.booleans(),
        payment_fee_ppm=st.integers(0, 20_000),
    )


@st.composite
def sales(draw: st.DrawFn) -> SaleFacts:
    """Any sale: a chain of up to five with ranks, a bound store, areas with holders, perhaps a store that hands over."""
    names = draw(st.lists(st.sampled_from(NAMES), unique=True, max_size=5))
    chain = tuple(
        UplineFacts(name, draw(st.booleans()), True, draw(st.integers(0, 3)), draw(st.booleans())) for name in names
    )
    buyer = BuyerFacts(
        member="buyer",
        promoter=draw(st.booleans()),
        rank=draw(st.integers(0, 3)),
        store=draw(st.sampled_from(("", "S1"))),
        chain=chain,
    )
    areas = tuple(
        AreaFacts(
            grade=grade,
            code=grade.value,
            holders=tuple(
                HolderFacts(f"{grade.value}{number}", draw(st.integers(1, 10_000)))
                for number in range(draw(st.integers(0, 3)))
            ),
            unsold_weight=draw(st.sampled_from((0, 5_000))),
        )
        for grade in Grade
        if draw(st.booleans())
    )
    pickup = draw(st.sampled_from(("", "S1", "S2")))
    return SaleFacts(buyer=buyer, areas=areas, pickup_store=pickup, pickup_line="1" if pickup else "")
