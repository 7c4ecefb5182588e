"""The grid keeps the SKUs that orders point at; brands, schedules, the bin; level and quantity prices reach the quote."""

import dataclasses
import datetime as dt

import pytest
from django.utils import translation

from saas.kernel import clock
from saas.kernel.errors import InvalidInput
from tenant_apps.catalog import selectors, services
from tenant_apps.catalog.models import Brand, Offer, Product, Sku
from tenant_apps.catalog.rules import Option, PriceTerms, SkuDraft, terms_fault, tier_price
from tenant_apps.modes import quoting
from tenant_apps.modes.contract import BuyerFacts, OfferFacts
from tenant_apps.modes.partner_membership import rules as membership
from tenant_apps.modes.partner_membership.settings import PartnerMembershipSettings
from tests.factories import catalog

NOW = clock.now()


def _update(product, skus, values):
    draft = catalog.apple(options=(Option("规格", values),), skus=skus)
    services.update_product(ulid=product.ulid, draft=draft, actor=catalog.ACTOR, now=NOW)


def test_renamed_and_swapped_values_keep_their_skus_and_stock_moves_by_the_difference(grocery):
    product = catalog.shelved()
    five, ten = catalog.skus(product)
    _update(
        product,
        (
            SkuDraft(("10斤",), 3990, 2000, ulid=five.ulid, stock=103, stock_seen=100, weight_grams=2500),
            SkuDraft(("5斤",), 6990, 3500, ulid=ten.ulid, stock=40, stock_seen=50, code="A-10"),
        ),
        ("10斤", "5斤"),
    )
    stored = {sku.ulid: (sku.option_text, sku.stock, sku.is_active, sku.weight_grams) for sku in Sku.objects.all()}
    assert stored == {five.ulid: ("10斤", 103, True, 2500), ten.ulid: ("5斤", 40, True, 0)}
    offer = selectors.offers([five.ulid])[five.ulid]
    assert (offer.option_text, offer.weight_grams, offer.price_amount) == ("10斤", 2500, 3990)
    # a value that was dropped and comes back is the same SKU again
    _update(product, (SkuDraft(("10斤",), 3990, 2000, ulid=five.ulid),), ("10斤",))
    assert Sku.objects.get(ulid=ten.ulid).is_active is False
    _update(product, (SkuDraft(("10斤",), 3990, 2000), SkuDraft(("5斤",), 7000, 3500)), ("10斤", "5斤"))
    ten.refresh_from_db()
    assert (ten.is_active, ten.stock, Sku.objects.count()) == (True, 40, 2)
    with pytest.raises(services.InsufficientStock):
        _update(product, (SkuDraft(("5斤",), 1, 1, ulid=ten.ulid, stock=0, stock_seen=41),), ("5斤",))
    ten.refresh_from_db()
    assert (ten.stock, Offer.objects.get(sku=ten).price_amount) == (40, 7000)


TERMS = PriceTerms(levels=(("partner", 3500),), tiers=((10, 3800), (50, 3000)))


def test_level_and_quantity_prices_reach_the_quote(grocery):
    product = catalog.shelved(catalog.apple(skus=(SkuDraft(("5斤",), 3990, 2000, stock=9, terms=TERMS),)))
    (sku,) = catalog.skus(product)
    offer = selectors.offers([sku.ulid])[sku.ulid]
    assert offer.terms == TERMS

    def paid(qty):
        return quoting.quote_offers([offer], buyer=quoting.NOBODY, now=NOW, quantities={offer.key: qty})[
            offer.key
        ].unit_amount

    assert [paid(1), paid(9), paid(10), paid(49), paid(50)] == [3990, 3990, 3800, 3800, 3000]
    facts = quoting.facts_of(offer, qty=10)
    rates = PartnerMembershipSettings(enabled=True)
    partner = BuyerFacts(member="", level="partner")
    assert membership.unit_price(rates, facts, partner) == 3500
    assert membership.unit_price(rates, quoting.facts_of(offer, qty=50), partner) == 3000
    assert membership.unit_price(rates, facts, quoting.NOBODY) == 3800
    assert selectors.list_cards().cards[0].level_amount == 3500
    services.set_offer_price(sku_ulid=sku.ulid, price_amount=2900, zone="member", actor=catalog.ACTOR)
    assert selectors.offers([f"{sku.ulid}@member"])[f"{sku.ulid}@member"].terms == PriceTerms()
    with pytest.raises(InvalidInput) as refused:
        services.set_offer_price(sku_ulid=sku.ulid, price_amount=2000, zone="member", terms=TERMS, actor=catalog.ACTOR)
    assert refused.value.field == "level_prices"
    assert Offer.objects.get(sku=sku, zone__key="member").price_amount == 2900


@pytest.mark.parametrize(
    ("terms", "fault"),
    [
        (PriceTerms(levels=(("partner", 101),)), "level_prices"),
        (PriceTerms(levels=(("partner", 0),)), "level_prices"),
        (PriceTerms(tiers=((1, 90),)), "tiers"),
        (PriceTerms(tiers=((2, 100),)), "tiers"),
        (PriceTerms(tiers=((5, 90), (4, 80))), "tiers"),
        (PriceTerms(tiers=((5, 90), (6, 90))), "tiers"),
        (PriceTerms(tiers=tuple((n, 100 - n) for n in range(2, 9))), "tiers"),
        (PriceTerms(levels=(("partner", 100),), tiers=((2, 99), (3, 98))), None),
    ],
)
def test_price_terms_that_do_not_fit_are_named(terms, fault):
    assert terms_fault(terms, 100) == fault


def test_a_price_without_steps_is_the_price():
    assert tier_price(100, PriceTerms(), 1_000) == 100
    assert OfferFacts(sku="x", list_price=1).level_prices == ()


def test_brands_are_found_renamed_and_kept_while_in_use(grocery):
    services.create_brand(slug="tao", name="桃花坞", actor=catalog.ACTOR)
    with pytest.raises(services.BrandTaken):
        services.create_brand(slug="tao2", name="桃花坞", actor=catalog.ACTOR)
    catalog.shelved(catalog.apple(brand_slug="tao"))
    catalog.single("橙子")
    assert [card.title for card in selectors.list_cards(brand_slug="tao").cards] == ["烟台红富士苹果"]
    assert len(selectors.list_cards(query="thw").cards) == 1
    services.change_brand(slug="tao", name="梨园", actor=catalog.ACTOR)
    assert [len(selectors.list_cards(query=word).cards) for word in ("thw", "梨园", "liyuan", "ly")] == [0, 1, 1, 1]
    with translation.override("en"), pytest.raises(services.BrandInUse) as refused:
        services.remove_brand(slug="tao", actor=catalog.ACTOR)
    assert refused.value.text == "“梨园” is carried by 1 products: give them another brand first."
    assert [one.name for one in selectors.brands()] == ["梨园"]
    assert Brand.objects.count() == 1


def test_a_schedule_is_kept_once_and_only_while_it_holds(grocery, drain):
    product = services.create_product(draft=catalog.apple(), actor=catalog.ACTOR, now=NOW)
    soon, later = NOW + dt.timedelta(hours=1), NOW + dt.timedelta(hours=2)

    def plan(on, off):
        services.schedule_shelf(ulid=product.ulid, shelf_at=on, unshelve_at=off, actor=catalog.ACTOR, now=NOW)

    for on, off, field in ((NOW, None, "shelf_at"), (later, soon, "unshelve_at")):
        with pytest.raises(InvalidInput) as refused:
            plan(on, off)
        assert refused.value.field == field
    plan(soon, None)
    plan(later, later + dt.timedelta(hours=1))
    drain(until=soon + dt.timedelta(minutes=1))
    assert Product.objects.get().status == "draft"  # the first plan no longer holds
    drain(until=later + dt.timedelta(minutes=1))
    assert Product.objects.get().status == "on_shelf"
    drain(until=later + dt.timedelta(hours=2))
    product.refresh_from_db()
    assert (product.status, product.shelf_at, product.unshelve_at) == ("off_shelf", None, None)


def test_the_bin_gives_back_and_lets_go_only_what_no_order_names(grocery):
    product = catalog.shelved()
    with pytest.raises(services.ProductNotRecycled):
        services.purge_product(ulid=product.ulid, order_count=0, actor=catalog.ACTOR, now=NOW)
    services.take_off_shelf(ulid=product.ulid, actor=catalog.ACTOR, now=NOW)
    services.recycle_product(ulid=product.ulid, actor=catalog.ACTOR, now=NOW)
    with pytest.raises(services.ProductOrdered):
        services.purge_product(ulid=product.ulid, order_count=2, actor=catalog.ACTOR, now=NOW)
    assert Product.objects.count() == 1
    services.purge_product(ulid=product.ulid, order_count=0, actor=catalog.ACTOR, now=NOW)
    assert not Product.objects.exists() and not Sku.objects.exists()


def test_search_knows_pinyin_initials_codes_and_ranks_exact_before_prefix_before_contains(grocery):
    for title, code in (("红苹果干", ""), ("苹果", ""), ("苹果味软糖", ""), ("保温杯", "BW-500")):
        catalog.shelved(catalog.apple(title=title, options=(), skus=(SkuDraft((), 100, 10, stock=1, code=code),)))

    def found(word, **limits):
        return [card.title for card in selectors.list_cards(query=word, **limits).cards]

    assert found("苹果") == found("pingguo") == ["苹果", "苹果味软糖", "红苹果干"]
    assert found("PG") == ["苹果", "苹果味软糖", "红苹果干"]
    assert found("bwb") == found("bw-500") == found("保温 BW") == ["保温杯"]
    assert found("苹果", lowest_amount=101) == found("苹果", highest_amount=99) == []
    assert len(found("苹果", lowest_amount=100, highest_amount=100, in_stock=True)) == 3
    assert selectors.suggestions("pg") == ["苹果", "苹果味软糖", "红苹果干"]
    assert selectors.suggestions(" ") == selectors.suggestions("%") == []


def test_a_draft_with_all_its_fields_is_stored(grocery):
    draft = dataclasses.replace(
        catalog.apple(),
        tags=("新品", "产地直发", "新品"),
        freight_template="01J00000000000000000000000",
        free_shipping=True,
    )
    product = catalog.shelved(draft)
    assert product.tags == ["新品", "产地直发"]
    (first, *_) = selectors.product_page(product.ulid).offers
    assert (first.freight_template, first.free_shipping) == ("01J00000000000000000000000", True)
    with pytest.raises(InvalidInput) as refused:
        services.create_product(draft=catalog.apple(tags=("x" * 41,)), actor=catalog.ACTOR, now=NOW)
    assert refused.value.field == "tags"
