"""Staff: a list shipped after a look at every row, freight templates, a store's counter."""

import datetime as dt
import io

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from saas.identity.models import AuditRecord
from saas.kernel import clock
from tenant_apps.orders.models import FreightTemplate, Order, OrderLine
from tenant_apps.sellers.models import Seller
from tests.factories import catalog
from tests.factories import orders as make
from tests.factories import sellers as shops
from tests.factories.people import make_member

EN = {"HTTP_ACCEPT_LANGUAGE": "en"}


def sheet(*rows):
    book = openpyxl.Workbook()
    for row in [("Order number", "Carrier", "Tracking number"), *rows]:
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    return SimpleUploadedFile("list.xlsx", file.getvalue())


def between(text, start, end):
    return text.split(start)[1].split(end)[0]


def test_a_list_is_looked_at_before_it_is_sent(clerk):
    sku, member = catalog.single(stock=100), make_member()
    first, second, unpaid = make.paid(member, (sku, 1)), make.paid(member, (sku, 2)), make.placed(member, (sku, 1))
    saved = openpyxl.load_workbook(
        io.BytesIO(b"".join(clerk.get(reverse("backoffice:shipping_file")).streaming_content))
    )
    assert [row[0].value for row in saved.active.iter_rows(min_row=2)] == [first.number, second.number]
    assert first.number in clerk.get(reverse("backoffice:packing")).content.decode()
    url = reverse("backoffice:shipping")
    file = sheet(
        (first.number, "顺丰速运", "SF1234567890"),
        (second.number, "顺丰速运", "短"),
        (unpaid.number, "顺丰速运", "SF1234567891"),
        (first.number, "顺丰速运", "SF1234567892"),
        ("nothing", "", ""),
    )
    page = clerk.post(url, {"file": file, "step": "look"}, **EN).content.decode()
    assert "1 rows can be shipped, 4 cannot." in page
    for number, why in ((3, "no tracking number"), (4, "does not wait"), (5, "twice"), (6, "no order of this number")):
        assert why in between(page, f"<tr><td>{number}</td>", "</tr>")
    assert set(Order.objects.values_list("state", flat=True)) == {"paid", "pending_payment"}
    token = between(page, 'name="rows" value="', '"')
    assert "1 orders shipped" in clerk.post(url, {"rows": token, "step": "send"}, **EN).content.decode()
    first.refresh_from_db()
    assert (first.state, first.tracking_number) == ("shipped", "SF1234567890")
    again = clerk.post(url, {"rows": token, "step": "send"}, **EN).content.decode()
    assert "0 orders shipped" in again
    for bad in (
        {"rows": token[:-1], "step": "send"},
        {"step": "look"},
        {"file": SimpleUploadedFile("x.xlsx", b"PK1"), "step": "look"},
    ):
        assert clerk.post(url, bad).status_code == 400 or clerk.post(url, bad).status_code == 422
    # a part of the other order, from its page
    line = OrderLine.objects.get(order=second)
    clerk.post(
        reverse("backoffice:order_ship", args=[second.ulid]),
        {"carrier": "EMS", "number": "EMS12345", f"send-{line.ulid}": "1"},
    )
    second.refresh_from_db()
    parcel = second.parcels.get()
    assert (second.state, parcel.pieces) == ("paid", {line.ulid: 1})
    clerk.post(
        reverse("backoffice:order_track", args=[second.ulid, parcel.ulid]), {"state": "moving", "text": "到达广州"}
    )
    assert "到达广州" in clerk.get(reverse("backoffice:order", args=[second.ulid])).content.decode()


def test_a_template_is_typed_by_region_names(owner):
    url = reverse("backoffice:freight_new")
    row = {
        "name": "按件",
        "basis": "piece",
        "is_default": "1",
        "unreachable": "西藏自治区",
        "regions": ["", "广东省，深圳市"],
        "first": ["1", "2"],
        "first_amount": ["8", "5.00"],
        "next": ["2", ""],
        "next_amount": ["3", ""],
        "free_from_amount": ["", "99"],
        "free_from_count": ["", ""],
    }
    wrong = owner.post(url, row | {"regions": ["", "火星"]}, **EN)
    assert wrong.status_code == 400 or wrong.status_code == 422
    assert (
        "Row 2: “火星” is no province or city." in wrong.content.decode() and 'value="火星"' in wrong.content.decode()
    )
    assert FreightTemplate.objects.count() == 0
    assert owner.post(url, row)["Location"] == reverse("backoffice:freight")
    made = FreightTemplate.objects.get()
    assert (made.is_default, made.unreachable) == (True, ["540000"])
    assert made.rates[1]["regions"] == ["440000", "440300"] and made.rates[1]["free_from_amount"] == 9_900
    twice = owner.post(url, row, **EN)
    assert "of this name already" in twice.content.decode() and FreightTemplate.objects.count() == 1
    page = owner.get(reverse("backoffice:freight"), **EN).content.decode()
    assert "freight is flat" in page and "广东省, 深圳市" in page
    edit = reverse("backoffice:freight_template", args=[made.ulid])
    assert 'value="广东省, 深圳市"' in owner.get(edit).content.decode()
    owner.post(edit, row | {"name": "按件二"})
    made.refresh_from_db()
    assert made.name == "按件二" and AuditRecord.objects.filter(action="freight.saved").count() == 2
    owner.post(reverse("backoffice:freight_delete", args=[made.ulid]))
    assert FreightTemplate.objects.count() == 0


def test_a_store_says_how_it_hands_over(owner, clerk):
    store = shops.store(now=clock.now() - dt.timedelta(days=1))
    url = reverse("backoffice:seller_handover", args=[store.ulid])
    given = {"place_text": "体育东路 8 号", "latitude": "23.129", "longitude": "113.264", "offers_pickup": "1"}
    given |= {"radius": "2000", "minimum": "30", "fee": "4.50"}
    for bad in ({"latitude": "x"}, {"radius": "far"}, {"fee": "-1"}, {"place_text": ""}):
        owner.post(url, given | bad)
        assert not Seller.objects.get(pk=store.pk).offers_pickup
    owner.post(url, given)
    store.refresh_from_db()
    assert (store.offers_pickup, store.latitude_e6, store.delivery_fee_amount) == (True, 23_129_000, 450)
    assert 'value="23.129000"' in owner.get(reverse("backoffice:seller", args=[store.ulid])).content.decode()
    page = clerk.post(reverse("backoffice:pickups"), {"store": store.ulid, "code": "1"}, **EN)
    assert "No order waits here" in page.content.decode()


@pytest.fixture(autouse=True)
def _active(grocery):
    return grocery
