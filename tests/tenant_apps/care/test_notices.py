"""A member's notices: every step that others took, what is unread, text messages where the mall wants them."""

import datetime as dt

import pytest
from django.utils import translation

from saas.kernel import clock
from saas.messaging.notices.models import Notice
from tenant_apps.care import selectors, services
from tenant_apps.orders import services as orders
from tests.factories import catalog, sales
from tests.factories import orders as make
from tests.factories.people import make_member
from tests.tenant_apps.backoffice.conftest import signed_in

NOW = clock.now()
ENGLISH = {"HTTP_ACCEPT_LANGUAGE": "en"}


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


@pytest.mark.parametrize("texts", [False, True])
def test_each_step_is_told_once_read_marked_and_texted_where_set(grocery, drain, texts):
    sales.publish("orders", now=NOW - dt.timedelta(minutes=1), order_texts=texts)
    buyer, other = make_member(), make_member()
    browser, foreign = signed_in(buyer.user), signed_in(other.user)
    assert "No notices yet." in browser.get("/notices", **ENGLISH).content.decode()
    order = make.shipped(buyer, (catalog.single(), 2), now=NOW)
    case = orders.open_case(order_ulid=order.ulid, service="refund_only", reason="坏", member=buyer, now=NOW)
    orders.decline(refund_ulid=case.ulid, actor=make.CLERK, note="请提供照片", now=NOW)
    drain()
    drain()
    found = selectors.notices(buyer)
    assert [one.row.action for one in found.rows] == ["case_declined", "shipped", "paid"]  # not what he did himself
    assert (found.unread, selectors.unread_notices(buyer), selectors.unread_notices(other)) == (3, 3, 0)
    page = browser.get("/notices", **ENGLISH).content.decode()
    assert "请提供照片" in page and "3 new" in page and order.number in page
    assert order.number not in foreign.get("/notices").content.decode()
    assert "badge-primary badge-sm" in browser.get("/me").content.decode()
    foreign.post("/notices/read")
    assert selectors.unread_notices(buyer) == 3
    browser.post("/notices/read")
    assert selectors.unread_notices(buyer) == 0
    assert "Nothing new" in browser.get("/notices", **ENGLISH).content.decode()
    later = clock.now()
    invoice = services.ask_invoice(order_ulid=order.ulid, member=buyer, kind="person", title="李", now=later)
    services.issue_invoice(invoice_ulid=invoice.ulid, number="12345678", actor=make.CLERK, now=later)
    assert selectors.unread_notices(buyer) == 1
    sent = list(Notice.objects.order_by("pk").values_list("kind", "to_phone"))
    kinds = ["order_shipped", "case_moved", "buyer_invoice_issued"] if texts else []
    assert sorted(sent) == sorted((kind, buyer.user.phone) for kind in kinds)
