"""Jobs end exactly once after kill -9; pictures come from public hosts alone; a bulk edit is undone exactly."""

import http.server
import io
import os
import threading

import pytest
from django.db import connection
from django_tenants.utils import schema_context

from saas.config.delivery import run_delivery
from saas.kernel import clock
from saas.kernel.errors import InvalidInput
from saas.kernel.states import IllegalTransition
from saas.messaging.bus import services as bus
from saas.tenants.malls.activation import in_mall
from saas.tenants.malls.models import Mall
from tenant_apps.catalog import selectors, services
from tenant_apps.catalog.gateways import web
from tenant_apps.catalog.models import Job, JobRow, Offer, Product, ProductImage, Sku
from tenant_apps.catalog.rules import EditKind, JobKind, PriceTerms, SkuDraft
from tenant_apps.catalog.services import editing, fetching, jobs
from tests.factories import catalog

NOW = clock.now()


# -- kill -9 -----------------------------------------------------------------------------------------------------------


def dies_at(point: str) -> int:
    """Events delivered in a process that dies there, as a worker would; its exit status."""
    connection.close()
    connection.close_pool()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            os.environ["CRASH_AT"] = point
            connection.set_schema_to_public()
            for _ in range(3):
                for event_id, mall, fact in bus.due_events(now=clock.now()):
                    run_delivery(event_id=event_id, mall=mall, fact=fact)
            status = 0
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def test_a_killed_import_goes_on_and_applies_each_row_once(committed, drain, settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path)
    with schema_context("public"):
        mall = Mall.objects.get(schema_name="t_test_grocery")
    count = 250  # two steps
    content = "Handle,Title,Variant Price,Cost per item,Status\n" + "".join(
        f"h{n},商品 {n},9.90,5,active\n" for n in range(count)
    )
    with in_mall(mall):
        job = jobs.start_import(
            kind=JobKind.IMPORT_SHOPIFY, file=io.BytesIO(content.encode()), file_name="x.csv", actor="user:x", now=NOW
        )
    assert dies_at("catalog.import_read") == 137
    with in_mall(mall):
        assert not JobRow.objects.exists()  # its step is taken back whole
        drain()
        jobs.apply_job(ulid=job.ulid, actor="user:x", now=NOW)
    for _ in range(2):
        assert dies_at("catalog.import_applied") == 137
    with in_mall(mall):
        assert Product.objects.filter(handle__startswith="h").count() == 0
        drain()
        job.refresh_from_db()
        assert (job.state, job.figures["applied"], job.figures["refused"]) == ("done", count, 0)
        assert Product.objects.filter(handle__startswith="h").count() == count
        assert Sku.objects.filter(product__handle__startswith="h").count() == count


# -- pictures from the web ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/x.jpg",
        "http://localhost/x.jpg",
        "http://10.0.0.1/x.jpg",
        "http://192.168.1.1/x.jpg",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::1]/x.jpg",
        "http://[::ffff:127.0.0.1]/x.jpg",
        "http://[64:ff9b::7f00:1]/x.jpg",
        "http://[2002:7f00:1::]/x.jpg",
        "http://0.0.0.0/x.jpg",
        "http://100.64.0.1/x.jpg",
        "http://2130706433/x.jpg",
        "http://8.8.8.8:22/x.jpg",
        "http://user:secret@8.8.8.8/x.jpg",
        "file:///etc/passwd",
        "ftp://8.8.8.8/x.jpg",
        "gopher://8.8.8.8/",
        "http://8.8.8.8:99999/x.jpg",
        "//8.8.8.8/x.jpg",
        "",
    ],
)
def test_refuses_addresses_that_are_no_public_pictures(url):
    with pytest.raises(web.AddressRefused):
        web.checked_target(url)


def test_connects_to_the_address_it_checked():
    assert web.checked_target("https://8.8.8.8/a.jpg?v=1#x") == ("https://8.8.8.8/a.jpg?v=1", "8.8.8.8")


class _Shop(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path.startswith("/away"):
            self.send_response(302)
            self.send_header("Location", "http://169.254.169.254/latest")
            self.end_headers()
            return
        body = {"/a.jpg": catalog.picture((200, 200)), "/huge": b"x" * (web.MAX_BYTES + 1), "/page": b"<html>"}.get(
            self.path
        )
        self.send_response(200 if body else 404)
        self.send_header("Content-Type", "image/jpeg")
        self.end_headers()
        self.wfile.write(body or b"")

    def log_message(self, *_):
        pass


def test_pictures_are_fetched_and_what_fails_is_named_and_tried_again(
    grocery, settings, tmp_path, drain, django_capture_on_commit_callbacks
):
    settings.MEDIA_ROOT = str(tmp_path)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Shop)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    place = f"127.0.0.1:{server.server_port}"
    settings.PICTURE_HOSTS_ALLOWED = (place,)
    paths = ("a.jpg", "gone.jpg", "away.jpg", "huge", "page")
    lines = "".join(
        f"h,{'好苹果' if n == 0 else ''},{'9.90' if n == 0 else ''},http://{place}/{path}\n"
        for n, path in enumerate(paths)
    )

    def run():
        for _ in range(3):
            with django_capture_on_commit_callbacks(execute=True):
                drain()

    try:
        job = jobs.start_import(
            kind=JobKind.IMPORT_SHOPIFY, file=io.BytesIO(f"Handle,Title,Variant Price,Image Src\n{lines}".encode()),
            file_name="x.csv", actor=catalog.ACTOR, now=NOW,
        )  # fmt: skip
        run()
        jobs.apply_job(ulid=job.ulid, actor=catalog.ACTOR, now=NOW)
        run()
        states = dict(JobRow.objects.filter(key__startswith="picture").values_list("data__src", "state"))
        assert [states[f"http://{place}/{path}"] for path in paths] == ["fetched", *["missing"] * 4]
        reasons = [row.faults[0]["reason"] for row in JobRow.objects.filter(state="missing").order_by("pk")]
        assert reasons[:3] == [
            "The picture's server has no picture there.",
            "This address lies inside a private network.",
            "The picture is larger than 10 MB.",
        ]
        assert "refused" in reasons[3]
        assert fetching.retry(ulid=job.ulid, actor=catalog.ACTOR, now=NOW) == 4
        run()
        assert ProductImage.objects.count() == 1
        assert JobRow.objects.filter(state="missing").count() == 4
    finally:
        server.shutdown()


# -- bulk edits --------------------------------------------------------------------------------------------------------


def edit(drain, products, **change):
    job = jobs.start_edit(products=[one.ulid for one in products], change=change, actor=catalog.ACTOR, now=NOW)
    drain()
    job.refresh_from_db()
    return job


def go(job, drain):
    jobs.apply_job(ulid=job.ulid, actor=catalog.ACTOR, now=NOW)
    drain()
    job.refresh_from_db()


def test_a_price_edit_is_previewed_applied_and_undone_but_for_what_changed_since(grocery, drain):
    apple, pear = catalog.shelved(), catalog.single("梨", price=1005).product
    bound = catalog.shelved(
        catalog.apple(
            title="会员苹果", options=(), skus=(SkuDraft((), 1000, 1, terms=PriceTerms((("partner", 990),))),)
        )
    )
    before = list(Sku.objects.order_by("pk").values_list("price_amount", flat=True))
    job = edit(drain, [apple, pear, bound], kind=EditKind.PRICE_PERCENT, value=-100_000)
    assert (job.state, job.figures["products"], job.figures["faulty"]) == ("checked", 3, 1)
    assert list(Sku.objects.order_by("pk").values_list("price_amount", flat=True)) == before
    go(job, drain)
    assert list(Sku.objects.order_by("pk").values_list("price_amount", flat=True)) == [3591, 6291, 905, 1000]
    assert list(Offer.objects.order_by("pk").values_list("price_amount", flat=True)) == [3591, 6291, 905, 1000]
    assert {card.price_amount for card in selectors.list_cards().cards} == {3591, 905, 1000}
    services.set_offer_price(sku_ulid=catalog.skus(pear)[0].ulid, price_amount=905, actor=catalog.ACTOR)
    Sku.objects.filter(product=pear).update(price_amount=907)
    jobs.undo_job(ulid=job.ulid, actor=catalog.ACTOR, now=NOW)
    drain()
    job.refresh_from_db()
    assert (job.state, job.figures["undone"], job.figures["kept"]) == ("undone", 1, 1)
    assert list(Sku.objects.order_by("pk").values_list("price_amount", flat=True)) == [3990, 6990, 907, 1000]
    assert JobRow.objects.get(state="kept").faults[-1]["reason"] == "Changed since: it stays as it is."


@pytest.mark.parametrize(
    ("kind", "value", "field", "after"),
    [
        (EditKind.CATEGORY, "fruit", "category__slug", "fruit"),
        (EditKind.BRAND, "tao", "brand__slug", "tao"),
        (EditKind.SHELF, "off", "status", "off_shelf"),
        (EditKind.FREIGHT, "01J00000000000000000000000", "freight_template", "01J00000000000000000000000"),
        (EditKind.FREE_SHIPPING, True, "free_shipping", True),
        (EditKind.TAG_ADD, "新品", "tags", ["春", "新品"]),
        (EditKind.TAG_REMOVE, "春", "tags", []),
    ],
)
def test_other_edits_are_applied_and_undone(grocery, drain, kind, value, field, after):
    services.create_category(slug="fruit", name="水果", actor=catalog.ACTOR)
    services.create_brand(slug="tao", name="桃花坞", actor=catalog.ACTOR)
    product = catalog.shelved(catalog.apple(tags=("春",)))
    before = Product.objects.values_list(field, flat=True).get()
    job = edit(drain, [product], kind=kind, value=value)
    go(job, drain)
    assert Product.objects.values_list(field, flat=True).get() == after
    if kind is EditKind.BRAND:
        assert len(selectors.list_cards(query="thw").cards) == 1
    jobs.undo_job(ulid=job.ulid, actor=catalog.ACTOR, now=NOW)
    drain()
    assert Product.objects.values_list(field, flat=True).get() == before
    with pytest.raises(IllegalTransition):
        jobs.undo_job(ulid=job.ulid, actor=catalog.ACTOR, now=NOW)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("price_percent", 0),
        ("price_percent", -950_000),
        ("price_percent", "x"),
        ("price_amount", 0),
        ("category", "unknown"),
        ("brand", "unknown"),
        ("shelf", "sideways"),
        ("tag_add", " "),
        ("freight", "x" * 27),
    ],
)
def test_refuses_a_change_that_means_nothing(grocery, kind, value):
    with pytest.raises(InvalidInput):
        editing.check_change({"kind": kind, "value": value})
    assert not Job.objects.exists()
