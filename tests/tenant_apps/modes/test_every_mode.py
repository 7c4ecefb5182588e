"""What holds for every mode in the registry (STYLE rule 10)."""

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenant_apps.modes import rules
from tenant_apps.modes.contract import Channel, LineFacts, SaleFacts, Sentence, Told
from tenant_apps.modes.registry import MODES, SETTINGS
from tests.cases import cases
from tests.tenant_apps.modes.facts import lines, pot_terms, sales

EVERY_MODE = pytest.mark.parametrize("key", list(MODES))


def drafts(key: str) -> st.SearchStrategy[object]:
    """Settings of a mode: the defaults, and whatever the mode's own strategy gives."""
    model = SETTINGS[key]
    own = {
        "distribution": st.fixed_dictionaries(
            {
                "rate_ppm": st.lists(st.integers(0, 333_333), min_size=1, max_size=3),
                "base": st.sampled_from(["paid", "gross", "profit", "concession"]),
                "self_buy": st.booleans(),
                "who_promotes": st.sampled_from(["registered", "approved", "designated"]),
                "fixed_fen": st.lists(st.integers(0, 50_000), max_size=3),
            }
        ).map(model.model_validate)
    }
    return own.get(key, st.just(model()))


@EVERY_MODE
@hypothesis.settings(max_examples=cases(100), deadline=None)
@given(data=st.data(), line=lines(), sale=sales(), terms=pot_terms())
def test_awards_are_positive_payable_and_taken_back_whole(
    key: str, data: st.DataObject, line: LineFacts, sale: SaleFacts, terms: rules.PotTerms
) -> None:
    mode, settings = MODES[key], data.draw(drafts(key))
    awards = mode.award(settings, line, sale)
    assert awards == mode.award(settings, line, sale)
    assert all(award.amount > 0 and award.mode == key and award.full_amount == award.amount for award in awards)
    of = rules.margin(line, terms)
    cut = rules.cap_total(awards, rules.pot(of, terms))
    assert rules.total(cut) <= of.funds
    for award in cut:
        if line.cash:
            part = data.draw(st.integers(0, line.cash))
            first = mode.claw_back(award.amount, line.cash, part, 0)
            assert first + mode.claw_back(award.amount, line.cash, line.cash, first) == award.amount


@EVERY_MODE
@hypothesis.settings(max_examples=cases(100), deadline=None)
@given(data=st.data(), line=lines(), sale=sales())
def test_only_people_of_the_sale_earn(key: str, data: st.DataObject, line: LineFacts, sale: SaleFacts) -> None:
    known = {sale.buyer.member, sale.buyer.store, sale.pickup_store, *(one.member for one in sale.buyer.chain)}
    known |= {holder.agent for area in sale.areas for holder in area.holders}
    awards = MODES[key].award(data.draw(drafts(key)), line, sale)
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


@EVERY_MODE
@hypothesis.settings(max_examples=cases(100), deadline=None)
@given(data=st.data(), line=lines(), sale=sales())
def test_every_award_has_a_sentence(key: str, data: st.DataObject, line: LineFacts, sale: SaleFacts) -> None:
    mode = MODES[key]
    for award in mode.award(data.draw(drafts(key)), line, sale):
        sentence = mode.explain(award, Told(order="M1", product="Tea", buyer="Li"))
        assert isinstance(sentence, Sentence)
        assert sentence.text.format(**sentence.data)
