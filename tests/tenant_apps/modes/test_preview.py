"""What would this sale pay, and to whom: by the rules that settle, under what holds and under drafts."""

import datetime as dt
from collections.abc import Iterator

import pytest
from django.utils import translation

from saas.kernel.errors import DomainError, InvalidInput
from tenant_apps.modes import preview, selectors
from tenant_apps.modes.contract import SellerKind
from tenant_apps.modes.distribution.settings import DistributionSettings
from tenant_apps.modes.models import SettingsDraft, SettingsVersion
from tenant_apps.modes.preview import Question
from tests.factories import catalog, sales
from tests.factories.people import make_member

NOW = dt.datetime(2026, 3, 1, 4, 0, tzinfo=dt.UTC)
TYPED = Question(price_amount=10_000, cost_amount=6_000)


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


def ask(question: Question, *drafts: selectors.Drafted) -> preview.Answer:
    facts = preview.imagine(question, now=NOW)
    in_force, drafted = preview.rulebooks(now=NOW, drafted=drafts)
    return preview.answer(question, facts, drafted or in_force)


def told(answer: preview.Answer) -> list[tuple[str, int]]:
    return [(row.payee or row.part, row.amount) for row in answer.rows]


def test_nothing_published_leaves_all_with_the_mall(grocery: object) -> None:
    answer = ask(TYPED)
    assert told(answer) == [("cost", 6_000), ("house", 4_000)]
    assert (answer.paid, answer.funds, answer.awarded, answer.house) == (10_000, 4_000, 0, 4_000)


def test_the_worked_example_of_a_hundred_yuan(grocery: object) -> None:
    sales.publish(now=NOW)
    answer = ask(Question(price_amount=10_000, cost_amount=6_000, ranks=(0, 0)))
    assert told(answer) == [
        ("cost", 6_000),
        ("Promoter of the buyer", 500),
        ("Promoter above him", 200),
        ("house", 3_300),
    ]
    assert sum(row.amount for row in answer.rows) == answer.paid


def test_shows_what_the_pot_cuts(grocery: object) -> None:
    sales.publish(now=NOW)
    answer = ask(Question(price_amount=10_000, cost_amount=9_600, ranks=(0, 0)))
    assert [(row.wanted, row.amount, row.cut) for row in answer.rows if row.part == "award"] == [
        (500, 400, 100),
        (200, 0, 200),
    ]
    assert (answer.pot, answer.cut, answer.house) == (400, 300, 0)


def test_a_draft_is_laid_over_what_holds_and_nothing_is_written(grocery: object) -> None:
    sales.publish(now=NOW)
    draft = selectors.Drafted("distribution", "", DistributionSettings(rate_ppm=(100_000,)))
    before = (SettingsVersion.objects.count(), SettingsDraft.objects.count())
    assert told(ask(TYPED, draft))[1] == ("Promoter of the buyer (V1)", 1_000)
    assert told(ask(TYPED))[1] == ("Promoter of the buyer (V1)", 500)
    zone_only = selectors.Drafted("distribution", "other", DistributionSettings(rate_ppm=(100_000,)))
    assert told(ask(TYPED, zone_only))[1] == ("Promoter of the buyer (V1)", 500)
    assert (SettingsVersion.objects.count(), SettingsDraft.objects.count()) == before


def test_a_real_product_and_a_real_member_with_the_chain_above_him(grocery: object) -> None:
    sales.publish(now=NOW)
    elder = make_member(name="Elder", promoter=True)
    plain = make_member(name="Plain", referrer=elder)
    buyer = make_member(name="Buyer", referrer=plain)
    sku = catalog.single("Tea", price=10_000, supply=4_000)
    answer = ask(Question(sku=sku.ulid, member=buyer.ulid, quantity=2))
    assert answer.title == "Tea"
    assert told(answer) == [("cost", 8_000), ("Elder", 400), ("house", 11_600)]


def test_a_commission_seller_keeps_all_but_the_fee(grocery: object) -> None:
    answer = ask(Question(price_amount=10_000, seller_kind=SellerKind.COMMISSION, seller_rate_ppm=50_000))
    assert told(answer) == [("seller", 9_500), ("house", 500)]


def test_a_discount_of_the_mall_comes_out_of_its_own_part(grocery: object) -> None:
    answer = ask(Question(price_amount=10_000, cost_amount=9_500, discount_amount=1_000))
    assert (answer.paid, answer.funds, answer.house) == (9_000, 0, -500)


@pytest.mark.parametrize(
    ("question", "error", "field"),
    [
        (Question(), InvalidInput, "price_amount"),
        (Question(price_amount=1, quantity=0), InvalidInput, "quantity"),
        (Question(price_amount=1, discount_amount=2), InvalidInput, "discount_amount"),
        (Question(price_amount=1, seller_kind=SellerKind.COMMISSION, seller_rate_ppm=1_000_001), InvalidInput, "seller_rate_ppm"),
        (Question(price_amount=1, ranks=(1, 1, 1, 1)), InvalidInput, "ranks"),
        (Question(sku="0" * 26), InvalidInput, "sku"),
        (Question(price_amount=1, member="0" * 26), InvalidInput, "member"),
    ],
)  # fmt: skip
def test_a_question_without_sense_is_refused_by_name(
    grocery: object, question: Question, error: type[DomainError], field: str | None
) -> None:
    with pytest.raises(error) as refused:
        ask(question)
    assert refused.value.field == field
