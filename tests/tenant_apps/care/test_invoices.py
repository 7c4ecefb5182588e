"""A buyer's invoice from the asking to the red letter; who may see and issue which; what is refused."""

import io

import pytest
from django.utils import translation

from saas.identity.models import AuditRecord
from saas.identity.roles import Role
from saas.kernel import clock
from saas.kernel.errors import InvalidInput, NotFound
from saas.kernel.states import IllegalTransition
from tenant_apps.care import invoicing, selectors, services
from tenant_apps.care.models import Invoice
from tenant_apps.orders import services as orders
from tenant_apps.orders.models import OrderLine
from tenant_apps.orders.rules import RefundWish
from tests.factories import catalog
from tests.factories import orders as make
from tests.factories import sellers as shops
from tests.factories.browser import MallClient
from tests.factories.people import make_member, make_staff
from tests.tenant_apps.backoffice.conftest import signed_in

NOW = clock.now()
PDF = b"%PDF-1.7 invoice"
ENGLISH = {"HTTP_ACCEPT_LANGUAGE": "en"}


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("91350100M000100Y43", True),  # the example of GB 32100-2015
        ("91350100M000100Y44", False),
        ("91350100M000100Y4", False),
        ("91350100M00O100Y43", False),  # no letter O
        ("", False),
    ],
)
def test_the_check_character_of_a_tax_number(text, good):
    assert invoicing.is_tax_number(text) is good


def test_states_end_and_red_letters_say_what_was_kept():
    for state, onward in invoicing.TRANSITIONS.items():
        assert bool(onward) == (state in invoicing.LIVE)
    owed = invoicing.red_owed
    assert owed(issued=10_000, red_done=0, total=10_000, refunded=0) == 0
    assert owed(issued=10_000, red_done=0, total=10_000, refunded=3_000) == 3_000
    assert owed(issued=7_000, red_done=0, total=10_000, refunded=3_000) == 0
    assert owed(issued=10_000, red_done=3_000, total=10_000, refunded=10_000) == 7_000


def give_back(order, amount, drain):
    wishes = [RefundWish(OrderLine.objects.get(order=order).ulid, 0, amount)] if amount else None
    case = orders.request_refund(order_ulid=order.ulid, reason="x", actor=make.CLERK, now=NOW, wishes=wishes)
    orders.approve_refund(refund_ulid=case.ulid, actor=make.CLERK, now=NOW, restock=False)
    orders.mark_refunded(refund_ulid=case.ulid, now=NOW)
    drain()


def test_from_asking_to_the_last_red_letter(grocery, drain):
    buyer, stranger = make_member(), make_member()
    order = make.placed(buyer, (catalog.single(price=10_000), 2), now=NOW)
    given = {"order_ulid": order.ulid, "member": buyer, "kind": "company", "title": "甲公司", "now": NOW}
    given["tax_number"] = "91350100m000100y43"
    with pytest.raises(services.NothingToInvoice):
        services.ask_invoice(**given)  # not paid
    orders.mark_paid(order_ulid=order.ulid, payment=make.fund(order, now=NOW), amount=order.total_amount, now=NOW)
    for wrong, field in (
        ({"kind": "x"}, "kind"),
        ({"title": " "}, "title"),
        ({"tax_number": "91350100M000100Y44"}, "tax_number"),
    ):
        with pytest.raises(InvalidInput) as refused:
            services.ask_invoice(**{**given, **wrong})
        assert refused.value.field == field
    with pytest.raises(NotFound):
        services.ask_invoice(**{**given, "member": stranger})
    assert not Invoice.objects.exists()
    row = services.ask_invoice(**given)
    assert (row.amount, row.tax_number) == (20_000, "91350100M000100Y43")  # freight is free from 99.00
    with pytest.raises(services.InvoiceAskedAlready):
        services.ask_invoice(**given)
    give_back(order, 2_000, drain)
    row.refresh_from_db()
    assert (row.state, row.amount) == ("requested", 18_000)
    issue = {"invoice_ulid": row.ulid, "actor": make.CLERK, "now": NOW}
    for wrong, field in (({"number": "12"}, "number"), ({"number": "12345678", "file": b"<html>"}, "file")):
        with pytest.raises(InvalidInput) as refused:
            services.issue_invoice(**issue, **wrong)
        assert refused.value.field == field
    with pytest.raises(NotFound):
        services.issue_invoice(**issue, number="12345678", seller_ulid="01ANOTHER")
    row = services.issue_invoice(**issue, number="24332000000123456789", file=PDF)
    assert (row.state, services.read_file(row, row.file)) == ("issued", PDF)
    for again in (
        lambda: services.issue_invoice(**issue, number="12345678"),
        lambda: services.refuse_invoice(invoice_ulid=row.ulid, reason="x", actor=make.CLERK, now=NOW),
        lambda: services.withdraw_invoice(invoice_ulid=row.ulid, member=buyer, now=NOW),
    ):
        with pytest.raises(IllegalTransition):
            again()
    give_back(order, 3_000, drain)
    row.refresh_from_db()
    assert (row.state, row.red_amount) == ("red_due", 3_000)
    services.follow_refunds(order=order, now=NOW)  # a repeat
    row = services.issue_invoice(**issue, number="12345678")
    assert (row.state, row.red_amount, row.red_done_amount) == ("issued", 0, 3_000)
    give_back(order, None, drain)
    row.refresh_from_db()
    assert (row.state, row.red_amount) == ("red_due", 15_000)
    row = services.issue_invoice(**issue, number="87654321", file=PDF)
    assert (row.state, [one["amount"] for one in row.red_letters]) == ("reversed", [3_000, 15_000])
    with pytest.raises(services.NothingToInvoice):
        services.ask_invoice(**given)
    kept = AuditRecord.objects.filter(action__startswith="buyer_invoice.").values_list("action", flat=True)
    assert list(kept) == ["buyer_invoice.issued", "buyer_invoice.red_issued", "buyer_invoice.red_issued"]


def test_the_pages_of_buyer_shop_and_staff(grocery):
    buyer, owner, stranger = make_member(), make_member(), make_member()
    shop = shops.opened(name="甲", owner=owner.ulid)
    order = make.paid(buyer, (shops.goods(shop, price=6_000), 1))
    own = make.paid(buyer, (catalog.single(), 1))
    mine, seller, foreign = signed_in(buyer.user), signed_in(owner.user), signed_in(stranger.user)
    clerk = signed_in(make_staff(Role.ORDERS))
    page, queue = f"/orders/{order.ulid}/invoice", f"/seller/{shop.ulid}/invoices"
    assert page in mine.get(f"/orders/{order.ulid}").content.decode()
    assert "No invoice yet" in mine.get("/invoices", **ENGLISH).content.decode()
    assert "No invoice waits here" in clerk.get("/backoffice/invoices/", **ENGLISH).content.decode()
    assert foreign.get(page).status_code == 404 and foreign.post(page, {"kind": "person"}).status_code == 404
    wrong = mine.post(page, {"kind": "company", "title": "甲公司", "tax_number": "1"}, **ENGLISH)
    assert wrong.status_code == 422 and "no tax number" in wrong.content.decode() and "甲公司" in wrong.content.decode()
    for one in (order, own):
        assert mine.post(f"/orders/{one.ulid}/invoice", {"kind": "person", "title": "李小满"}).status_code == 302
    sold, of_mall = selectors.invoices().order_by("pk")
    assert (sold.seller_ulid, of_mall.seller_ulid) == (shop.ulid, "")
    assert order.number in seller.get(queue, **ENGLISH).content.decode()
    assert own.number not in seller.get(queue).content.decode() and foreign.get(queue).status_code == 404
    step = {"step": "issue", "number": "24332000000123456789"}
    assert seller.post(f"{queue}/{of_mall.ulid}/step", step).status_code == 404
    upload = io.BytesIO(PDF)
    upload.name = "a.pdf"
    assert seller.post(f"{queue}/{sold.ulid}/step", {**step, "file": upload}).status_code == 302
    sold.refresh_from_db()
    assert sold.state == "issued"
    address = f"/invoices/{sold.ulid}/{sold.file}.pdf"
    for browser in (mine, seller):
        answer = browser.get(address)
        assert (answer.content, answer["Content-Type"]) == (PDF, "application/pdf")
        assert answer["Content-Disposition"].startswith("attachment")
    assert foreign.get(address).status_code == 404 and MallClient().get(address).status_code == 302
    assert mine.get(address.replace(sold.file, "01" + "X" * 24)).status_code == 404
    clerk.post(f"/backoffice/invoices/{of_mall.ulid}/step", {"step": "refuse", "reason": "抬头有误"})
    assert "抬头有误" in mine.get(f"/orders/{own.ulid}/invoice", **ENGLISH).content.decode()
    listed = clerk.get("/backoffice/invoices/?state=all", **ENGLISH).content.decode()
    assert "抬头有误" in listed and "24332000000123456789" in listed
    assert clerk.get(f"/backoffice/invoices/{sold.ulid}/{sold.file}.pdf").content == PDF
    assert mine.post(f"/orders/{own.ulid}/invoice", {"kind": "person", "title": "李小满"}).status_code == 302
    again = selectors.invoices_of_order(own)[0]
    mine.post(f"/orders/{own.ulid}/invoice", {"step": "withdraw", "invoice": again.ulid})
    again.refresh_from_db()
    assert again.state == "withdrawn"
    text = mine.get("/invoices", **ENGLISH).content.decode()
    assert "issued" in text and "taken back" in text and "refused" in text
