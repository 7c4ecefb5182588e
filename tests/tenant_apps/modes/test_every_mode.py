"""What holds for every mode in the registry (STYLE rule 10)."""

import dataclasses
from collections.abc import Sequence
from dataclasses import replace

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenant_apps.modes import line_awards, rules, worst_case
from tenant_apps.modes.contract import GIFT_PACK_ZONE, Award, Channel, Grade, LineFacts, SaleFacts, Sentence, Told
from tenant_apps.modes.registry import MODES, RANKED, SETTINGS
from tests.cases import cases
from tests.tenant_apps.modes.facts import lines, pot_terms, sales

EVERY_MODE = pytest.mark.parametrize("key", list(MODES))

BASES = st.sampled_from(["paid", "gross", "profit", "concession"])


def rising(parts: int, most: int = 500_000) -> st.SearchStrategy[list[int]]:
    return st.lists(st.integers(0, most), min_size=parts, max_size=parts).map(sorted)


def rank_rates() -> st.SearchStrategy[dict[str, int]]:
    return rising(3).map(lambda rates: dict(zip(("v1", "v2", "v3"), rates, strict=True)))


OWN_DRAFTS: dict[str, st.SearchStrategy[dict[str, object]]] = {
    "distribution": st.fixed_dictionaries(
        {
            "rate_ppm": st.lists(st.integers(0, 333_333), min_size=1, max_size=3),
            "base": BASES,
            "self_buy": st.booleans(),
            "who_promotes": st.sampled_from(["registered", "approved", "designated", "partners"]),
            "fixed_fen": st.lists(st.integers(0, 50_000), max_size=3),
        }
    ),
    "differential": st.fixed_dictionaries(
        {
            "rank_rate_ppm": rank_rates(),
            "max_depth": st.integers(1, 3),
            "peer_ppm": st.integers(0, 500_000),
            "include_buyer_rank": st.booleans(),
            "base": BASES,
        }
    ),
    "gift_pack": st.fixed_dictionaries(
        {
            "level_ppm": st.lists(st.integers(0, 500_000), min_size=1, max_size=2),
            "rank_rate_ppm": rank_rates(),
            "max_depth": st.integers(1, 3),
            "area_ppm": st.fixed_dictionaries(
                {grade: st.integers(0, 100_000) for grade in ("district", "city", "province")}
            ),
            "payout_cap_ppm": st.integers(0, 700_000),
        }
    ),
    "regional": st.fixed_dictionaries(
        {
            "rate_ppm": st.fixed_dictionaries({grade.value: st.integers(0, 100_000) for grade in Grade}),
            "mode": st.sampled_from(["independent", "differential"]),
            "base": st.sampled_from(["by_seller", "paid", "gross", "profit", "concession"]),
            "unsold_share": st.sampled_from(["platform", "owners"]),
        }
    ),
    "store_income": st.fixed_dictionaries(
        {
            "rate_ppm": st.just(0) | st.integers(30_000, 200_000),
            "pickup_fen": st.integers(0, 1_000),
            "pickup_ppm": st.integers(0, 200_000),
        }
    ),
    "link21": st.fixed_dictionaries(
        {
            "enabled": st.just(True),
            "products": st.just(["p"]),
            "direct_fen": st.integers(0, 20_000),
            "see_fen": st.integers(0, 20_000),
        }
    ),
}


def drafts(key: str) -> st.SearchStrategy[object]:
    """Settings of a mode: the defaults, and whatever the mode's own strategy gives."""
    model = SETTINGS[key]
    own = OWN_DRAFTS.get(key)
    return own.map(model.model_validate) if own is not None else st.just(model())


# All modes on the same sale: to draw one costs more than what twelve modes make of it.
@hypothesis.settings(max_examples=cases(100), deadline=None)
@given(data=st.data(), line=lines(), sale=sales(), terms=pot_terms())
def test_awards_are_payable_taken_back_whole_told_and_for_people_of_the_sale(
    data: st.DataObject, line: LineFacts, sale: SaleFacts, terms: rules.PotTerms
) -> None:
    part = data.draw(st.integers(0, line.cash))
    for key, mode in MODES.items():
        settings = data.draw(drafts(key))
        awards = mode.award(settings, line, sale)
        assert awards == mode.award(settings, line, sale), key
        assert all(award.amount > 0 and award.mode == key and award.full_amount >= award.amount for award in awards)
        only_people_of_the_sale_earn(awards, line, sale)
        for award in awards:
            sentence = mode.explain(award, Told(order="M1", product="Tea", buyer="Li"))
            assert isinstance(sentence, Sentence)
            assert sentence.text.format(**sentence.data)
        of = rules.margin(line, terms)
        cut = rules.cap_total(awards, rules.pot(of, terms))
        assert rules.total(cut) <= of.funds, key
        for award in cut:
            if line.cash:
                first = mode.claw_back(award.amount, line.cash, part, 0)
                assert first + mode.claw_back(award.amount, line.cash, line.cash, first) == award.amount, key


def only_people_of_the_sale_earn(awards: Sequence[Award], line: LineFacts, sale: SaleFacts) -> None:
    known = {"", sale.buyer.member, sale.buyer.store, sale.pickup_store, *(one.member for one in sale.buyer.chain)}
    known |= {holder.agent for area in sale.areas for holder in area.holders}
    assert {award.payee for award in awards} <= known
    assert len({(award.kind, award.payee) for award in awards}) == len(awards)
    assert line.seller.member not in {award.payee for award in awards} - {""}


@EVERY_MODE
def test_the_defaults_are_publishable_and_described(key: str) -> None:
    mode = MODES[key]
    settings = mode.settings()
    assert all(field.title and field.description for field in mode.settings.model_fields.values())
    for problem in mode.validate(settings, Channel()):
        assert problem.code
        assert problem.message.format(**problem.data)


@hypothesis.settings(max_examples=cases(200), deadline=None)
@given(data=st.data(), line=lines(), sale=sales())
def test_nothing_pays_more_than_the_worst_case(data: st.DataObject, line: LineFacts, sale: SaleFacts) -> None:
    """One piece without discount, coins or voucher: whoever is above the buyer and holds his areas (MODES 1)."""
    zone = data.draw(st.sampled_from(["self_operated", GIFT_PACK_ZONE]))
    piece = LineFacts(
        line="1", level_amount=line.cash, supply_cost=line.supply_cost, seller=line.seller, product="p", zone=zone
    )
    settings = {key: data.draw(drafts(key)) for key in MODES if data.draw(st.booleans())}
    awarded = rules.total(line_awards.awards_of_line(settings, piece, sale))
    worst = line_awards.awards_of_line(settings, piece, replace(worst_case.everybody(), pickup_line="1"))
    assert awarded <= rules.total(worst)


@hypothesis.settings(max_examples=cases(100), deadline=None)
@given(data=st.data(), line=lines(), sale=sales(), rank=st.integers(0, 3))
def test_modes_that_are_not_ranked_award_alike_whatever_the_ranks_above(
    data: st.DataObject, line: LineFacts, sale: SaleFacts, rank: int
) -> None:
    chain = tuple(dataclasses.replace(one, rank=rank) for one in sale.buyer.chain)
    other = dataclasses.replace(sale, buyer=dataclasses.replace(sale.buyer, chain=chain))
    for key, mode in MODES.items():
        if key not in RANKED:
            settings = data.draw(drafts(key))
            assert mode.award(settings, line, sale) == mode.award(settings, line, other), key
