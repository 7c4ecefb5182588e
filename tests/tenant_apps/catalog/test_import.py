"""Files of products: the dry run names row, column and reason; applied once; what Shopify exports comes back row by row."""

import csv
import io
import zipfile
from pathlib import Path

import openpyxl
import pytest
from django.core.files.storage import default_storage
from django.utils import translation
from django_tenants.utils import schema_context

from saas.identity.models import AuditRecord
from saas.kernel import clock
from saas.kernel.states import IllegalTransition
from saas.tenants.malls.models import Entitlement
from tenant_apps.catalog.models import Brand, Category, Job, JobRow, Product, ProductImage, Sku
from tenant_apps.catalog.rules import JobKind, JobState
from tenant_apps.catalog.services import importing, jobs
from tenant_apps.catalog.transfer import reading
from tests.factories import catalog

NOW = clock.now()
EXPORT = Path(__file__).parent / "files" / "shopify_products.csv"


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path)
    return tmp_path


def start(content, kind=JobKind.IMPORT_SHOPIFY, pictures=None, **more):
    return jobs.start_import(
        kind=kind,
        file=io.BytesIO(content),
        file_name="products.csv",
        pictures=pictures,
        actor=catalog.ACTOR,
        now=NOW,
        **more,
    )


def read(content, drain, kind=JobKind.IMPORT_SHOPIFY, **more):
    job = start(content, kind, **more)
    drain()
    job.refresh_from_db()
    return job


def apply(job, drain, rows=None):
    jobs.apply_job(ulid=job.ulid, rows=rows, actor=catalog.ACTOR, now=NOW)
    drain()
    job.refresh_from_db()
    return job


def sheet(*rows):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def pictures():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in ("tee-white.jpg", "a/tee-navy.jpg", "TEE-BACK.PNG", "mug-1.jpg", "mug-2.jpg"):
            archive.writestr(name, catalog.picture((200, 200), "PNG" if name.endswith("PNG") else "JPEG"))
    file.seek(0)
    return file


@pytest.fixture
def exported(drain, django_capture_on_commit_callbacks):
    """The bytes of an export, as staff download it."""

    def run(kind=JobKind.EXPORT_SHOPIFY):
        asked = {"status": "", "origin": "https://mall.example", "pictures": "theirs"}
        job = jobs.start_export(kind=kind, asked=asked, actor=catalog.ACTOR, now=NOW)
        with django_capture_on_commit_callbacks(execute=True):
            drain()
        job.refresh_from_db()
        assert job.state == JobState.DONE, job.fault
        with default_storage.open(job.result_key) as file:
            return file.read()

    return run


def rows_of(content):
    return [
        {name: cell for name, cell in row.items() if cell}
        for row in csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    ]


def test_a_shopify_export_comes_back_row_by_row(grocery, drain, exported, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        job = read(EXPORT.read_bytes(), drain, pictures=pictures())
    assert (job.state, job.figures["rows"], job.figures["products"], job.figures["faulty"]) == ("checked", 12, 5, 0)
    assert not Product.objects.exists()  # a dry run
    with django_capture_on_commit_callbacks(execute=True):
        apply(job, drain)
    for _ in range(3):
        with django_capture_on_commit_callbacks(execute=True):
            drain()
    stored = {row.handle: (row.status, row.title) for row in Product.objects.all()}
    assert stored == {
        "classic-cotton-tee": ("on_shelf", "Classic Cotton Tee"),
        "enamel-mug": ("on_shelf", "Enamel Mug"),
        "明前龙井": ("draft", "明前龙井 一级"),
        "desk-lamp": ("off_shelf", "Desk Lamp, brass"),
        "sticker-pack": ("draft", "Sticker Pack (5)"),  # without a cost it may not be sold
    }
    tee = Sku.objects.get(code="TEE-NA-L")
    assert (tee.option_values, tee.price_amount, tee.compare_amount, tee.supply_amount) == (
        ["Navy", "L"],
        2900,
        3900,
        850,
    )
    assert (tee.stock, tee.weight_grams, tee.barcode) == (17, 180, "072527200005")
    assert Sku.objects.get(code="+MUG-01").stock == 0
    assert sorted(Brand.objects.values_list("name", flat=True)) == ["Halm & Sohn", "Northfold", "西湖茶行"]
    assert Category.objects.filter(name__in=["T-Shirts", "Mugs", "绿茶", "Lamps", "Extras"]).count() == 5
    images = list(ProductImage.objects.order_by("product", "position").values_list("alt", "source_url"))
    assert len(images) == 5
    assert images[0][0] == "White tee, front"
    assert "script" not in Product.objects.get(handle="desk-lamp").description_html
    assert rows_of(exported()) == rows_of(EXPORT.read_bytes())
    # the same file again changes nothing and makes nothing
    with django_capture_on_commit_callbacks(execute=True):
        again = apply(read(EXPORT.read_bytes(), drain), drain)
    assert (again.figures["new"], again.figures["applied"], Product.objects.count(), Sku.objects.count()) == (
        0,
        5,
        5,
        11,
    )
    assert rows_of(exported()) == rows_of(EXPORT.read_bytes())


HEAD = [
    "商品编号",
    "商品名称",
    "状态",
    "规格1名称",
    "规格1",
    "售价",
    "供货价",
    "会员价",
    "阶梯价",
    "库存",
    "重量(克)",
    "品牌",
    "分类",
]


def test_the_dry_run_names_row_column_and_reason_and_chosen_rows_alone_are_applied(grocery, drain):
    content = sheet(
        HEAD,
        ["A1", "红富士", "上架", "规格", "5斤", 39.9, 20, 35, "10:38;50:30.5", 12, 2500, "桃花坞", "水果/苹果"],
        ["", "", "", "", "10斤", "69.90", "35", "", "", 4, 5000],
        ["A2", "", "上架", "", "", "12,5", "x", "", "10-9", -3, 1.5, "", "a/b/c"],
        ["A3", "公式苹果", "", "", "", "=1+1", 1],
        [],
        ["A4", "稳赚不赔", "草稿", "", "", 5, 1],
        ["A5", "阶梯不合", "草稿", "", "", 5, 1, 6],
        ["A1", "又一次", "草稿", "", "", 5, 1],
        ["A6", "雪梨", "草稿", "", "", 8.5, 4, "", "", 3],
    )
    job = read(content, drain, JobKind.IMPORT_XLSX)
    assert (job.state, job.figures["rows"], job.figures["products"], job.figures["faulty"]) == ("checked", 9, 7, 5)
    named = {
        (row.key, fault["row"], fault["column"], fault["value"])
        for row in JobRow.objects.filter(job=job)
        for fault in row.faults
    }
    assert {
        ("A2", 4, "商品名称", ""),
        ("A2", 4, "售价", "12,5"),
        ("A2", 4, "供货价", "x"),
        ("A2", 4, "阶梯价", "10-9"),
        ("A2", 4, "库存", "-3"),
        ("A2", 4, "重量(克)", "1.5"),
        ("A2", 4, "分类", "a/b/c"),
        ("A3", 5, "售价", "=1+1"),
        ("A5", 8, "level_prices", ""),
        ("A1#9", 9, "", "A1"),
    } <= named
    assert any(key == "A4" and row == 7 for key, row, _, _ in named)
    assert not Product.objects.exists() and not Brand.objects.exists()
    with pytest.raises(jobs.NothingChosen):
        jobs.apply_job(ulid=job.ulid, rows=[JobRow.objects.get(key="A2").pk], actor=catalog.ACTOR, now=NOW)
    apply(job, drain, rows=[JobRow.objects.get(key="A1").pk])
    product = Product.objects.get()
    assert (product.handle, product.status, product.category.name, product.category.parent.name) == (
        "A1", "on_shelf", "苹果", "水果",
    )  # fmt: skip
    offer = product.skus.get(option_text="5斤").offers.get()
    assert offer.terms == {"levels": {"partner": 3500}, "tiers": [[10, 3800], [50, 3050]]}
    assert list(product.skus.order_by("position").values_list("stock", "weight_grams")) == [(12, 2500), (4, 5000)]
    with pytest.raises(IllegalTransition):
        jobs.apply_job(ulid=job.ulid, actor=catalog.ACTOR, now=NOW)
    assert AuditRecord.objects.filter(action="products.imported").count() == 1


def test_our_own_sheet_comes_back_and_takes_no_text_for_a_formula(grocery, drain, exported):
    catalog.shelved(catalog.apple(title="=SUM(A1)", tags=("a", "b"), free_shipping=True))
    catalog.single("雪梨")
    content = exported(JobKind.EXPORT_XLSX)
    page = openpyxl.load_workbook(io.BytesIO(content)).active
    assert page["B2"].value == "=SUM(A1)" and page["B2"].data_type == "s"
    before = list(Sku.objects.order_by("pk").values())
    job = read(content, drain, JobKind.IMPORT_XLSX)
    faulty = JobRow.objects.get(state="faulty")  # a title that reads like a formula is named, not worked out
    assert faulty.faults[0]["column"] == "商品名称"
    job = apply(job, drain)
    assert (job.figures["new"], job.figures["applied"], job.figures["refused"]) == (0, 1, 0)
    assert list(Sku.objects.order_by("pk").values()) == before


def test_csv_cells_that_begin_with_a_sign_are_escaped_and_read_back(grocery, drain, exported):
    product = catalog.single("-1 度保鲜").product
    content = exported().decode()
    assert "'-1 度保鲜" in content
    Product.objects.update(title="x")
    apply(read(content.encode(), drain), drain)
    product.refresh_from_db()
    assert product.title == "-1 度保鲜"


MINIMAL = "Handle,Title,Variant Price,Cost per item\n苹果,红富士,9.90,5\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_reads_what_spreadsheets_write(grocery, drain, encoding):
    apply(read(MINIMAL.replace(",", "\t" if encoding == "utf-16" else ",").encode(encoding), drain), drain)
    assert Product.objects.get().title == "红富士"


def _bomb():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 60_000_000)
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (MINIMAL.encode("utf-8") + b"\xe9,caf\xe9 \xff\n", "neither UTF-8 nor GB18030"),
        (b"\x00\x01\x02binary", "no text file"),
        (b"Handle,Title\na,b\n", "“Variant Price” is missing"),
        (b"Handle,Title,Variant Price,Title\na,b,1,c\n", "“Title” stands there twice"),
        (b"Handle,Title,Variant Price\n", "no rows"),
        (b"Handle,Title,Variant Price\n" + b"x" * 70_000 + b",b,1\n", "too long"),
        (b"PK\x03\x04broken", "no readable .xlsx"),
        (_bomb(), "zip bomb"),
    ],
    ids=["encoding", "binary", "column", "twice", "empty", "long", "broken", "bomb"],
)
def test_a_file_that_cannot_be_read_fails_by_name(grocery, drain, content, text, monkeypatch):
    with translation.override("en"):
        job = read(content, drain)
    assert job.state == JobState.FAILED
    assert text in job.fault
    assert not JobRow.objects.exists() and not Product.objects.exists()


def test_too_many_rows_are_named_and_one_import_at_a_time(grocery, drain, monkeypatch):
    monkeypatch.setattr(reading, "MAX_ROWS", 1)
    with translation.override("en"):
        assert "More than 1 rows" in read(MINIMAL.encode() + b"b,b,1,1\n", drain).fault
    start(MINIMAL.encode())
    with pytest.raises(jobs.JobBusy):
        start(MINIMAL.encode())
    with pytest.raises(reading.FileRefused):
        start(b"", JobKind.IMPORT_XLSX)
    assert Job.objects.count() == 2


def test_the_plan_limits_an_import_and_names_what_did_not_fit(grocery, drain):
    catalog.single("已有")
    with schema_context("public"):
        Entitlement.objects.update_or_create(
            mall_id=grocery.pk, feature="products_max", defaults={"value": 3, "version": 1}
        )
    content = "Handle,Title,Variant Price\n" + "".join(f"h{n},商品 {n},1\n" for n in range(4))
    job = apply(read(content.encode(), drain), drain)
    assert (job.figures["applied"], job.figures["refused"], Product.objects.count()) == (2, 2, 3)
    refused = JobRow.objects.filter(state="refused")
    assert [row.key for row in refused.order_by("pk")] == ["h2", "h3"]
    assert "3" in refused[0].faults[-1]["reason"]


@pytest.mark.parametrize(
    ("names", "text"),
    [(["../../etc/x.jpg"], "outside itself"), (["/x.jpg"], "outside itself"), (["c:\\x.jpg"], "outside itself")],
)
def test_an_archive_that_leads_out_of_itself_is_refused(names, text):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in names:
            archive.writestr(name, b"x")
    with translation.override("en"), pytest.raises(reading.FileRefused, match=text):
        reading.check_archive(file)
    with translation.override("en"), pytest.raises(reading.FileRefused, match="bomb"):
        reading.check_archive(io.BytesIO(_bomb()))


def test_a_file_longer_than_a_step_is_read_on_from_where_the_step_ended(grocery, drain, monkeypatch):
    monkeypatch.setattr(importing, "ROWS_A_STEP", 2)
    monkeypatch.setattr(importing, "PRODUCTS_A_STEP", 2)
    lines = "".join(
        f"h{n},商品 {n},规格,大,{n + 1},1\n" + (f"h{n},,,小,{n + 2},1\n" if n % 2 else "") for n in range(7)
    )
    content = f"Handle,Title,Option1 Name,Option1 Value,Variant Price,Cost per item\n{lines}"
    job = apply(read(content.encode(), drain), drain)
    assert (job.figures["rows"], job.figures["read"], job.figures["products"], job.figures["faulty"]) == (10, 10, 7, 0)
    assert (job.figures["applied"], Product.objects.count(), Sku.objects.count()) == (7, 7, 10)
