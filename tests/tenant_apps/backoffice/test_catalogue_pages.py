"""Brands, imports, exports, bulk edits, schedules and the bin in the console, as staff use them."""

import datetime as dt
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from saas.kernel import clock
from tenant_apps.catalog import services
from tenant_apps.catalog.models import Brand, Job, JobRow, Product, Sku
from tests.factories import catalog, orders
from tests.factories.people import make_member

FILE = (
    "Handle,Title,Variant Price,Cost per item,Status\na,苹果,9.90,5,active\nb,,x,1,active\nc,雪梨,8.00,4,active\n"
).encode()


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path)


def page(browser, job, query=""):
    return browser.get(reverse("backoffice:job", args=[job.ulid]) + query, HTTP_ACCEPT_LANGUAGE="en").content.decode()


def step(browser, job, name, **more):
    return browser.post(reverse("backoffice:job_step", args=[job.ulid]), {"step": name, **more})


def test_an_import_is_read_looked_at_and_applied_and_an_export_downloaded(
    goods, drain, django_capture_on_commit_callbacks
):
    goods.post("/backoffice/goods/jobs/", {"kind": "import_shopify"})
    assert not Job.objects.exists()  # no file
    file = SimpleUploadedFile("products.csv", FILE, "text/csv")
    goods.post("/backoffice/goods/jobs/", {"kind": "import_shopify", "file": file, "stock": "1"})
    job = Job.objects.get()
    assert 'http-equiv="refresh"' in page(goods, job)
    drain()
    seen = page(goods, job)
    assert "Row 3, Variant Price" in seen and "Not an amount in yuan" in seen and "refresh" not in seen
    assert "雪梨" not in page(goods, job, "?state=faulty")
    step(goods, job, "apply_chosen")
    assert not Product.objects.exists()
    step(goods, job, "apply_chosen", row=JobRow.objects.get(key="c").pk)
    drain()
    assert Product.objects.get().title == "雪梨"
    assert step(goods, job, "nonsense").status_code == 404
    goods.post("/backoffice/goods/jobs/", {"kind": "export_shopify", "status": "", "pictures": "ours"})
    export = Job.objects.order_by("-pk").first()
    assert goods.get(reverse("backoffice:job_file", args=[export.ulid])).status_code == 404
    with django_capture_on_commit_callbacks(execute=True):
        drain()
    answer = goods.get(reverse("backoffice:job_file", args=[export.ulid]))
    assert "雪梨" in b"".join(answer.streaming_content).decode()
    assert "attachment" in answer["Content-Disposition"]
    assert goods.get("/backoffice/goods/jobs/").status_code == 200


def test_a_bulk_edit_shows_before_and_after_and_is_undone(goods, drain):
    first, second = catalog.shelved(), catalog.single().product
    form = goods.get(f"/backoffice/goods/edit?product={first.ulid}&product={second.ulid}").content.decode()
    assert form.count('name="product"') == 2
    bad = goods.post(
        "/backoffice/goods/edit", {"product": first.ulid, "kind": "price_percent", "value_price_percent": "abc"}
    )
    assert bad.status_code == 200 and not Job.objects.exists()
    goods.post("/backoffice/goods/edit", {"everything": "1", "kind": "price_percent", "value_price_percent": "-10%"})
    job = Job.objects.get()
    drain()
    seen = page(goods, job)
    assert "¥39.90" in seen and "¥35.91" in seen
    step(goods, job, "apply")
    drain()
    assert list(Sku.objects.order_by("pk").values_list("price_amount", flat=True)) == [3591, 6291, 900]
    step(goods, job, "undo")
    drain()
    assert list(Sku.objects.order_by("pk").values_list("price_amount", flat=True)) == [3990, 6990, 1000]
    assert "Undone" in page(goods, job)


def test_brands_are_made_renamed_and_taken_away(goods):
    goods.post("/backoffice/brands/", {"step": "add", "name": "桃花坞", "slug": "tao", "description": "江南"})
    goods.post("/backoffice/brands/", {"step": "add", "name": "桃花坞"})
    goods.post("/backoffice/brands/", {"step": "add", "name": ""})
    assert list(Brand.objects.values_list("slug", "name", "description")) == [("tao", "桃花坞", "江南")]
    goods.post("/backoffice/brands/", {"step": "change", "slug": "tao", "name": "梨园", "position": "2"})
    product = catalog.shelved(catalog.apple(brand_slug="tao"))
    goods.post("/backoffice/brands/", {"step": "remove", "slug": "tao"})
    assert Brand.objects.get().name == "梨园"
    Product.objects.filter(pk=product.pk).update(brand=None)
    goods.post("/backoffice/brands/", {"step": "remove", "slug": "tao"})
    assert not Brand.objects.exists()


def test_times_of_the_shelf_are_kept_and_the_bin_lets_go_what_no_order_names(goods):
    sku = catalog.single()
    url = reverse("backoffice:product_schedule", args=[sku.product.ulid])
    later = timezone.localtime(clock.now() + dt.timedelta(days=1))
    goods.post(url, {"unshelve_at": f"{later:%Y-%m-%dT%H:%M}", "shelf_at": ""})
    assert Product.objects.get().unshelve_at == later.replace(second=0, microsecond=0)
    goods.post(url, {"unshelve_at": "yesterday"})
    assert Product.objects.get().unshelve_at is not None
    orders.paid(make_member(), (sku, 1))
    for verb in (services.take_off_shelf, services.recycle_product):
        verb(ulid=sku.product.ulid, actor="user:x", now=clock.now())
    purge = reverse("backoffice:product_purge", args=[sku.product.ulid])
    goods.post(purge)
    assert Product.objects.count() == 1
    other = catalog.single("没人买").product
    goods.post(reverse("backoffice:product_purge", args=[other.ulid]))
    assert Product.objects.count() == 2  # not in the bin
    for verb in (services.take_off_shelf, services.recycle_product):
        verb(ulid=other.ulid, actor="user:x", now=clock.now())
    assert goods.get(reverse("backoffice:product", args=[other.ulid])).status_code == 200
    goods.post(reverse("backoffice:product_purge", args=[other.ulid]))
    assert [row.pk for row in Product.objects.all()] == [sku.product_id]


def test_a_picture_archive_that_is_none_is_refused(goods):
    files = {
        "file": SimpleUploadedFile("p.csv", FILE),
        "pictures": SimpleUploadedFile("p.zip", io.BytesIO(b"no").read()),
    }
    goods.post("/backoffice/goods/jobs/", {"kind": "import_shopify", **files})
    assert not Job.objects.exists()
