"""MODES 4 to the fen."""

import pytest
from pydantic import ValidationError

from tenant_apps.modes.contract import (
    Award,
    BaseMode,
    BuyerFacts,
    Caution,
    Channel,
    LineFacts,
    OfferFacts,
    Refusal,
    SaleFacts,
    SellerFacts,
    Told,
    UplineFacts,
)
from tenant_apps.modes.distribution.mode import Distribution
from tenant_apps.modes.distribution.settings import DistributionSettings

MODE = Distribution()
A, B, Z = UplineFacts("A"), UplineFacts("B"), UplineFacts("Z")


def paid(amount: int, **more: object) -> LineFacts:
    return LineFacts(line="1", level_amount=amount, **more)  # type: ignore[arg-type]


def amounts(awards: object) -> list[tuple[str, int]]:
    return [(award.payee, award.amount) for award in awards]  # type: ignore[attr-defined]


def test_two_levels_of_a_hundred_yuan() -> None:
    awards = MODE.award(DistributionSettings(), paid(10000), SaleFacts(buyer=BuyerFacts(member="C", chain=(B, A))))
    assert amounts(awards) == [("B", 500), ("A", 200)]
    assert [award.kind for award in awards] == ["level1", "level2"]


def test_share_of_somebody_not_eligible_stays_with_the_mall() -> None:
    settings = DistributionSettings(rate_ppm=(50_000, 20_000, 10_000))
    chain = (B, UplineFacts("A", promoter=False), Z)
    assert amounts(MODE.award(settings, paid(9999), SaleFacts(buyer=BuyerFacts(member="C", chain=chain)))) == [
        ("B", 499),
        ("Z", 99),
    ]


def test_a_fourth_rate_is_refused() -> None:
    with pytest.raises(ValidationError) as refused:
        DistributionSettings(rate_ppm=(50_000, 20_000, 10_000, 10_000))
    assert refused.value.errors()[0]["loc"] == ("rate_ppm",)


@pytest.mark.parametrize("rates", [(500_001,), (-1,), (), (400_000, 400_000, 300_000)])
def test_rates_outside_their_range_are_refused(rates: tuple[int, ...]) -> None:
    with pytest.raises(ValidationError):
        DistributionSettings(rate_ppm=rates)


def test_nobody_further_away_than_the_settings_say_earns() -> None:
    awards = MODE.award(DistributionSettings(), paid(10000), SaleFacts(buyer=BuyerFacts(member="C", chain=(B, A, Z))))
    assert amounts(awards) == [("B", 500), ("A", 200)]


def test_the_engine_stops_at_three_levels_whatever_the_settings_hold() -> None:
    smuggled = DistributionSettings.model_construct(**{**dict(DistributionSettings()), "rate_ppm": (10_000,) * 5})
    chain = tuple(UplineFacts(name) for name in "ABCDE")
    assert len(MODE.award(smuggled, paid(10000), SaleFacts(buyer=BuyerFacts(member="M", chain=chain)))) == 3


def test_own_purchase_shifts_the_chain_only_for_an_eligible_buyer() -> None:
    settings = DistributionSettings(self_buy=True)
    assert amounts(
        MODE.award(settings, paid(10000), SaleFacts(buyer=BuyerFacts(member="C", promoter=True, chain=(B, A))))
    ) == [
        ("C", 500),
        ("B", 200),
    ]
    assert amounts(MODE.award(settings, paid(10000), SaleFacts(buyer=BuyerFacts(member="C", chain=(B, A))))) == [
        ("B", 500),
        ("A", 200),
    ]


def test_everybody_registered_may_earn_if_the_mall_says_so() -> None:
    settings = DistributionSettings(who_promotes="registered")
    chain = (UplineFacts("B", promoter=False),)
    assert amounts(MODE.award(settings, paid(10000), SaleFacts(buyer=BuyerFacts(member="C", chain=chain)))) == [
        ("B", 500)
    ]


def test_partners_alone_earn_if_the_mall_says_so_and_the_law_is_named() -> None:
    settings = DistributionSettings(who_promotes="partners", self_buy=True)
    chain = (UplineFacts("B", promoter=True), UplineFacts("A", promoter=False, partner=True))
    sale = SaleFacts(buyer=BuyerFacts(member="C", promoter=True, chain=chain))
    assert amounts(MODE.award(settings, paid(10000), sale)) == [("A", 200)]
    partner = SaleFacts(buyer=BuyerFacts(member="C", level="partner", chain=chain))
    assert amounts(MODE.award(settings, paid(10000), partner)) == [("C", 500)]
    assert "promoter_by_purchase" in [one.code for one in MODE.validate(settings, Channel())]


def test_a_closed_account_earns_nothing_and_nobody_moves_up() -> None:
    settings = DistributionSettings(who_promotes="registered")
    chain = (UplineFacts("B", open=False), A)
    assert amounts(MODE.award(settings, paid(10000), SaleFacts(buyer=BuyerFacts(member="C", chain=chain)))) == [
        ("A", 200)
    ]


def test_a_promoter_never_earns_on_his_own_shop() -> None:
    line = paid(10000, seller=SellerFacts(id="s1", member="B"))
    assert amounts(MODE.award(DistributionSettings(), line, SaleFacts(buyer=BuyerFacts(member="C", chain=(B, A))))) == [
        ("A", 200)
    ]


@pytest.mark.parametrize(
    ("base", "first"), [(BaseMode.PAID, 325), (BaseMode.GROSS, 500), (BaseMode.PROFIT, 125), (BaseMode.CONCESSION, 0)]
)
def test_bases(base: BaseMode, first: int) -> None:
    line = paid(10000, merchant_discount=1000, coin_amount=500, voucher_amount=2000, supply_cost=4000)
    awards = MODE.award(DistributionSettings(base=base), line, SaleFacts(buyer=BuyerFacts(member="C", chain=(B,))))
    assert sum(award.amount for award in awards) == first


def test_the_narrowest_override_wins() -> None:
    overrides = [
        {"scope": "category", "key": "food", "rate_ppm": [10_000]},
        {"scope": "category", "key": "fruit", "rate_ppm": [20_000]},
        {"scope": "product", "key": "p", "rate_ppm": [30_000, 5_000]},
        {"scope": "sku", "key": "s", "rate_ppm": [40_000]},
    ]
    settings = DistributionSettings(overrides=overrides)
    buyer = BuyerFacts(member="C", chain=(B, A))
    fruit = {"categories": ("fruit", "food")}
    assert amounts(MODE.award(settings, paid(10000, **fruit), SaleFacts(buyer=buyer))) == [("B", 200)]
    assert amounts(MODE.award(settings, paid(10000, product="p", **fruit), SaleFacts(buyer=buyer))) == [
        ("B", 300),
        ("A", 50),
    ]
    assert amounts(MODE.award(settings, paid(10000, sku="s", product="p"), SaleFacts(buyer=buyer))) == [("B", 400)]
    assert amounts(MODE.award(settings, paid(10000), SaleFacts(buyer=buyer))) == [("B", 500), ("A", 200)]


def test_fixed_amounts_are_by_piece_and_never_more_than_was_paid() -> None:
    settings = DistributionSettings(fixed_fen=(300, 100))
    buyer = BuyerFacts(member="C", chain=(B, A))
    assert amounts(MODE.award(settings, paid(10000, quantity=2), SaleFacts(buyer=buyer))) == [("B", 600), ("A", 200)]
    assert amounts(MODE.award(settings, paid(350), SaleFacts(buyer=buyer))) == [("B", 300), ("A", 50)]


def test_off_means_nothing() -> None:
    assert not MODE.takes(DistributionSettings(enabled=False), paid(10000))
    assert MODE.takes(DistributionSettings(), paid(10000))
    assert not MODE.takes(DistributionSettings(), paid(10000, zone="gift_pack"))


def test_third_level_is_refused_on_wechat_and_without_the_operators_approval() -> None:
    three = DistributionSettings(rate_ppm=(50_000, 20_000, 10_000))
    for channel, code in (
        (Channel(), "levels_on_wechat"),
        (Channel(wechat=False), "third_level_needs_approval"),
        (Channel(wechat=True, third_level_approved=True), "levels_on_wechat"),
    ):
        refusals = [problem for problem in MODE.validate(three, channel) if isinstance(problem, Refusal)]
        assert [refusal.code for refusal in refusals] == [code]
        assert "rule 1" in refusals[0].message
    approved = MODE.validate(three, Channel(wechat=False, third_level_approved=True))
    assert not [problem for problem in approved if isinstance(problem, Refusal)]


def test_a_third_level_cannot_hide_in_an_override() -> None:
    hidden = DistributionSettings(overrides=[{"scope": "sku", "key": "s", "rate_ppm": [1, 1, 1]}])
    assert any(isinstance(problem, Refusal) for problem in MODE.validate(hidden, Channel()))


def test_team_pay_is_a_caution_one_level_is_not() -> None:
    assert [p.code for p in MODE.validate(DistributionSettings(), Channel())] == ["team_pay"]
    assert isinstance(MODE.validate(DistributionSettings(), Channel())[0], Caution)
    assert not MODE.validate(DistributionSettings(rate_ppm=(50_000,)), Channel())


def test_sharing_an_offer_earns_the_first_level_of_one_piece() -> None:
    assert (
        MODE.quote(DistributionSettings(), OfferFacts(sku="s", list_price=9999), BuyerFacts(member="")).share_earning
        == 499
    )


def test_explains_whose_purchase_and_how_much_of_what() -> None:
    award = Award(
        mode="distribution",
        kind="level1",
        payee="B",
        base=BaseMode.PAID,
        base_amount=10000,
        rate_ppm=50_000,
        amount=500,
        full_amount=500,
    )
    sentence = MODE.explain(award, Told(order="M1", product="Tea", buyer="Li**"))
    assert sentence.data["rate_ppm"] == 50_000
    assert "{buyer}" in sentence.text
    own = MODE.explain(award, Told(order="M1", product="Tea", buyer="Li**", is_own_purchase=True))
    assert "{buyer}" not in own.text


def test_a_seller_adds_nothing_where_levels_of_the_gross_took_all_that_was_paid():
    line, sale = paid(1_667, voucher_amount=1_667), SaleFacts(buyer=BuyerFacts(member="buyer"))
    settings = DistributionSettings(rate_ppm=(4_906,), base="gross", self_buy=True, who_promotes="registered")
    assert line.cash == 0
    assert [(one.kind, one.amount) for one in MODE.award(settings, line, sale)] == [("level1", 8)]
