"""MODES 6 to the fen."""

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from saas.kernel.money import pct
from tenant_apps.modes import line_awards, rules
from tenant_apps.modes.contract import (
    AreaFacts,
    BuyerFacts,
    Channel,
    Grade,
    HolderFacts,
    LineFacts,
    OfferFacts,
    Refusal,
    SaleFacts,
    SellerFacts,
    Told,
    UplineFacts,
)
from tenant_apps.modes.gift_pack.mode import GiftPack
from tenant_apps.modes.gift_pack.settings import GiftPackSettings
from tenant_apps.modes.registry import MODES
from tests.cases import cases
from tests.tenant_apps.modes.facts import lines, sales

MODE = GiftPack()
PACK = LineFacts(line="1", level_amount=99900, zone="gift_pack")
AREAS = tuple(
    AreaFacts(grade=grade, code=grade.value, holders=(HolderFacts(grade.value, 1),))
    for grade in (Grade.PROVINCE, Grade.CITY, Grade.DISTRICT, Grade.STREET)
)
B, A = UplineFacts("B", rank=1), UplineFacts("A", rank=3)
SALE = SaleFacts(buyer=BuyerFacts(member="C", rank=3, store="S1", chain=(B, A)), areas=AREAS)


def amounts(awards: object) -> list[tuple[str, str, int]]:
    return [(one.kind, one.payee, one.amount) for one in awards]  # type: ignore[attr-defined]


def test_a_pack_of_999_yuan() -> None:
    awards = MODE.award(GiftPackSettings(), PACK, SALE)
    assert amounts(awards) == [
        ("level1", "B", 9990),
        ("level2", "A", 4995),
        ("V1", "B", 4995),
        ("V3", "A", 4995),
        ("district", "district", 2997),
        ("city", "city", 1998),
        ("province", "province", 999),
    ]
    assert rules.total(awards) == 30969


def test_a_cap_of_a_fifth_cuts_from_the_end() -> None:
    awards = MODE.award(GiftPackSettings(payout_cap_ppm=200_000), PACK, SALE)
    assert amounts(awards) == [("level1", "B", 9990), ("level2", "A", 4995), ("V1", "B", 4995)]
    assert rules.total(awards) == 19980
    awards = MODE.award(GiftPackSettings(payout_cap_ppm=210_000), PACK, SALE)
    assert amounts(awards)[-1] == ("V3", "A", 999)
    assert awards[-1].full_amount == 4995


def test_a_pack_pushes_the_other_modes_aside_but_not_the_pickup() -> None:
    settings = {key: mode.settings() for key, mode in MODES.items()}
    assert line_awards.modes_of_line(settings, PACK) == ["gift_pack", "store_income"]
    sale = SaleFacts(buyer=SALE.buyer, areas=AREAS, pickup_store="S2", pickup_line="1")
    awards = line_awards.awards_of_line(settings, PACK, sale)
    assert [one.kind for one in awards][-2:] == ["province", "pickup"]
    assert line_awards.modes_of_line(settings, LineFacts(line="1", level_amount=1)) == [
        "distribution",
        "store_income",
        "differential",
        "regional",
    ]


def test_levels_are_for_promoters_and_nobody_earns_on_his_own_packs() -> None:
    chain = (UplineFacts("B", promoter=False, rank=1), A)
    sale = SaleFacts(buyer=BuyerFacts(member="C", chain=chain))
    assert amounts(MODE.award(GiftPackSettings(), PACK, sale)) == [
        ("level2", "A", 4995),
        ("V1", "B", 4995),
        ("V3", "A", 4995),
    ]
    own = LineFacts(line="1", level_amount=99900, zone="gift_pack", seller=SellerFacts(member="A"))
    assert amounts(MODE.award(GiftPackSettings(), own, sale)) == [("V1", "B", 4995)]


def test_sharing_a_pack_earns_its_first_level() -> None:
    buyer = BuyerFacts(member="")
    assert MODE.quote(GiftPackSettings(), OfferFacts(sku="s", list_price=99900, zone="gift_pack"), buyer) == (
        MODE.quote(
            GiftPackSettings(level_ppm=(100_000,)), OfferFacts(sku="s", list_price=99900, zone="gift_pack"), buyer
        )
    )
    quote = MODE.quote(GiftPackSettings(), OfferFacts(sku="s", list_price=99900, zone="gift_pack"), buyer)
    assert (quote.unit_price, quote.share_earning) == (99900, 9990)
    assert MODE.quote(GiftPackSettings(), OfferFacts(sku="s", list_price=99900), buyer).share_earning == 0


@pytest.mark.parametrize(
    "values",
    [
        {"payout_cap_ppm": 700_001},
        {"goods_value_min_ppm": 799_999},
        {"level_ppm": [1, 1, 1]},
        {"level_ppm": []},
        {"rank_rate_ppm": {"v1": 100_001}},
        {"area_ppm": {"street": 1}},
        {"max_depth": 4},
    ],
)
def test_refused_settings(values: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        GiftPackSettings.model_validate(values)


def test_flags() -> None:
    codes = [one.code for one in MODE.validate(GiftPackSettings(), Channel(wechat=False, third_level_approved=True))]
    assert codes == ["team_pay", "purchase_grants_rank"]
    on_wechat = MODE.validate(GiftPackSettings(), Channel())
    assert [one.code for one in on_wechat if isinstance(one, Refusal)] == ["levels_on_wechat"]


def test_every_kind_has_its_own_sentence() -> None:
    told = Told(order="M1", product="Pack", buyer="Li**")
    awards = MODE.award(GiftPackSettings(), PACK, SALE)
    said = {one.kind: MODE.explain(one, told) for one in awards}
    assert len({one.text for one in said.values()}) == 3
    assert said["V3"].data["below_amount"] == 4995


@hypothesis.settings(max_examples=cases(200), deadline=None)
@given(lines(), sales(), st.integers(0, 700_000))
def test_a_pack_never_pays_more_than_its_cap(line: LineFacts, sale: SaleFacts, cap: int) -> None:
    awards = MODE.award(GiftPackSettings(payout_cap_ppm=cap), line, sale)
    assert rules.total(awards) <= pct(line.cash, cap)
    assert sale.buyer.member not in {one.payee for one in awards}
    whole = MODE.award(GiftPackSettings(payout_cap_ppm=700_000), line, sale)
    assert [one.payee for one in awards] == [one.payee for one in whole][: len(awards)]
