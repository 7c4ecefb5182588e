"""Smallest fee of a line, and who bears what the payment channel charges: sale, statement, refunds, screens, to the fen."""

from dataclasses import replace

import pytest
from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse

from saas.identity.models import AuditRecord
from saas.kernel.errors import InvalidInput
from saas.ledger import selectors as book
from tenant_apps.modes import selectors as modes
from tenant_apps.orders.models import OrderLine
from tenant_apps.sellers import services
from tenant_apps.sellers.models import Seller, Statement, StatementLine
from tenant_apps.sellers.rules import SettlementKind, draft_fault
from tenant_apps.settlement.models import LineSettlement
from tenant_apps.settlement.selectors.tracing import trace_order
from tests.factories import sales
from tests.factories import sellers as sold
from tests.factories.browser import MallClient
from tests.factories.people import make_member
from tests.tenant_apps.sellers.test_seller_money import NEXT, NOW, finished, owed, payable, refunded, terms


def test_bounds_of_the_terms():
    plain = sold.draft()
    for change, fault in (
        ({"min_fee_amount": 10_000, "bears_payment_fee": True}, None),
        ({"min_fee_amount": 10_001}, "min_fee_amount"),
        ({"min_fee_amount": -1}, "min_fee_amount"),
        ({"settlement": SettlementKind.CONCESSION, "rate_ppm": 200_000, "bears_payment_fee": True}, None),
        ({"settlement": SettlementKind.CONCESSION, "rate_ppm": 200_000, "min_fee_amount": 1}, "min_fee_amount"),
        ({"settlement": SettlementKind.SUPPLIER, "rate_ppm": 0, "bears_payment_fee": True}, "bears_payment_fee"),
    ):
        assert draft_fault(replace(plain, **change)) == fault


def test_a_sale_its_statement_and_its_refunds(grocery):
    terms(freight_fen=600)
    owner, buyer = make_member(name="店主", now=NOW), make_member(name="买家", now=NOW)
    shop = sold.opened(owner=owner.ulid, min_fee_amount=500, bears_payment_fee=True, now=NOW)
    order = finished(buyer, (sold.goods(shop, price=5_000, now=NOW), 1))
    # 5 % of 50.00 would be 2.50: 5.00. 0.6 % of 50.00 is 0.30; freight passes through whole.
    kept = OrderLine.objects.get(order=order)
    assert (kept.seller["least_fee"], kept.seller["bears_payment_fee"], kept.supply_cost_amount) == (500, True, 4_500)
    row = LineSettlement.objects.get()
    assert (row.payable_amount, row.fee_amount, row.payment_fee_amount, row.house_amount) == (4_470, 500, 30, 530)
    assert sales.posted() == {"channel": -5_600, "seller.payable": 5_070, "house": 530}
    line = StatementLine.objects.get()
    assert (line.fee_amount, line.payment_fee_amount, line.freight_amount, line.amount) == (500, 30, 600, 5_070)
    refunded(order, 2_000)  # of the 30.00 left: still 5.00, and 0.18
    row.refresh_from_db()
    assert (row.payable_amount, row.fee_amount, row.payment_fee_amount, row.house_amount) == (2_482, 500, 18, 518)
    line = StatementLine.objects.order_by("-pk").first()
    assert (line.fee_amount, line.payment_fee_amount, line.amount) == (0, -12, -1_988)
    assert payable(shop) == 5_070 - 1_988
    said = [text for one in trace_order(order.ulid).lines for text in one.fees]
    assert len(said) == 2 and "5.00" in said[0] and "0.18" in said[1] and "30.00" in said[1]
    services.close_statement(seller_ulid=shop.ulid, now=NEXT)
    statement = Statement.objects.get()
    assert (statement.fee_amount, statement.payment_fee_amount, statement.total_amount) == (500, 18, 3_082)
    client = MallClient(HTTP_ACCEPT_LANGUAGE="en")
    client.force_login(owner.user, backend=settings.AUTHENTICATION_BACKENDS[0])
    page = client.get(f"/seller/{shop.ulid}/money").content.decode()
    assert "At least ¥5.00 for each line" in page and "0.6% of what is paid in money" in page
    page = client.get(f"/seller/{shop.ulid}/statements/{statement.ulid}").content.decode()
    assert "Charged by the payment channel, already taken off" in page and "payment channel ¥0.30" in page
    assert (
        "The seller bears it, the mall pays the channel"
        in client.get(reverse("money:sale", args=[order.number])).content.decode()
    )
    refunded(order, 3_000, qty=1)
    row.refresh_from_db()
    assert (row.payable_amount, row.fee_amount, row.payment_fee_amount, row.house_amount) == (0, 0, 0, 0)
    assert (owed(shop), book.balance("house"), book.uncleared()) == (2_482, 0, [])


def test_who_bears_what_holds_from_the_order_on(grocery):
    terms(freight_free=True)
    buyer, shop = make_member(name="买家", now=NOW), sold.opened(settlement="concession", now=NOW)
    tea = sold.goods(shop, price=10_000, now=NOW)
    finished(buyer, (tea, 1))
    draft = sold.draft(settlement="concession", bears_payment_fee=True)
    services.update_seller(ulid=shop.ulid, draft=draft, actor=sold.CLERK, now=NOW)
    sales.publish("settlement", now=NOW, payment_fee_ppm=10_000)
    finished(buyer, (tea, 1))
    found = LineSettlement.objects.order_by("pk").values_list("payable_amount", "payment_fee_amount", "house_amount")
    assert list(found) == [(8_000, 0, 2_000), (7_900, 100, 2_100)]
    told = AuditRecord.objects.get(action="seller.changed").data
    assert (told["before"]["bears_payment_fee"], told["after"]["bears_payment_fee"]) == (False, True)
    for change, field in (({"min_fee_amount": 1}, "min_fee_amount"), ({"settlement": "supplier", "rate_ppm": 0}, "bears_payment_fee")):  # fmt: skip
        with pytest.raises(InvalidInput) as refused:
            services.update_seller(
                ulid=shop.ulid,
                draft=sold.draft(**{"settlement": "concession", "bears_payment_fee": True, **change}),
                actor=sold.CLERK,
                now=NOW,
            )
        assert refused.value.field == field
    with pytest.raises(IntegrityError, match="sellers_seller_fees"), transaction.atomic():
        Seller.objects.filter(pk=shop.pk).update(min_fee_amount=1)


def test_the_worst_case_leaves_the_smallest_fee_out_and_the_preview_shows_it(grocery):
    shop = sold.opened(min_fee_amount=2_000, bears_payment_fee=True, now=NOW)
    tea = sold.goods(shop, price=10_000, now=NOW)
    found = [one.line for one in modes.combinations() if one.line.sku == tea.ulid]
    assert [(line.seller.least_fee, line.supply_cost) for line in found] == [(0, 9_500)]
