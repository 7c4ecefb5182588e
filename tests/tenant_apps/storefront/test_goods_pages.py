"""Home, lists, search and product: status, statements, empty states, the other mall, hostile text."""

import pytest
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from saas.kernel.clock import now
from saas.tenants.malls.activation import in_mall
from tenant_apps.catalog import services as catalog_services
from tenant_apps.catalog.rules import Option, PriceTerms, ProductDraft, SkuDraft
from tenant_apps.storefront import context
from tests.factories import catalog, sellers
from tests.factories.browser import MallClient
from tests.statements import counted


@pytest.fixture
def browser(grocery):
    return MallClient()


def shelve(count: int, **changes: object) -> list[str]:
    made = []
    for number in range(count):
        draft = ProductDraft(
            title=f"商品 {number}", skus=(SkuDraft((), 1000 + number, supply_amount=1, stock=5),), **changes
        )
        made.append(catalog.shelved(draft).ulid)
    return made


def test_list_of_twenty_takes_two_statements_and_no_session(browser):
    shelve(23)
    browser.get("/c/")
    with CaptureQueriesContext(connection) as seen:
        answer = browser.get("/c/")
    assert answer.content.count(b'class="card-link"') == 20
    assert len(counted(seen)) == 2, counted(seen)
    assert not any("session" in statement for statement in counted(seen))
    assert "Cookie" not in answer.get("Vary", "") or "django_session" not in str(counted(seen))


def test_product_takes_two_statements_and_no_session(browser):
    product = catalog.shelved()
    browser.get(f"/p/{product.ulid}")
    with CaptureQueriesContext(connection) as seen:
        answer = browser.get(f"/p/{product.ulid}")
    assert answer.status_code == 200
    assert len(counted(seen)) == 2, counted(seen)
    assert not any("session" in statement for statement in counted(seen))


def test_home_takes_three_statements(browser):
    shelve(20)
    browser.get("/")
    with CaptureQueriesContext(connection) as seen:
        assert browser.get("/").status_code == 200
    assert len(counted(seen)) == 3, counted(seen)


def test_goods_without_a_picture_show_the_first_character_of_their_name(browser):
    """On the mall's colour, drawn by the stylesheet: nothing for a screen reader, nothing a title can break out of."""
    catalog.single("橙子")
    hostile = catalog.single('"><script>')
    listed = browser.get("/c/").content.decode()
    assert '<span class="no-picture" aria-hidden="true" data-letter="橙"></span>' in listed
    assert 'data-letter="&quot;"' in listed
    assert 'data-letter="&quot;"' in browser.get(f"/p/{hostile.product.ulid}").content.decode()


def test_infinite_scroll_sends_the_next_cards_alone(browser):
    shelve(23)
    part = browser.get("/c/?page=2", HTTP_HX_REQUEST="true")
    assert part.content.count(b'class="card-link"') == 3
    assert b"<html" not in part.content
    whole = browser.get("/c/?page=2")
    assert b"<html" in whole.content and whole.content.count(b'class="card-link"') == 3


def test_category_page_shows_its_own_goods_only(browser):
    catalog_services.create_category(slug="fruit", name="水果", actor="user:clerk")
    shelve(2, category_slug="fruit")
    shelve(1)
    page = browser.get("/c/fruit").content.decode()
    assert page.count('class="card-link"') == 2 and "水果" in page


@pytest.mark.parametrize("path", ["/c/unknown", "/p/01J00000000000000000000000", "/p/x", "/legal/unknown", "/nowhere"])
def test_what_is_not_there_is_a_friendly_404_in_the_malls_frame(browser, path):
    answer = browser.get(path)
    assert answer.status_code == 404
    assert "Green Basket" in answer.content.decode()


@pytest.mark.parametrize("path", ["/", "/c/", "/search?q=没有", "/search"])
def test_an_empty_mall_says_so_and_offers_a_way_on(browser, path):
    answer = browser.get(path)
    assert answer.status_code == 200 and b"card-link" not in answer.content


@pytest.mark.parametrize("query", ["?page=0", "?page=-1", "?page=x", "?page=99999999", "?sort=;drop"])
def test_odd_addresses_do_no_harm(browser, query):
    shelve(1)
    assert browser.get(f"/c/{query}").status_code == 200
    assert browser.get(f"/search{query}").status_code == 200


def test_a_zero_byte_is_refused_not_an_error(browser):
    assert browser.get("/search?q=%00").status_code == 422
    assert browser.get("/p/%00").status_code in (404, 422)


def test_a_product_of_the_other_mall_does_not_exist_here(grocery, beauty):
    with in_mall(grocery):
        product = catalog.shelved()
        assert MallClient().get(f"/p/{product.ulid}").status_code == 200
    assert MallClient("beauty.localhost").get(f"/p/{product.ulid}").status_code == 404


def test_a_product_off_the_shelf_is_gone(browser):
    product = catalog.shelved()
    catalog_services.take_off_shelf(ulid=product.ulid, actor="user:clerk", now=now())
    assert browser.get(f"/p/{product.ulid}").status_code == 404


def test_hostile_texts_are_shown_not_run(browser):
    evil = '<script>alert(1)</script>"><img src=x onerror=alert(2)>'
    draft = ProductDraft(
        title=evil,
        subtitle=evil,
        description_html=f"<p onclick=alert(3)>ok</p>{evil}<a href='javascript:alert(4)'>x</a>",
        options=(Option('"><script>', ("<b>", "红")),),
        skus=(SkuDraft(("<b>",), 100, supply_amount=1, stock=1), SkuDraft(("红",), 100, supply_amount=1, stock=1)),
    )
    product = catalog.shelved(draft)
    for path in (f"/p/{product.ulid}", "/c/", "/", "/search?q=" + evil[:40]):
        page = browser.get(path).content.decode()
        assert "alert(1)</script>" not in page and "<script>alert" not in page
        assert "<img src=x" not in page and "onclick" not in page and "javascript:" not in page
        assert '"><script>' not in page


def test_a_product_shows_options_price_and_sold_out(browser):
    draft = catalog.apple(
        skus=(SkuDraft(("5斤",), 3990, supply_amount=1, stock=0), SkuDraft(("10斤",), 6990, supply_amount=1, stock=2))
    )
    page = browser.get(f"/p/{catalog.shelved(draft).ulid}").content.decode()
    assert "¥69.90" in page and "chip-out" in page  # the first that can be bought is chosen


def test_pictures_keep_their_place_and_the_first_is_fetched_at_once(browser, tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path
    product = catalog.shelved()
    catalog_services.add_image(
        product_ulid=product.ulid, content=catalog.picture(), content_type="image/jpeg", actor="user:clerk", now=now()
    )
    page = browser.get(f"/p/{product.ulid}").content.decode()
    assert 'rel="preload" as="image"' in page and 'width="640" height="640"' in page and "960.webp 960w" in page
    assert '<source type="image/avif"' in page and "640.avif 640w" in page and "/1600.jpg" in page
    key = page.split('src="/media/')[1].split('"')[0]
    for suffix, kind in (("jpg", "jpeg"), ("webp", "webp"), ("avif", "avif")):
        answer = browser.get(f"/media/{key[:-3]}{suffix}")
        assert (answer.status_code, answer["Content-Type"]) == (200, f"image/{kind}")
    assert "immutable" in answer["Cache-Control"]
    assert MallClient("beauty.localhost").get(f"/media/{key}").status_code == 404
    assert browser.get(f"/media/{key}/../640.webp").status_code == 404


@pytest.mark.parametrize("host", ["grocery.localhost", "beauty.localhost"])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_pages_speak_both_languages_and_wear_the_malls_name_only(grocery, host, language):
    page = MallClient(host).get("/", HTTP_ACCEPT_LANGUAGE=language).content.decode()
    assert {"grocery.localhost": "Green Basket", "beauty.localhost": "Peony Beauty"}[host] in page
    assert "mallwright" not in page.lower()
    assert f'lang="{language}"' in page


def test_a_choice_of_language_is_remembered(browser):
    browser.get("/language/en")
    assert 'lang="en"' in browser.get("/").content.decode()
    browser.get("/language/zh-hans")
    assert 'lang="zh-hans"' in browser.get("/").content.decode()


@pytest.mark.parametrize("kind", ["terms", "privacy", "returns", "about"])
def test_legal_pages_open(browser, kind):
    assert browser.get(f"/legal/{kind}").status_code == 200


def test_the_product_page_names_the_seller_and_else_the_mall(browser):
    from_seller = browser.get(f"/p/{sellers.goods(sellers.opened()).product.ulid}").content.decode()
    assert "西湖茶行" in from_seller
    assert "杭州西湖茶行有限公司,91330100MA27XYZ123" in from_seller
    assert "商城自营，直接发货" not in from_seller
    own = browser.get(f"/p/{catalog.shelved().ulid}").content.decode()
    assert "商城自营，直接发货" in own
    assert "西湖茶行" not in own


def test_a_list_is_narrowed_by_brand_price_and_stock(browser):
    catalog_services.create_brand(slug="tao", name="桃花坞", actor="user:clerk")
    catalog.shelved(catalog.apple(title="贵苹果", brand_slug="tao"))
    catalog.single("便宜苹果", price=500)
    catalog.single("没货苹果", price=600, stock=0)

    def shown(address):
        page = browser.get(address).content.decode()
        return [name for name in ("贵苹果", "便宜苹果", "没货苹果") if f">{name}</span>" in page]

    assert shown("/b/tao") == shown("/c/?brand=tao") == shown("/search?q=苹果&min=30") == ["贵苹果"]
    assert shown("/c/?max=5.5") == ["便宜苹果"]
    assert shown("/search?q=pingguo&max=10&stock=1") == ["便宜苹果"]
    assert shown("/c/?min=x&max=-1&stock=9&brand=") == ["贵苹果", "便宜苹果", "没货苹果"]
    assert "Widen it" in browser.get("/c/?min=9999", HTTP_ACCEPT_LANGUAGE="en").content.decode()
    assert "桃花坞" in browser.get("/b/").content.decode()
    assert browser.get("/b/unknown").status_code == 404
    with CaptureQueriesContext(connection) as seen:
        browser.get("/search?q=苹果&brand=tao")
    assert len(counted(seen)) <= 4, counted(seen)


def test_search_suggests_titles_and_shows_what_many_look_for(browser):
    catalog.single("赣南脐橙")
    catalog.single("<b>橙汁")
    assert browser.get("/search/suggest?q=cz").content.decode() == '<option value="&lt;b&gt;橙汁"></option>'
    assert browser.get("/search/suggest?q=").content == b""
    for _ in range(3):
        browser.get("/search?q=脐橙")
        browser.get("/search?q=13800000001")
        browser.get("/search?q=没有的东西")
    page = browser.get("/search").content.decode()
    assert "/search?q=%E8%84%90%E6%A9%99" in page
    assert "13800000001" not in page and "没有的东西" not in page


def test_a_product_shows_its_quantity_prices_and_what_it_cost_before(browser):
    draft = ProductDraft(
        title="整箱牛奶",
        skus=(SkuDraft((), 5900, 100, stock=9, compare_amount=6900, terms=PriceTerms(tiers=((10, 5500), (50, 4990)))),),
    )
    page = browser.get(f"/p/{catalog.shelved(draft).ulid}").content.decode()
    assert all(text in page for text in ("¥59.00", "¥69.00", "¥55.00", "¥49.90"))


def test_the_mall_and_its_sellers_console_can_be_installed_under_the_malls_own_name(grocery, beauty):
    apps = {"mall": ("Green Basket", "/"), "seller": ("Green Basket for sellers", "/seller")}
    for app, (name, start) in apps.items():
        facts = MallClient().get(f"/{app}.webmanifest", headers={"Accept-Language": "en"})
        assert facts["Content-Type"] == "application/manifest+json"
        told = facts.json()
        assert (told["name"], told["id"], told["start_url"], told["display"]) == (name, start, start, "standalone")
        assert MallClient().get(told["icons"][0]["src"])["Content-Type"] == told["icons"][0]["type"]
    assert MallClient("beauty.localhost").get("/mall.webmanifest").json()["name"] != "Green Basket"
    assert MallClient().get("/other.webmanifest").status_code == 404
    assert b'rel="manifest" href="/mall.webmanifest"' in MallClient().get("/").content
    assert context.brand(RequestFactory().get("/seller/01J/desk"))["app"] == "seller"
