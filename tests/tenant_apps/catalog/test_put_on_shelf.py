"""A product is made, goes on shelf only when it can be sold, and its card follows every change."""

import pytest

from saas.kernel import clock
from saas.kernel.errors import InvalidInput, NotFound
from saas.kernel.states import IllegalTransition
from tenant_apps.catalog import selectors, services
from tenant_apps.catalog.models import Category, Product, ProductCard, Sku
from tenant_apps.catalog.rules import Option, ProductDraft, ProductStatus, SkuDraft
from tests.factories import catalog

NOW = clock.now()


def test_shelved_product_has_one_card_with_lowest_price_and_all_stock(grocery):
    product = catalog.shelved()
    card = selectors.list_cards().cards[0]
    assert (card.product_ulid, card.title) == (product.ulid, "烟台红富士苹果")
    assert (card.price_amount, card.highest_price_amount, card.stock, card.sold) == (3990, 6990, 150, 0)
    assert ProductCard.objects.count() == 1


def test_draft_is_not_listed_and_its_page_is_not_found(grocery):
    product = services.create_product(draft=catalog.apple(), actor=catalog.ACTOR, now=NOW)
    assert selectors.list_cards().cards == []
    with pytest.raises(NotFound):
        selectors.product_page(product.ulid)
    assert selectors.product_page(product.ulid, any_status=True).on_shelf is False


def test_refuses_a_product_without_sku(grocery):
    product = services.create_product(draft=catalog.apple(skus=()), actor=catalog.ACTOR, now=NOW)
    with pytest.raises(services.ProductWithoutSku) as refused:
        services.put_on_shelf(ulid=product.ulid, actor=catalog.ACTOR, now=NOW)
    assert refused.value.code == "product_without_sku"
    assert Product.objects.get().status == ProductStatus.DRAFT
    assert selectors.list_cards().cards == []


def test_refuses_an_own_sku_without_supply_price_and_names_it(grocery):
    draft = catalog.apple(skus=(SkuDraft(("5斤",), 3990, supply_amount=1), SkuDraft(("10斤",), 6990)))
    product = services.create_product(draft=draft, actor=catalog.ACTOR, now=NOW)
    with pytest.raises(services.SupplyPriceMissing) as refused:
        services.put_on_shelf(ulid=product.ulid, actor=catalog.ACTOR, now=NOW)
    assert refused.value.data["skus"] == "10斤"
    assert Product.objects.get().status == ProductStatus.DRAFT


def test_changing_a_shelved_product_may_not_lose_its_supply_price(grocery):
    product = catalog.shelved()
    with pytest.raises(services.SupplyPriceMissing):
        services.update_product(
            ulid=product.ulid,
            draft=catalog.apple(title="改名", skus=(SkuDraft(("5斤",), 100),)),
            actor=catalog.ACTOR,
            now=NOW,
        )
    assert Product.objects.get().title == "烟台红富士苹果"
    assert [sku.price_amount for sku in catalog.skus(product)] == [3990, 6990]


def test_update_keeps_stock_of_known_skus_and_retires_missing_ones(grocery):
    product = catalog.shelved()
    draft = catalog.apple(
        options=(Option("规格", ("10斤", "20斤")),),
        skus=(
            SkuDraft(("10斤",), 6500, supply_amount=3300, stock=9999),
            SkuDraft(("20斤",), 12000, supply_amount=6000, stock=7),
        ),
    )
    services.update_product(ulid=product.ulid, draft=draft, actor=catalog.ACTOR, now=NOW)
    stored = {sku.option_text: (sku.price_amount, sku.stock, sku.is_active) for sku in Sku.objects.all()}
    assert stored == {"5斤": (3990, 100, False), "10斤": (6500, 50, True), "20斤": (12000, 7, True)}
    card = selectors.list_cards().cards[0]
    assert (card.price_amount, card.stock) == (6500, 57)


def test_off_shelf_recycled_and_restored_follow_the_table(grocery):
    product = catalog.shelved()
    with pytest.raises(IllegalTransition):
        services.recycle_product(ulid=product.ulid, actor=catalog.ACTOR, now=NOW)
    services.take_off_shelf(ulid=product.ulid, actor=catalog.ACTOR, now=NOW)
    assert selectors.list_cards().cards == []
    services.recycle_product(ulid=product.ulid, actor=catalog.ACTOR, now=NOW)
    services.restore_product(ulid=product.ulid, actor=catalog.ACTOR, now=NOW)
    assert Product.objects.get().status == ProductStatus.OFF_SHELF


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"skus": (SkuDraft(("3斤",), 100),)}, "sku_outside_grid"),
        ({"skus": (SkuDraft(("5斤",), 100), SkuDraft(("5斤",), 200))}, "duplicate_sku"),
        ({"options": (Option("规格", ("5斤", "5斤")),)}, "option_values"),
        ({"options": (Option("a", ("1",)), Option("a", ("1",)))}, "option_names"),
        ({"options": tuple(Option(str(n), ("1",)) for n in range(4))}, "too_many"),
    ],
)
def test_refuses_a_grid_that_does_not_fit(grocery, changes, fault):
    with pytest.raises(services.GridInvalid) as refused:
        services.create_product(draft=catalog.apple(**changes), actor=catalog.ACTOR, now=NOW)
    assert refused.value.data["fault"] == fault
    assert not Product.objects.exists()


@pytest.mark.parametrize(
    ("sku", "field"),
    [
        (SkuDraft((), 0), "price_amount"),
        (SkuDraft((), 100, supply_amount=-1), "supply_amount"),
        (SkuDraft((), 100, stock=-1), "stock"),
    ],
)
def test_refuses_figures_out_of_range(grocery, sku, field):
    with pytest.raises(InvalidInput) as refused:
        services.create_product(draft=ProductDraft(title="x", skus=(sku,)), actor=catalog.ACTOR, now=NOW)
    assert refused.value.field == field
    assert not Product.objects.exists()


def test_description_keeps_text_and_loses_scripts(grocery):
    dirty = (
        '<p onclick="x()">好</p><script>alert(1)</script><img src="https://elsewhere/x.png">'
        f'<img src="/media/t/{grocery.ulid}/p/a/640.webp" alt="图"><a href="javascript:1">l</a>'
    )
    product = services.create_product(draft=catalog.apple(description_html=dirty), actor=catalog.ACTOR, now=NOW)
    html = Product.objects.get(pk=product.pk).description_html
    assert "<p>好</p>" in html and f"/media/t/{grocery.ulid}/p/a/640.webp" in html
    assert "script" not in html and "onclick" not in html and "elsewhere" not in html and "javascript" not in html


def test_categories_are_a_tree_of_two(grocery):
    services.create_category(slug="fruit", name="水果", actor=catalog.ACTOR)
    services.create_category(slug="citrus", name="柑橘", parent_slug="fruit", actor=catalog.ACTOR)
    with pytest.raises(services.CategoryTooDeep):
        services.create_category(slug="orange", name="橙", parent_slug="citrus", actor=catalog.ACTOR)
    with pytest.raises(services.SlugTaken):
        services.create_category(slug="citrus", name="柑", actor=catalog.ACTOR)
    assert Category.objects.count() == 2
    catalog.shelved(catalog.apple(category_slug="citrus"))
    assert len(selectors.list_cards(category_slug="fruit").cards) == 1
    assert selectors.category_tree()[0].children[0].name == "柑橘"
