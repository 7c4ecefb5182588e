"""Lists and pages take the promised number of statements and find Chinese titles."""

from django.db import connection
from django.test.utils import CaptureQueriesContext

from tenant_apps.catalog import selectors
from tenant_apps.catalog.rules import ProductDraft, SkuDraft
from tests.factories import catalog


def _shelve(*titles: str) -> None:
    for number, title in enumerate(titles):
        catalog.shelved(ProductDraft(title=title, skus=(SkuDraft((), 1000 + number, supply_amount=1, stock=1),)))


def test_list_is_one_statement_and_pages(grocery):
    _shelve(*(f"商品{number}" for number in range(23)))
    with CaptureQueriesContext(connection) as statements:
        first = selectors.list_cards()
    assert len(statements) == 1
    assert (len(first.cards), first.has_next) == (20, True)
    second = selectors.list_cards(page=2)
    assert (len(second.cards), second.has_next) == (3, False)
    assert {card.product_ulid for card in first.cards}.isdisjoint(card.product_ulid for card in second.cards)


def test_product_page_is_one_statement(grocery):
    product = catalog.shelved()
    with CaptureQueriesContext(connection) as statements:
        page = selectors.product_page(product.ulid)
    assert len(statements) == 1
    assert [(sku.option_text, sku.price_amount, sku.stock) for sku in page.skus] == [
        ("5斤", 3990, 100),
        ("10斤", 6990, 50),
    ]


def test_offers_are_one_statement(grocery):
    product = catalog.shelved()
    ulids = [sku.ulid for sku in catalog.skus(product)]
    with CaptureQueriesContext(connection) as statements:
        offers = selectors.offers([*ulids, "unknown"])
    assert len(statements) == 1
    assert set(offers) == set(ulids)
    assert offers[ulids[0]].sellable and offers[ulids[0]].supply_amount == 2000


def test_search_finds_chinese_words_in_any_order_and_nothing_else(grocery):
    _shelve("新疆阿克苏苹果 5斤", "苹果味软糖", "不锈钢保温杯", "保温杯 苹果绿")
    titles = [card.title for card in selectors.list_cards(query="苹果").cards]
    assert set(titles) == {"新疆阿克苏苹果 5斤", "苹果味软糖", "保温杯 苹果绿"}
    assert [card.title for card in selectors.list_cards(query="苹果 保温杯").cards] == ["保温杯 苹果绿"]
    assert selectors.list_cards(query="%").cards == selectors.list_cards(query="\\").cards == []
    assert next(card.title for card in selectors.list_cards(query="苹果", order="price").cards) == "新疆阿克苏苹果 5斤"


def test_search_uses_the_trigram_index(grocery):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("EXPLAIN SELECT * FROM catalog_productcard WHERE search_text LIKE '%阿克苏苹果%'")
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "catalog_card_search" in plan


def test_other_mall_sees_nothing(grocery, beauty):
    from saas.tenants.malls.activation import in_mall

    with in_mall(grocery):
        product = catalog.shelved()
    with in_mall(beauty):
        assert selectors.list_cards().cards == []
        assert selectors.offers([sku for sku in ("x", product.ulid)]) == {}
