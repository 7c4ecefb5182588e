"""Goods in the console: each page works, and a refusal changes nothing."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from tenant_apps.catalog.models import Category, Product, ProductImage, Sku
from tests.factories import catalog

GRID = {
    "options": [{"name": "规格", "values": ["500g", "1kg"]}],
    "skus": [
        {"values": ["500g"], "price": "12.50", "supply": "6", "stock": "30", "code": "A-1"},
        {"values": ["1kg"], "price": "23", "supply": "11.80", "stock": "20", "code": ""},
    ],
}


def form(**changes):
    grid = changes.pop("grid", GRID)
    return {"title": "五常大米", "subtitle": "新米", "category": "", "description_html": "东北产地\n真空包装",
            "grid": json.dumps(grid), **changes}  # fmt: skip


def state():
    return list(Product.objects.order_by("pk").values()), list(Sku.objects.order_by("pk").values())


def test_new_product_becomes_a_draft_and_goes_on_shelf(goods):
    answer = goods.post("/backoffice/goods/new", form())
    product = Product.objects.get()
    assert answer["Location"] == reverse("backoffice:product", args=[product.ulid])
    assert product.description_html == "<p>东北产地</p><p>真空包装</p>"
    assert list(Sku.objects.order_by("position").values_list("price_amount", "supply_amount", "stock", "code")) == [
        (1250, 600, 30, "A-1"),
        (2300, 1180, 20, ""),
    ]
    goods.post(reverse("backoffice:product_shelf", args=[product.ulid]), {"step": "on"})
    product.refresh_from_db()
    assert product.status == "on_shelf"
    listed = goods.get("/backoffice/goods/?state=on_shelf&q=大米")
    assert "五常大米" in listed.content.decode()
    assert "¥12.50 – ¥23.00" in listed.content.decode()


@pytest.mark.parametrize(
    "changes",
    [
        {"title": ""},
        {"grid": {"options": [], "skus": [{"values": [], "price": "abc"}]}},
        {"grid": {"options": [], "skus": [{"values": [], "price": "0"}]}},
        {"grid": {"options": [], "skus": [{"values": ["x"], "price": "1"}]}},
        {"grid": {"options": [], "skus": [{"values": [], "price": "1.005"}]}},
        {"grid": {"options": [], "skus": [{"values": [], "price": "1", "stock": "2.5"}]}},
        {"grid": {"nonsense": 1}},
        {"category": "unknown"},
    ],
)
def test_bad_product_is_refused_in_words(goods, changes):
    before = state()
    answer = goods.post("/backoffice/goods/new", form(**changes))
    assert answer.status_code == 422
    assert "bo-error" in answer.content.decode() or "bo-note-bad" in answer.content.decode()
    assert state() == before


def test_changing_a_product_keeps_its_stock(goods):
    product = catalog.shelved()
    url = reverse("backoffice:product", args=[product.ulid])
    grid = json.loads(goods.get(url).context["form"].initial["grid"])
    grid["skus"][0] |= {"price": "45.00", "stock": "9999", "seen": ""}
    assert goods.post(url, form(grid=grid, title="新苹果")).status_code == 302
    first = catalog.skus(product)[0]
    assert (first.price_amount, first.stock) == (4500, 100)


def test_product_without_supply_price_stays_off_shelf(goods):
    grid = {"options": [], "skus": [{"values": [], "price": "10", "supply": "", "stock": "1"}]}
    goods.post("/backoffice/goods/new", form(grid=grid))
    product = Product.objects.get()
    url = reverse("backoffice:product_shelf", args=[product.ulid])
    answer = goods.post(url, {"step": "on"}, follow=True)
    assert "bo-" in answer.content.decode()
    product.refresh_from_db()
    assert product.status == "draft"
    assert goods.post(url, {"step": "burn"}).status_code == 404


def test_stock_is_changed_with_a_reason(goods):
    sku = catalog.single(stock=10)
    url = reverse("backoffice:product_stock", args=[sku.product.ulid])
    goods.post(url, {"sku": sku.ulid, "delta": "+5", "reason": "进货"})
    sku.refresh_from_db()
    assert sku.stock == 15
    for delta in ("0", "x", "", "-16"):
        goods.post(url, {"sku": sku.ulid, "delta": delta})
    other = catalog.single(stock=3)
    assert goods.post(url, {"sku": other.ulid, "delta": "1"}).status_code == 404
    sku.refresh_from_db()
    other.refresh_from_db()
    assert (sku.stock, other.stock) == (15, 3)


def test_pictures_come_become_cover_and_go(goods, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    product = catalog.shelved()
    url = reverse("backoffice:product_images", args=[product.ulid])
    files = [SimpleUploadedFile(f"{n}.jpg", catalog.picture(), "image/jpeg") for n in range(2)]
    goods.post(url, {"images": files})
    first, second = ProductImage.objects.order_by("position", "pk")
    goods.post(url, {"cover": second.ulid})
    assert ProductImage.objects.order_by("position", "pk").first() == second
    goods.post(url, {"remove": first.ulid})
    goods.post(url, {"images": [SimpleUploadedFile("x.txt", b"text", "text/plain")]})
    goods.post(url, {})
    assert list(ProductImage.objects.all()) == [second]
    other = catalog.single()
    assert (
        goods.post(reverse("backoffice:product_images", args=[other.product.ulid]), {"remove": second.ulid}).status_code
        == 404
    )


def test_categories_grow_and_are_renamed(goods):
    goods.post("/backoffice/categories/", {"step": "add", "name": "水果", "slug": "fruit"})
    goods.post("/backoffice/categories/", {"step": "add", "name": "苹果", "slug": "", "parent": "fruit"})
    goods.post("/backoffice/categories/", {"step": "rename", "slug": "fruit", "name": "鲜果", "position": "3"})
    top = Category.objects.get(slug="fruit")
    assert (top.name, top.position, top.children.get().name) == ("鲜果", 3, "苹果")
    child = top.children.get()
    for bad in ({"name": ""}, {"name": "重复", "slug": "fruit"}, {"name": "太深", "parent": child.slug}):
        goods.post("/backoffice/categories/", {"step": "add", **bad})
    assert Category.objects.count() == 2
