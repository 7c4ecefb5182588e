"""A shop ships by a list: only its own orders, looked at first; and prints what to fetch and pack."""

import io

import openpyxl
import pytest
from django.conf import settings

from saas.kernel import clock
from tenant_apps.orders.models import Parcel
from tests.factories import orders as make
from tests.factories import sellers as sold
from tests.factories.browser import MallClient
from tests.factories.people import make_member

NOW = clock.now()


@pytest.fixture
def shop(grocery):
    return sold.opened(owner=make_member(name="店主").ulid, now=NOW)


def sheet(*rows):
    book = openpyxl.Workbook()
    for row in (("Order number", "Carrier", "Tracking number"), *rows):
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    file.seek(0)
    file.name = "list.xlsx"
    return file


def test_a_list_ships_the_shops_own_orders_and_no_others(shop):
    owner = MallClient(HTTP_ACCEPT_LANGUAGE="en")
    owner.force_login(shop.owner.user, backend=settings.AUTHENTICATION_BACKENDS[0])
    page = f"/seller/{shop.ulid}/shipping"
    assert "Nothing waits to be shipped." in owner.get(f"{page}/list").content.decode()
    tea = sold.goods(shop, title="龙井", now=NOW)
    first, second = (make.paid(make_member(name=name), (tea, qty)) for name, qty in (("王小明", 3), ("李四", 2)))
    rival = sold.opened(owner=make_member(name="同行").ulid, name="别家", now=NOW)
    theirs = make.paid(make_member(name="赵五"), (sold.goods(rival, title="普洱", now=NOW), 1))
    slips = owner.get(f"{page}/list").content.decode()
    assert "<b>× 5</b>" in slips and first.number in slips and theirs.number not in slips
    saved = openpyxl.load_workbook(io.BytesIO(b"".join(owner.get(f"{page}/file").streaming_content))).active
    assert [row[0] for row in saved.iter_rows(min_row=2, values_only=True)] == [first.number, second.number]
    looked = owner.post(
        page,
        {
            "step": "look",
            "file": sheet(
                (first.number, "顺丰速运", "SF1000000001"),
                (theirs.number, "顺丰速运", "SF1000000002"),
                (second.number, "", ""),
            ),
        },
    ).content.decode()
    assert "1 rows can be shipped, 2 cannot." in looked and "There is no order of this number." in looked
    assert not Parcel.objects.exists()
    token = looked.split('name="rows" value="')[1].split('"')[0]
    assert "1 orders shipped." in owner.post(page, {"step": "send", "rows": token}).content.decode()
    assert [(row.order.number, row.tracking_number) for row in Parcel.objects.select_related("order")] == [
        (first.number, "SF1000000001")
    ]
    other = MallClient(HTTP_ACCEPT_LANGUAGE="en")
    other.force_login(rival.owner.user, backend=settings.AUTHENTICATION_BACKENDS[0])
    stolen = other.post(f"/seller/{rival.ulid}/shipping", {"step": "send", "rows": token})
    assert stolen.status_code == 422 and Parcel.objects.count() == 1  # a list belongs to the shop it was looked at for
