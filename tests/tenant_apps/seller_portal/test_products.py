"""A shop's own products: entered, looked at by the mall, live only as approved; bounds; the queue of the back office."""

import dataclasses
import datetime as dt
import io
import json

import openpyxl
import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from saas.identity.models import AuditRecord
from saas.identity.roles import Role
from saas.kernel import clock
from saas.kernel.errors import InvalidInput
from saas.messaging.notices.models import Notice
from tenant_apps.catalog import drafts
from tenant_apps.catalog import services as catalog
from tenant_apps.catalog.models import Category, Product, ProductCard, ProductImage, Sku
from tenant_apps.catalog.rules import PriceTerms
from tenant_apps.sellers import services
from tenant_apps.sellers.listing import ListingRule, Look, needs_look
from tenant_apps.sellers.services import counting
from tests.factories import sales
from tests.factories import sellers as sold
from tests.factories.browser import MallClient
from tests.factories.catalog import picture
from tests.factories.people import make_member, make_staff

NOW = clock.now()
RULE = ListingRule(look=Look.ALL, products_max=500, price_min_amount=1)


def browse(user):
    client = MallClient(HTTP_ACCEPT_LANGUAGE="en")
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
    return client


@pytest.fixture
def shop(grocery, settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path)
    return sold.opened(owner=make_member(name="店主").ulid, now=NOW)


@pytest.fixture
def owner(shop):
    return browse(shop.owner.user)


@pytest.fixture
def goods_staff(shop):
    return browse(make_staff(Role.GOODS))


def typed(title="影青盖碗", *, price="100", stock="50", sku="", seen="", **more):
    cell = {"values": [], "price": price, "stock": stock, "supply": more.pop("supply", "")}
    cell |= {"ulid": sku, "seen": seen} if sku else {}
    return {
        "title": title,
        "description_html": "手工拉坯。",
        "grid": json.dumps({"options": [], "skus": [cell]}),
        **more,
    }


def file(name="a.png"):
    return SimpleUploadedFile(name, picture((600, 600), "PNG"), "image/png")


def listed(shop, owner, **more):
    """A product entered by the shop, with a picture."""
    answer = owner.post(f"/seller/{shop.ulid}/products/new", typed(**more))
    assert answer.status_code == 302, answer.content.decode()[:3000]
    page = answer["Location"]
    owner.post(f"{page}/pictures", {"images": file()})
    return page, Product.objects.get(ulid=page.rsplit("/", 1)[1])


def token(page):
    return page.content.decode().split('name="seen" value="')[1].split('"')[0].replace("&#x27;", "'")


def test_a_product_is_entered_looked_at_and_only_then_on_sale(shop, owner, goods_staff):
    assert "No products here." in owner.get(f"/seller/{shop.ulid}/products").content.decode()
    page, product = listed(shop, owner)
    assert (product.status, product.seller_ulid, ProductImage.objects.filter(product=product).count()) == (
        "draft", shop.ulid, 1,
    )  # fmt: skip
    assert "Send to the mall" in owner.get(page).content.decode()
    owner.post(f"{page}/step", {"step": "submit"})
    product.refresh_from_db()
    assert (product.status, product.review_state) == ("draft", "waiting")
    queue, one = reverse("backoffice:listings"), reverse("backoffice:listing", args=[product.ulid])
    assert product.title in goods_staff.get(queue).content.decode()
    step = reverse("backoffice:listing_step", args=[product.ulid])
    seen = token(goods_staff.get(one))
    goods_staff.post(step, {"step": "return", "seen": seen, "reason": " "})
    assert Product.objects.get().review_state == "waiting"
    goods_staff.post(step, {"step": "return", "seen": seen, "reason": "请写明产地"})
    product.refresh_from_db()
    assert (product.status, product.review_state) == ("draft", "returned")
    assert "The mall gave it back: 请写明产地" in owner.get(page).content.decode()
    assert "Products given back by the mall" in owner.get(f"/seller/{shop.ulid}/desk").content.decode()
    assert Notice.objects.filter(kind="product_answered").count() == 1
    sku = Sku.objects.get()
    owner.post(page, typed("景德镇影青盖碗", sku=sku.ulid, seen="50"))
    owner.post(f"{page}/step", {"step": "submit"})
    goods_staff.post(step, {"step": "approve", "seen": seen})  # what staff saw is not what waits
    assert Product.objects.get().status == "draft"
    goods_staff.post(step, {"step": "approve", "seen": token(goods_staff.get(one))})
    product.refresh_from_db()
    assert (product.status, product.review_state, product.review, product.title) == (
        "on_shelf", "", None, "景德镇影青盖碗",
    )  # fmt: skip
    assert ProductCard.objects.get(product=product).is_visible
    actions = AuditRecord.objects.filter(target=f"product:{product.ulid}", action__startswith="product.change_")
    assert list(actions.order_by("pk").values_list("action", flat=True)) == [
        "product.change_asked", "product.change_returned", "product.change_asked", "product.change_asked",
        "product.change_approved",
    ]  # fmt: skip


def test_what_is_live_stays_live_while_a_change_is_looked_at(shop, owner, goods_staff):
    page, product = listed(shop, owner)
    owner.post(f"{page}/step", {"step": "submit"})
    one, step = (reverse(f"backoffice:{name}", args=[product.ulid]) for name in ("listing", "listing_step"))
    goods_staff.post(step, {"step": "approve", "seen": token(goods_staff.get(one))})
    sku = Sku.objects.get()
    owner.post(page, typed("影青盖碗 礼盒", price="120", stock="45", sku=sku.ulid, seen="50"))
    owner.post(f"{page}/pictures", {"images": file("b.png")})
    product.refresh_from_db()
    sku.refresh_from_db()
    assert (product.title, sku.price_amount, sku.stock, product.review_state) == ("影青盖碗", 10_000, 45, "waiting")
    card = ProductCard.objects.get(product=product)
    assert (card.title, card.price_amount, card.stock, card.is_visible) == ("影青盖碗", 10_000, 45, True)
    assert ProductImage.objects.filter(product=product).count() == 1
    shown = owner.get(page).content.decode()
    assert "Your change waits for the mall." in shown and "影青盖碗 礼盒" in shown
    staff_page = goods_staff.get(one)
    for text in ("<del>影青盖碗</del>", "<ins>影青盖碗 礼盒</ins>", "<del>¥100.00</del>", "<ins>¥120.00</ins>"):
        assert text in staff_page.content.decode(), text
    catalog.change_stock(sku_ulid=sku.ulid, delta=-5, reason="卖出", actor="user:x", now=NOW)
    goods_staff.post(step, {"step": "approve", "seen": token(staff_page)})
    product.refresh_from_db()
    sku.refresh_from_db()
    assert (product.title, sku.price_amount, sku.stock, product.review_state) == ("影青盖碗 礼盒", 12_000, 40, "")
    assert ProductImage.objects.filter(product=product).count() == 2
    # Stock alone is counted, not asked for; and what is asked can be taken back.
    owner.post(page, typed("影青盖碗 礼盒", price="120", stock="60", sku=sku.ulid, seen="40"))
    product.refresh_from_db()
    sku.refresh_from_db()
    assert (sku.stock, product.review_state) == (60, "")
    owner.post(page, typed("别的", price="120", stock="60", sku=sku.ulid, seen="60"))
    owner.post(f"{page}/step", {"step": "withdraw"})
    product.refresh_from_db()
    assert (product.title, product.review_state, product.review) == ("影青盖碗 礼盒", "", None)
    pictures = list(ProductImage.objects.filter(product=product).order_by("position").values_list("ulid", flat=True))
    owner.post(f"{page}/pictures", {"remove": pictures[0]})
    assert ProductImage.objects.filter(product=product).count() == 2
    goods_staff.post(step, {"step": "approve", "seen": token(goods_staff.get(one))})
    assert list(ProductImage.objects.filter(product=product).values_list("ulid", flat=True)) == pictures[1:]
    owner.post(f"{page}/step", {"step": "off"})
    owner.post(f"{page}/step", {"step": "drop"})
    assert Product.objects.get().status == "recycled" and owner.get(page).status_code == 404


def test_bounds_are_named_and_change_nothing(shop, owner):
    draft = drafts.from_json(
        drafts.to_json(drafts.draft_of(sold.goods(shop, title="种子", now=NOW).product)), seller_ulid=""
    )
    Product.objects.all().update(status="recycled")
    tea = Category.objects.create(slug="tea", name="茶叶")
    Category.objects.create(slug="wine", name="酒")
    services.limit_categories(seller_ulid=shop.ulid, categories=["tea"], actor="user:x", now=NOW)
    new = f"/seller/{shop.ulid}/products/new"
    refused = owner.post(new, typed(category="wine"))
    assert refused.status_code == 422 and Product.objects.count() == 1
    assert "酒" not in owner.get(new).content.decode()
    rule = dataclasses.replace(RULE, price_min_amount=5_000, products_max=1)
    entry = {"seller_ulid": shop.ulid, "actor": "member:x", "now": NOW}
    draft = dataclasses.replace(draft, category_slug=tea.slug, skus=(dataclasses.replace(draft.skus[0], ulid=""),))
    cheap = dataclasses.replace(draft, skus=(dataclasses.replace(draft.skus[0], price_amount=4_999),))
    with pytest.raises(InvalidInput, match=r"50\.00"):
        services.create_listing(**entry, draft=cheap, rule=rule)
    services.create_listing(**entry, draft=draft, rule=rule)
    with pytest.raises(services.ListingsFull):
        services.create_listing(**entry, draft=draft, rule=rule)
    assert Product.objects.exclude(status="recycled").count() == 1


def test_pictures_come_first_and_another_shops_product_is_not_found(shop, owner):
    answer = owner.post(f"/seller/{shop.ulid}/products/new", typed())
    page = answer["Location"]
    owner.post(f"{page}/step", {"step": "submit"})
    assert Product.objects.get().review_state == ""
    other = sold.opened(owner=make_member(name="同行").ulid, name="别家", now=NOW)
    theirs = sold.goods(other, title="龙井", now=NOW).product
    for suffix in ("", "/step", "/pictures"):
        address = f"/seller/{shop.ulid}/products/{theirs.ulid}{suffix}"
        assert owner.post(address, {**typed("偷"), "step": "off", "remove": "x"}).status_code == 404, address
    theirs.refresh_from_db()
    assert (theirs.title, theirs.status) == ("龙井", "on_shelf")


def test_the_mall_may_look_at_less_but_always_at_a_supply_price(shop, owner):
    assert [needs_look(RULE, "commission", NOW), needs_look(RULE, "commission", None)] == [True, True]
    new = dataclasses.replace(RULE, look=Look.NEW)
    assert [needs_look(new, "commission", NOW), needs_look(new, "commission", None)] == [False, True]
    none = dataclasses.replace(RULE, look=Look.NONE)
    assert [needs_look(none, "commission", None), needs_look(none, "supplier", NOW)] == [False, True]
    _page, product = listed(shop, owner)
    who = {"seller_ulid": shop.ulid, "product_ulid": product.ulid, "rule": none, "actor": "member:x", "now": NOW}
    assert services.submit_listing(**who) is False
    product.refresh_from_db()
    assert product.status == "on_shelf"
    draft = dataclasses.replace(drafts.draft_of(product), title="新名")
    assert services.change_listing(**who, draft=draft) is False
    product.refresh_from_db()
    assert (product.title, product.review_state) == ("新名", "")
    supplier = sold.opened(owner=make_member(name="厂家").ulid, name="厂家", settlement="supplier", now=NOW)
    theirs = browse(supplier.owner.user)
    refused = theirs.post(f"/seller/{supplier.ulid}/products/new", typed("茶饼"))
    assert refused.status_code == 422 and "each SKU needs one" in refused.content.decode()
    _page, cake = listed(supplier, theirs, title="茶饼", supply="40")
    assert Sku.objects.get(product=cake).supply_amount == 4_000
    assert services.submit_listing(**{**who, "seller_ulid": supplier.ulid, "product_ulid": cake.ulid}) is True


def test_a_draft_survives_its_way_through_json(shop):
    product = sold.goods(shop, now=NOW).product
    live = drafts.draft_of(product)
    rich = dataclasses.replace(
        live.skus[0], terms=PriceTerms((("partner", 9_000),), ((10, 8_000),)), compare_amount=12_000, code="A1"
    )
    wanted = dataclasses.replace(live, title="西湖龙井", tags=("茶",), skus=(rich,))
    again = drafts.from_json(json.loads(json.dumps(drafts.to_json(wanted))), seller_ulid=shop.ulid)
    assert drafts.differences(wanted, again) == []
    assert [(one.field, one.before, one.after) for one in drafts.differences(live, wanted)] == [
        ("title", "龙井", "西湖龙井"), ("tags", [], ["茶"]), ("compare_amount", None, 12_000), ("code", "", "A1"),
        ("terms", None, {"levels": {"partner": 9_000}, "tiers": [[10, 8_000]]}),
    ]  # fmt: skip


def test_a_list_changes_stock_at_once_and_prices_as_the_rule_says(shop, owner):
    _page, product = listed(shop, owner)
    sku, page = Sku.objects.get(), f"/seller/{shop.ulid}/goods/list"
    saved = openpyxl.load_workbook(io.BytesIO(b"".join(owner.get(f"{page}/file").streaming_content)))
    [row] = saved.active.iter_rows(min_row=2, values_only=True)
    assert (row[0], row[4], row[6]) == (sku.ulid, 100, 50)
    other = sold.opened(owner=make_member(name="同行").ulid, name="别家", now=NOW)
    theirs = sold.goods(other, title="龙井", now=NOW)

    def sheet(*rows):
        for place, cells in enumerate(rows, start=2):
            for column, value in enumerate(cells, start=1):
                saved.active.cell(place, column, value)
        file = io.BytesIO()
        saved.save(file)
        return SimpleUploadedFile("list.xlsx", file.getvalue())

    catalog.change_stock(sku_ulid=sku.ulid, delta=-5, reason="卖出", actor="user:x", now=NOW)
    looked = owner.post(page, {"step": "look", "file": sheet(
        (*row[:5], 120, 50, 60), (theirs.ulid, "", "", "", 1, 2, 1, 2), (sku.ulid, "", "", "", 1, 2, 1, 2)
    )}).content.decode()  # fmt: skip
    assert "1 rows change something, 2 cannot be done." in looked and "Your shop has no such SKU." in looked
    sku.refresh_from_db()
    assert (sku.stock, sku.price_amount) == (45, 10_000)
    token = looked.split('name="rows" value="')[1].split('"')[0]
    assert "1 rows done." in owner.post(page, {"step": "apply", "rows": token}).content.decode()
    sku.refresh_from_db()
    assert (sku.stock, sku.price_amount) == (55, 12_000)  # not on sale yet: the price is changed, too
    who = {"seller_ulid": shop.ulid, "actor": "member:x", "now": NOW}
    services.submit_listing(**who, product_ulid=product.ulid, rule=dataclasses.replace(RULE, look=Look.NONE))
    asked = counting.CountRow(2, sku.ulid, 15_000, 5)
    done = counting.apply_counts(**who, rows=[asked], rule=RULE)
    sku.refresh_from_db()
    product.refresh_from_db()
    assert (done.waiting, sku.stock, sku.price_amount, product.review_state) == (1, 60, 12_000, "waiting")


def test_goods_go_on_sale_and_off_it_by_themselves_where_the_mall_need_not_look(shop, owner):
    page, product = listed(shop, owner)
    start, end = clock.now() + dt.timedelta(hours=1), clock.now() + dt.timedelta(hours=2)
    kept = {"shelf_at": f"{timezone.localtime(start):%Y-%m-%dT%H:%M}", "unshelve_at": f"{timezone.localtime(end):%Y-%m-%dT%H:%M}"}  # fmt: skip
    assert "send it to the mall" in owner.post(f"{page}/times", kept, follow=True).content.decode()
    product.refresh_from_db()
    assert (product.shelf_at, product.unshelve_at) == (None, None)
    sales.publish("orders", now=clock.now() - dt.timedelta(minutes=1), seller_look=Look.NONE)
    for values, said in (
        ({"shelf_at": "2026-13-01T00:00"}, "Not a date and time."),
        ({"shelf_at": kept["unshelve_at"], "unshelve_at": kept["shelf_at"]}, "It would leave the shelf before it is put on it."),
        ({"shelf_at": "2020-01-01T00:00"}, "This time is over: choose one in the future."),
    ):  # fmt: skip
        assert said in owner.post(f"{page}/times", values, follow=True).content.decode()
    product.refresh_from_db()
    assert (product.shelf_at, product.unshelve_at) == (None, None)
    owner.post(f"{page}/times", kept)
    product.refresh_from_db()
    assert (product.shelf_at, product.unshelve_at) == (
        start.replace(second=0, microsecond=0),
        end.replace(second=0, microsecond=0),
    )
    assert f'value="{kept["shelf_at"]}"' in owner.get(page).content.decode()
    assert AuditRecord.objects.get(action="product.scheduled").target == f"product:{product.ulid}"
    for at, status in ((product.shelf_at, "on_shelf"), (product.unshelve_at, "off_shelf")):
        step = "on" if status == "on_shelf" else "off"
        assert catalog.keep_schedule(ulid=product.ulid, step=step, at=at, now=at)
        product.refresh_from_db()
        assert product.status == status
