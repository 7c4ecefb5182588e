"""Sellers and statements as staff enter and settle them, and as the owner reads them."""

import datetime as dt
import io
import zipfile

import pytest
from django.urls import reverse

from saas.identity.models import AuditRecord
from saas.tenants.malls.models import Mall
from tenant_apps.catalog.models import Product
from tenant_apps.sellers import services
from tenant_apps.sellers.models import EdiLicence, Seller, Statement, StatementLine
from tenant_apps.settlement import facts
from tenant_apps.settlement import services as settlement
from tests.factories import orders as make
from tests.factories import sellers as sold
from tests.factories.people import make_member
from tests.tenant_apps.backoffice.conftest import signed_in

NOW = dt.datetime(2026, 11, 22, 4, 0, tzinfo=dt.UTC)
NEXT = NOW + dt.timedelta(days=1)
FORM = {
    "kind": "store",
    "name": "天河服务点",
    "settlement": "commission",
    "rate_ppm": "6.5",
    "tiers": "100000 5\n500000.50 4",
    "service_fee_amount": "1200",
    "cycle_days": "1",
    "area_code": "440106",
    "licence_name": "广州天河服务有限公司",
    "licence_number": "91440101MA5XYZ1234",
}


@pytest.fixture(autouse=True)
def rehearsal(grocery):
    Mall.objects.filter(pk=grocery.pk).update(state="rehearsal")
    grocery.state = "rehearsal"


def test_finance_enters_a_store_and_opens_it(finance):
    owner = make_member(name="王店长")
    answer = finance.post(reverse("backoffice:seller_new"), {**FORM, "owner": owner.share_code})
    row = Seller.objects.get()
    assert answer.status_code == 302
    assert (row.kind, row.settlement, row.rate_ppm, row.service_fee_amount, row.owner) == (
        "store",
        "commission",
        65_000,
        120_000,
        owner,
    )
    assert row.take_tiers == [
        {"from_amount": 10_000_000, "rate_ppm": 50_000},
        {"from_amount": 50_000_050, "rate_ppm": 40_000},
    ]
    assert row.state == "paused" and len(row.code) == 6
    page = finance.get(reverse("backoffice:seller", args=[row.ulid])).content.decode()
    assert "500000.50 4" in page and f"/?s={row.code}" in page
    finance.post(reverse("backoffice:seller_step", args=[row.ulid]), {"step": "open"})
    row.refresh_from_db()
    assert row.state == "active"
    assert list(AuditRecord.objects.filter(target=f"seller:{row.ulid}").values_list("action", flat=True)) == [
        "seller.created",
        "seller.active",
    ]
    assert "天河服务点" in finance.get(reverse("backoffice:sellers")).content.decode()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"rate_ppm": "30.01"}, "rate_ppm"),
        ({"rate_ppm": "x"}, "rate_ppm"),
        ({"settlement": "concession", "rate_ppm": "2", "tiers": ""}, "rate_ppm"),
        ({"settlement": "supplier", "rate_ppm": "0"}, "tiers"),
        ({"tiers": "100000"}, "tiers"),
        ({"tiers": "500000 4\n100000 5"}, "tiers"),
        ({"tiers": "100000 4\n500000 5"}, "tiers"),
        ({"area_code": ""}, "area_code"),
        ({"owner": "zzzzzzzz"}, "owner"),
        ({"licence_number": "123"}, "licence_number"),
        ({"cycle_days": "31"}, "cycle_days"),
        ({"code": "A"}, "code"),
        ({"service_fee_amount": "-1"}, "service_fee_amount"),
    ],
)
def test_bad_input_is_refused_at_its_field_and_stores_nothing(finance, change, field):
    answer = finance.post(reverse("backoffice:seller_new"), {**FORM, **change})
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert not Seller.objects.exists()


def test_who_may_not_settle_is_refused(goods, clerk, shopper):
    row = sold.opened(now=NOW)
    assert goods.get(reverse("backoffice:sellers")).status_code == 200
    assert goods.get(reverse("backoffice:seller", args=[row.ulid])).status_code == 200
    assert goods.post(reverse("backoffice:seller", args=[row.ulid]), FORM).status_code == 403
    assert goods.post(reverse("backoffice:seller_step", args=[row.ulid]), {"step": "pause"}).status_code == 403
    assert goods.get(reverse("backoffice:statements")).status_code == 403
    assert clerk.get(reverse("backoffice:sellers")).status_code == 403
    assert shopper.get(reverse("backoffice:sellers")).status_code in (302, 403)
    row.refresh_from_db()
    assert row.state == "active"


def test_a_product_is_given_to_a_seller_and_found_by_him(goods):
    row = sold.opened(settlement="supplier", now=NOW)
    grid = '{"options": [], "skus": [{"values": [], "price": "39.90", "supply": "%s", "stock": 5, "code": ""}]}'
    url = reverse("backoffice:product_new")
    answer = goods.post(url, {"title": "龙井", "seller": row.ulid, "grid": grid % ""})
    assert answer.status_code == 422 and not Product.objects.exists()
    goods.post(url, {"title": "龙井", "seller": row.ulid, "grid": grid % "20"})
    product = Product.objects.get()
    assert product.seller_ulid == row.ulid
    goods.post(url, {"title": "自营茶", "seller": "", "grid": grid % "20"})
    found = goods.get(reverse("backoffice:goods"), {"seller": row.ulid}).content.decode()
    assert "龙井" in found and "自营茶" not in found
    own = goods.get(reverse("backoffice:goods"), {"seller": "own"}).content.decode()
    assert "自营茶" in own and "/backoffice/goods/" + product.ulid not in own


def test_a_member_is_bound_to_a_store_with_a_reason(clerk):
    store, member = sold.store(now=NOW), make_member(name="李四")
    url = reverse("backoffice:member_store", args=[member.ulid])
    clerk.post(url, {"store": store.ulid, "reason": ""})
    member.refresh_from_db()
    assert member.store_ulid == ""
    clerk.post(url, {"store": store.ulid, "reason": "asked for it"})
    member.refresh_from_db()
    assert member.store_ulid == store.ulid
    assert AuditRecord.objects.get(action="store.changed").data == {"before": "", "after": store.ulid}
    assert clerk.get(reverse("backoffice:member", args=[member.ulid])).status_code == 200


def test_the_owner_files_the_edi_licence(owner, finance):
    url = reverse("backoffice:edi_licence")
    assert finance.post(url, {"number": "EDI-1"}).status_code == 403
    owner.post(url, {"number": "EDI-440100", "valid_until": "2020-01-01"})
    owner.post(url, {"number": "EDI-440100", "valid_until": "nonsense"})
    assert not EdiLicence.objects.exists()
    owner.post(url, {"number": "EDI-440100", "valid_until": ""})
    assert EdiLicence.objects.get().number == "EDI-440100"


@pytest.fixture
def statement(grocery):
    boss = make_member(name="王店长", now=NOW)
    row = sold.opened(owner=boss.ulid, now=NOW)
    order = make.paid(make_member(name="买家", now=NOW), (sold.goods(row, now=NOW), 1), now=NOW)
    settlement.release_order(order=facts.paid_order(order.ulid), now=NOW)
    services.close_statement(seller_ulid=row.ulid, now=NEXT)
    return Statement.objects.get()


def test_a_statement_goes_from_draft_to_paid(finance, statement):
    url = reverse("backoffice:seller_statement_decide", args=[statement.ulid])
    page = finance.get(reverse("backoffice:seller_statement", args=[statement.ulid])).content.decode()
    assert "¥95.00" in page and "龙井" in page
    for values, state in (
        ({"step": "paid", "reference": "ICBC-0001"}, "draft"),
        ({"step": "dispute", "reason": ""}, "draft"),
        ({"step": "dispute", "reason": "a parcel is missing"}, "disputed"),
        ({"step": "confirm"}, "confirmed"),
        ({"step": "paid", "reference": ""}, "confirmed"),
        ({"step": "paid", "reference": "ICBC-0001"}, "paid"),
        ({"step": "dispute", "reason": "too late"}, "paid"),
    ):
        finance.post(url, values)
        statement.refresh_from_db()
        assert statement.state == state, values
    assert statement.number in finance.get(reverse("backoffice:statements"), {"state": "paid"}).content.decode()
    assert finance.post(url, {"step": "nonsense"}).status_code == 404


def test_a_statement_is_a_spreadsheet(finance, statement):
    answer = finance.get(reverse("backoffice:seller_statement_file", args=[statement.ulid]))
    book = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
    sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "<v>95</v>" in sheet and "<v>100</v>" in sheet and "<v>5</v>" in sheet
    assert AuditRecord.objects.filter(action="statement.exported").count() == 1


def test_an_owner_reads_his_own_statements_and_nobody_elses(statement, grocery):
    Mall.objects.filter(pk=grocery.pk).update(state="active")
    boss = statement.seller.owner
    client = signed_in(boss.user)
    shop = f"/seller/{statement.seller.ulid}"
    page = client.get(f"{shop}/money").content.decode()
    assert "5%" in page and statement.period_key in page and "西湖茶行" in client.get("/seller").content.decode()
    assert client.get(f"{shop}/statements/{statement.ulid}").status_code == 200
    stranger = signed_in(make_member(name="路人", now=NOW).user)
    assert stranger.get(f"{shop}/statements/{statement.ulid}").status_code == 404
    assert statement.number not in stranger.get("/seller").content.decode()
    assert "/seller" in client.get("/me").content.decode()
    assert 'href="/seller"' not in stranger.get("/me").content.decode()


def test_a_deduction_is_a_line_with_its_reason(finance, statement):
    url = reverse("backoffice:seller_step", args=[statement.seller.ulid])
    for values in ({"amount": "x", "reason": "y"}, {"amount": "-5", "reason": ""}, {"amount": "0", "reason": "y"}):
        finance.post(url, {"step": "adjust", **values})
    assert not StatementLine.objects.filter(statement=None).exists()
    finance.post(url, {"step": "adjust", "amount": "-5.50", "reason": "late parcels"})
    line = StatementLine.objects.get(statement=None)
    assert (line.kind, line.amount, line.title) == ("deduction", -550, "late parcels")
