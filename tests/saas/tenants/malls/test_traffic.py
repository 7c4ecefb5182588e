"""Bytes answered for a mall: counted in memory, written down in one statement, told to control by the day; files likewise."""

import datetime as dt

import pytest
from django.core.files.base import ContentFile
from django.db import Error, connection
from django.http import HttpResponse, StreamingHttpResponse
from django.test import RequestFactory
from django_tenants.utils import schema_context

from saas.kernel import clock
from saas.messaging.bus.models import OutboxEvent
from saas.tenants.malls import limits, moving, traffic
from saas.tenants.malls.activation import in_mall
from saas.tenants.malls.models import Traffic
from saas.tenants.malls.storage import mall_storage, own_folder, stored_bytes
from saas.tenants.malls.uploads import begin_upload
from tenant_apps.backoffice import usage
from tenant_apps.catalog import services as catalog
from tests.factories.browser import MallClient
from tests.factories.catalog import apple
from tests.saas.tenants.malls.test_limits import told


@pytest.fixture(autouse=True)
def nothing_counted(monkeypatch):
    monkeypatch.setattr(traffic, "_counted", {})


def rows(mall):
    with schema_context("public"):
        return list(Traffic.objects.filter(mall_id=mall.pk).order_by("date").values_list("date", "bytes"))


def facts(mall, feature):
    with schema_context("public"):
        found = OutboxEvent.objects.filter(topic="usage.counted", mall=mall.ulid, payload__feature=feature)
        return [(one.payload.get("date"), one.payload["used"], one.destination) for one in found.order_by("pk")]


def test_what_a_mall_answers_is_counted_without_a_statement_and_written_down_in_one(
    grocery, beauty, django_assert_num_queries
):
    sizes = {}
    for mall, host in ((grocery, "grocery.localhost"), (beauty, "beauty.localhost")):
        browser = MallClient(host)
        sizes[mall.ulid] = sum(len(browser.get(path).content) for path in ("/", "/me", "/nothing-here"))
        browser.head("/")
    assert traffic._counted == sizes
    assert min(sizes.values()) > 1_000
    today = clock.china_date(clock.real_now())
    tomorrow = clock.real_now() + dt.timedelta(days=1)
    with schema_context("public"), django_assert_num_queries(2):  # the path, and one for all malls
        assert traffic.flush(now=clock.real_now()) == 2
    with django_assert_num_queries(0):
        assert traffic.flush(now=clock.real_now()) == 0
    traffic.count(grocery.ulid, 5)
    traffic.flush(now=clock.real_now())
    traffic.count(grocery.ulid, 7)
    traffic.count("01JZZZZZZZZZZZZZZZZZZZZZZZ", 7)  # a mall that left meanwhile
    traffic.flush(now=tomorrow)
    assert rows(grocery) == [(today, sizes[grocery.ulid] + 5), (today + dt.timedelta(days=1), 7)]
    assert rows(beauty) == [(today, sizes[beauty.ulid])]


def test_a_stream_is_counted_while_it_is_sent_and_an_empty_answer_is_none(grocery):
    request = RequestFactory().get("/")
    sent = StreamingHttpResponse(iter([b"abc", b"defgh"]))
    traffic.count_response(request, sent, grocery.ulid)
    assert traffic._counted == {}
    assert b"".join(sent) == b"abcdefgh"
    traffic.count_response(request, HttpResponse(status=304, headers={"Content-Length": "900"}), grocery.ulid)
    traffic.count_response(RequestFactory().head("/"), HttpResponse("abc"), grocery.ulid)
    assert traffic._counted == {grocery.ulid: 8}


def test_what_could_not_be_written_is_kept(grocery, monkeypatch):
    traffic.count(grocery.ulid, 9)
    monkeypatch.setattr(traffic, "_ADD", "SELECT 1 / 0 WHERE %s IS NOT NULL OR %s IS NULL OR %s IS NULL")
    with pytest.raises(Error), connection.cursor() as cursor:
        cursor.execute("SAVEPOINT tried")
        try:
            traffic.flush(now=clock.real_now())
        finally:
            cursor.execute("ROLLBACK TO SAVEPOINT tried")
    assert traffic._counted == {grocery.ulid: 9}


def test_traffic_and_files_are_told_by_the_day_each_mall_its_own_and_go_with_a_move(
    grocery, beauty, settings, tmp_path
):
    settings.MEDIA_ROOT = tmp_path
    today = clock.china_date(clock.real_now())
    for mall, size in ((grocery, 1_000), (beauty, 30)):
        traffic.count(mall.ulid, size)
    traffic.flush(now=clock.real_now())
    with in_mall(grocery):
        before = stored_bytes(grocery.ulid)
        for name in ("p/one.txt", "private/exports/big.zip"):
            mall_storage().save(f"{own_folder(grocery.ulid)}{name}", ContentFile(b"x" * 100))
        usage.report_counts(now=clock.now())
        usage.report_counts(now=clock.now())  # within the hour: nothing new
    assert facts(grocery, "traffic_bytes") == [(today.isoformat(), 1_000, "control")]
    assert facts(grocery, "storage_bytes") == [(None, before + 100, "control")]
    with in_mall(beauty):
        usage.report_counts(now=clock.now())
    assert facts(beauty, "traffic_bytes") == [(today.isoformat(), 30, "control")]
    with schema_context("public"):
        connection.ensure_connection()
        raw = connection.connection
        moving.copy_words(raw, raw, grocery.ulid)  # to a cell that knows none of it: here the same one
    assert rows(grocery) == []
    assert rows(beauty) == [(today, 30)]


def test_after_the_days_of_grace_nothing_is_added_and_the_mall_sells_on(grocery, settings):
    made = catalog.create_product(draft=apple(title="First"), actor="user:1", now=clock.now())
    told(grocery, 50, grace_over=["traffic_month_gb", "storage_mb"], products_max=None)
    with pytest.raises(limits.PlanUsedUp) as refused:
        catalog.create_product(draft=apple(), actor="user:1", now=clock.now())
    assert "pictures and files" in refused.value.text or "图片" in refused.value.text
    assert refused.value.data["url"].endswith(f"/account/malls/{grocery.ulid}/subscription")
    with pytest.raises(limits.PlanUsedUp):
        catalog.add_image(
            product_ulid=made.ulid,
            content=b"", content_type="image/png", actor="user:1", now=clock.now(),
        )  # fmt: skip
    settings.MEDIA_BUCKET = "b"
    settings.STORAGES = {**settings.STORAGES, "default": {"BACKEND": "saas.tenants.malls.storage.BucketStorage"}}
    with pytest.raises(limits.PlanUsedUp):
        begin_upload(content_type="image/png", max_bytes=10)
    limits.check("sms_month_max", adds=False)
    assert MallClient("grocery.localhost").get("/").status_code == 200
    told(grocery, 51, grace_over=[])
    limits.check_upload()
    catalog.create_product(draft=apple(), actor="user:1", now=clock.now())
