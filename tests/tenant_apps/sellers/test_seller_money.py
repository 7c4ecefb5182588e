"""A seller's money from the sale to the bank: payable, freight, refunds before and after the statement, to the fen."""

import datetime as dt
import threading
from types import SimpleNamespace

import pytest
from django.db import connection, transaction
from django.db.models import Sum

from saas.identity.models import AuditRecord
from saas.kernel.errors import InvalidInput, NotFound
from saas.kernel.ids import new_ulid
from saas.ledger import selectors as book
from saas.tenants.malls.activation import in_mall
from saas.tenants.malls.models import Mall
from tenant_apps.orders import services as orders
from tenant_apps.orders.models import Order, OrderLine
from tenant_apps.orders.rules import RefundWish
from tenant_apps.sellers import selectors, services, tasks
from tenant_apps.sellers.models import SellerDay, Statement, StatementLine
from tenant_apps.sellers.rules import TakeTier, debt_of, payable_of
from tenant_apps.settlement import facts
from tenant_apps.settlement import services as settlement
from tenant_apps.settlement.models import LineSettlement
from tests.factories import orders as make
from tests.factories import sales
from tests.factories import sellers as sold
from tests.factories.people import make_member

NOW = dt.datetime(2026, 11, 22, 4, 0, tzinfo=dt.UTC)
DONE = NOW + dt.timedelta(days=10)
NEXT = DONE + dt.timedelta(days=1)


@pytest.fixture
def buyer(grocery: Mall) -> object:
    connection.tenant.state = "rehearsal"
    Mall.objects.filter(pk=grocery.pk).update(state="rehearsal")
    return make_member(name="李买家", now=NOW)


def terms(**values: object) -> None:
    sales.publish("orders", now=NOW, **{"freight_free": False, **values})


def bought(buyer: object, *what: tuple[object, int]) -> Order:
    """A paid order, its awards frozen."""
    order = make.paid(buyer, *what, now=NOW)  # type: ignore[arg-type]
    settlement.award_order(order=facts.paid_order(order.ulid), now=NOW)
    return order


def finished(buyer: object, *what: tuple[object, int], at: dt.datetime = DONE) -> Order:
    """An order whose money has been handed out."""
    order = bought(buyer, *what)
    settlement.release_order(order=facts.paid_order(order.ulid), now=at)
    return order


def refunded(
    order: Order, value: int, *, qty: int = 0, position: int = 0, freight: int = 0, at: dt.datetime = DONE
) -> None:
    """Staff give back `value` fen of a line, and the channel sends it."""
    line = OrderLine.objects.get(order=order, position=position)
    case = orders.request_refund(
        order_ulid=order.ulid,
        reason="test",
        actor=make.CLERK,
        now=at,
        wishes=[RefundWish(line.ulid, qty, value)],
        freight_amount=freight,
    )
    orders.approve_refund(refund_ulid=case.ulid, actor=make.CLERK, now=at, restock=False)
    _, refund = facts.approved_refund(case.ulid)
    settlement.apply_refund(order=facts.paid_order(order.ulid), refund=refund, now=at)
    sales.return_money(refund, now=at)


def payable(seller: object) -> int:
    return book.balance(payable_of(seller.ulid))  # type: ignore[attr-defined]


def owed(seller: object) -> int:
    return -book.balance(debt_of(seller.ulid))  # type: ignore[attr-defined]


def lines_sum(seller: object) -> int:
    return StatementLine.objects.filter(seller_ulid=seller.ulid).aggregate(sum=Sum("amount", default=0))["sum"]  # type: ignore[attr-defined]


def test_a_supplier_is_paid_his_price_whatever_the_retail_price(buyer: object) -> None:
    supplier = sold.opened(settlement="supplier", now=NOW)
    order = finished(buyer, (sold.goods(supplier, price=9999, supply=4000, now=NOW), 3))
    assert payable(supplier) == 12000  # MODES 10 (x)
    row = LineSettlement.objects.get()
    assert (row.cash_amount, row.payable_amount, row.house_amount, row.fee_amount) == (29997, 12000, 17997, 0)
    assert OrderLine.objects.get(order=order).seller["supply_price"] == 4000
    assert sales.posted() == {"channel": -29997, "seller.payable": 12000, "house": 17997}


def test_a_concession_of_twenty_per_cent(buyer: object) -> None:
    shop = sold.opened(settlement="concession", now=NOW)
    finished(buyer, (sold.goods(shop, now=NOW), 1))
    assert sales.posted() == {"channel": -10000, "seller.payable": 8000, "house": 2000}  # MODES 10 (x)
    assert OrderLine.objects.get().supply_cost_amount == 8000


def test_a_commission_is_floored_and_the_freight_is_the_sellers(buyer: object) -> None:
    shop = sold.opened(rate_ppm=33_333, now=NOW)
    terms(freight_fen=600)
    finished(buyer, (sold.goods(shop, price=9999, now=NOW), 1))
    row = StatementLine.objects.get()
    assert (row.turnover_amount, row.fee_amount, row.freight_amount, row.amount) == (9999, 333, 600, 10266)
    assert payable(shop) == 10266 and book.balance("house") == 333


def test_freight_is_spread_over_the_lines_and_only_sellers_get_theirs(buyer: object) -> None:
    shop = sold.opened(now=NOW)
    terms(freight_fen=1000)
    small, big = sold.goods(shop, price=10000, title="小", now=NOW), sold.goods(shop, price=20000, now=NOW)
    order = finished(buyer, (small, 1), (big, 1))
    parts = OrderLine.objects.filter(order=order).order_by("position").values_list("freight_amount", flat=True)
    assert list(parts) == [333, 667]
    assert (payable(shop), book.balance("house")) == (28500 + 1000, 1500)
    own = finished(buyer, (sold.goods(None, price=10000, supply=4000, title="自营", now=NOW), 1))
    assert (payable(shop), book.balance("house")) == (28500 + 1000, 1500 + 6000 + 1000)
    assert OrderLine.objects.get(order=own, position=0).seller == {}


def test_returned_freight_comes_back_from_whoever_had_it(buyer: object) -> None:
    shop = sold.opened(now=NOW)
    terms(freight_fen=1000)
    small, big = sold.goods(shop, price=10000, title="小", now=NOW), sold.goods(shop, price=20000, now=NOW)
    order = finished(buyer, (small, 1), (big, 1))
    refunded(order, 20000, qty=1, position=1, freight=400)
    assert payable(shop) == 9500 + 600
    refunded(order, 10000, qty=1, position=0, freight=600)
    assert (payable(shop), owed(shop), lines_sum(shop)) == (0, 0, 0)
    assert sales.posted() == {}
    assert SellerDay.objects.aggregate(t=Sum("turnover_amount"), f=Sum("fee_amount")) == {"t": 0, "f": 0}


def test_a_refund_before_completion_lowers_the_sale(buyer: object) -> None:
    shop = sold.opened(now=NOW)
    terms(freight_fen=600)
    order = bought(buyer, (sold.goods(shop, now=NOW), 2))
    refunded(order, 5000, freight=200, at=NOW)
    settlement.release_order(order=facts.paid_order(order.ulid), now=DONE)
    row = StatementLine.objects.get()
    assert (row.kind, row.turnover_amount, row.fee_amount, row.freight_amount) == ("sale", 15000, 750, 400)
    assert row.amount == payable(shop) == 14650


def test_the_take_is_that_of_the_turnover_at_placing_and_stays_with_the_order(buyer: object) -> None:
    shop = sold.opened(tiers=(TakeTier(20_000, 30_000),), now=NOW)
    sku = sold.goods(shop, now=NOW)
    first = finished(buyer, (sku, 2), at=NOW)
    second = bought(buyer, (sku, 1))
    assert [OrderLine.objects.get(order=one).seller["rate_ppm"] for one in (first, second)] == [50_000, 30_000]
    refunded(first, 20000, qty=2)
    third = bought(buyer, (sku, 1))
    assert OrderLine.objects.get(order=third).seller["rate_ppm"] == 50_000
    settlement.release_order(order=facts.paid_order(second.ulid), now=DONE)
    assert StatementLine.objects.get(order_number=second.number).fee_amount == 300


def test_a_statement_is_the_sum_of_its_lines_and_of_the_payable(buyer: object) -> None:
    shop = sold.opened(now=NOW)
    sku = sold.goods(shop, now=NOW)
    finished(buyer, (sku, 1))
    finished(buyer, (sku, 2))
    assert services.close_statement(seller_ulid=shop.ulid, now=DONE) is None  # T+1
    row = services.close_statement(seller_ulid=shop.ulid, now=NEXT)
    assert row is not None
    assert (row.period_key, row.turnover_amount, row.fee_amount, row.sale_amount, row.total_amount) == (
        "2026-12-03",
        30000,
        1500,
        28500,
        28500,
    )
    assert row.total_amount == payable(shop) == selectors.lines_of(row).aggregate(sum=Sum("amount"))["sum"]
    assert book.available(payable_of(shop.ulid)) == 0
    assert services.close_statement(seller_ulid=shop.ulid, now=NEXT) is None
    assert Statement.objects.count() == 1


def test_a_refund_before_the_statement_lowers_it(buyer: object) -> None:
    shop = sold.opened(now=NOW)
    order = finished(buyer, (sold.goods(shop, now=NOW), 2))
    refunded(order, 5000)
    row = services.close_statement(seller_ulid=shop.ulid, now=NEXT)
    assert row is not None
    assert (row.sale_amount, row.refund_amount, row.total_amount) == (19000, -4750, 14250)
    assert payable(shop) == 14250


def test_a_refund_after_the_statement_is_owed_and_lowers_the_next(buyer: object) -> None:
    shop = sold.opened(now=NOW)
    sku = sold.goods(shop, now=NOW)
    order = finished(buyer, (sku, 1))
    first = services.close_statement(seller_ulid=shop.ulid, now=NEXT)
    assert first is not None
    refunded(order, 4000, at=NEXT)
    assert (payable(shop), owed(shop)) == (9500, 3800)
    services.confirm_statement(ulid=first.ulid, actor="user:boss", now=NEXT)
    services.pay_statement(ulid=first.ulid, reference="ICBC-0001", actor="user:boss", now=NEXT)
    assert (payable(shop), owed(shop)) == (0, 3800)
    later = NEXT + dt.timedelta(days=1)
    assert services.close_statement(seller_ulid=shop.ulid, now=later) is None  # nothing to pay: the line waits
    finished(buyer, (sku, 1), at=later)
    assert (payable(shop), owed(shop)) == (9500 - 3800, 0)
    second = services.close_statement(seller_ulid=shop.ulid, now=later + dt.timedelta(days=1))
    assert second is not None
    assert (second.sale_amount, second.refund_amount, second.total_amount) == (9500, -3800, 5700)
    assert payable(shop) == 5700
    assert sales.posted() == {"channel": -16000, "bank": 9500, "seller.payable": 5700, "house": 800}
    assert book.uncleared() == []


def test_only_a_rehearsing_mall_pays_by_hand(buyer: object, grocery: Mall) -> None:
    shop = sold.opened(now=NOW)
    finished(buyer, (sold.goods(shop, now=NOW), 1))
    row = services.close_statement(seller_ulid=shop.ulid, now=NEXT)
    assert row is not None
    services.confirm_statement(ulid=row.ulid, actor="user:boss", now=NEXT)
    Mall.objects.filter(pk=grocery.pk).update(state="active")
    with pytest.raises(services.ManualSettlementForbidden):
        services.pay_statement(ulid=row.ulid, reference="ICBC-0001", actor="user:boss", now=NEXT)
    row.refresh_from_db()
    assert (row.state, payable(shop)) == ("confirmed", 9500)


def test_a_disputed_statement_is_not_paid_until_it_is_confirmed_again(buyer: object) -> None:
    shop = sold.opened(now=NOW)
    finished(buyer, (sold.goods(shop, now=NOW), 1))
    row = services.close_statement(seller_ulid=shop.ulid, now=NEXT)
    assert row is not None
    services.dispute_statement(ulid=row.ulid, reason="a parcel is missing", actor="member:x", now=NEXT)
    with pytest.raises(Exception, match="state"):
        services.pay_statement(ulid=row.ulid, reference="ICBC-0001", actor="user:boss", now=NEXT)
    book_it = {"seller_ulid": shop.ulid, "reason": "the parcel", "actor": "user:boss", "now": NEXT, "form": new_ulid()}
    for _press in range(2):  # the button was pressed twice
        services.adjust_payable(amount=500, **book_it)  # type: ignore[arg-type]
    with pytest.raises(InvalidInput, match=r"Open it again|重新打开"):
        services.adjust_payable(amount=501, **book_it)  # type: ignore[arg-type]
    services.confirm_statement(ulid=row.ulid, actor="user:boss", now=NEXT)
    services.pay_statement(ulid=row.ulid, reference="ICBC-0001", actor="user:boss", now=NEXT)
    assert payable(shop) == 500 == selectors.open_amount(shop.ulid)


def test_the_yearly_fee_is_taken_once_a_year_and_owed_where_nothing_is_there(buyer: object) -> None:
    shop = sold.opened(service_fee_amount=6000, now=NOW)
    for _ in range(2):
        services.charge_service_fee(seller_ulid=shop.ulid, now=NOW)
    assert (payable(shop), owed(shop), lines_sum(shop)) == (0, 6000, -6000)
    finished(buyer, (sold.goods(shop, now=NOW), 1))
    assert (payable(shop), owed(shop), lines_sum(shop)) == (3500, 0, 3500)
    services.charge_service_fee(seller_ulid=shop.ulid, now=NOW + dt.timedelta(days=365))
    assert (payable(shop), owed(shop), lines_sum(shop)) == (0, 2500, -2500)
    assert StatementLine.objects.filter(kind="fee").count() == 2


def test_a_stores_income_is_a_line_of_its_statement(buyer: object) -> None:
    shop = sold.store(now=NOW)
    sales.ledger.post_entry(
        key="x",
        kind="test",
        moves=[sales.Move("house", f"store.wallet.{shop.ulid}", 1200)],
        document="t",
        occurred_at=NOW,
    )
    row = services.close_statement(seller_ulid=shop.ulid, now=NEXT)
    assert row is not None
    assert (row.award_amount, row.total_amount, payable(shop)) == (1200, 1200, 1200)
    assert book.balance(f"store.wallet.{shop.ulid}") == 0


def test_the_round_settles_every_seller_once_however_often_it_runs(buyer: object) -> None:
    shops = [sold.opened(name=name, service_fee_amount=1000, now=NOW) for name in ("甲", "乙")]
    for shop in shops:
        finished(buyer, (sold.goods(shop, now=NOW), 1))
    assert [tasks.settle_sellers(now=NEXT) for _ in range(3)] == [2, 0, 0]
    assert [payable(shop) for shop in shops] == [8500, 8500]
    assert set(Statement.objects.values_list("total_amount", "deduction_amount")) == {(8500, -1000)}
    assert selectors.open_amount(shops[0].ulid) == 0


def test_two_workers_make_one_statement(committed: None) -> None:
    from django_tenants.utils import schema_context

    with schema_context("public"):
        mall = Mall.objects.get(schema_name="t_test_grocery")
    with in_mall(mall), transaction.atomic():
        buyer = make_member(name="李买家", now=NOW)
        services.file_edi_licence(number="EDI-440100", valid_until=None, actor="user:boss", now=NOW)
        shop = sold.opened(now=NOW)
        sku = sold.goods(shop, now=NOW)
        for _ in range(3):
            finished(buyer, (sku, 1))
    made: list[object] = []
    barrier = threading.Barrier(4)

    def work() -> None:
        try:
            with in_mall(mall):
                barrier.wait()
                made.append(services.close_statement(seller_ulid=shop.ulid, now=NEXT))
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with in_mall(mall):
        assert len(made) == 4
        assert [row.total_amount for row in made if row is not None] == [28500]  # type: ignore[attr-defined]
        row = Statement.objects.get()
        assert StatementLine.objects.filter(statement=row).count() == 3
        assert book.balances([payable_of(shop.ulid)])[payable_of(shop.ulid)].held_out == 28500


def test_a_paused_sellers_goods_are_not_sold(buyer: object) -> None:
    shop = sold.opened(now=NOW)
    sku = sold.goods(shop, now=NOW)
    services.pause_seller(ulid=shop.ulid, actor="user:boss", reason="holiday", now=NOW)
    with pytest.raises(orders.SkuNotSellable):
        make.placed(buyer, (sku, 1), now=NOW)  # type: ignore[arg-type]
    assert not Order.objects.exists()


def test_a_live_mall_needs_its_edi_licence_before_it_hosts_sellers(buyer: object, grocery: Mall) -> None:
    shop = sold.opened(now=NOW)
    sku = sold.goods(shop, now=NOW)
    Mall.objects.filter(pk=grocery.pk).update(state="active")
    connection.tenant.state = "active"
    with pytest.raises(orders.SkuNotSellable):
        make.placed(buyer, (sku, 1), now=NOW)  # type: ignore[arg-type]
    with pytest.raises(services.EdiLicenceMissing):
        sold.opened(name="二号店", licensed=False, now=NOW)
    services.file_edi_licence(number="EDI-440100", valid_until=dt.date(2026, 12, 31), actor="user:boss", now=NOW)
    assert make.placed(buyer, (sku, 1), now=NOW).total_amount >= 10000  # type: ignore[arg-type]


def test_nothing_is_asked_about_sellers_where_all_is_the_malls_own(
    buyer: object, django_assert_num_queries: object
) -> None:
    from tenant_apps.modes import selling

    own = SimpleNamespace(key="S", kind="goods", seller_ulid="", supply_amount=1)
    with django_assert_num_queries(0):  # type: ignore[operator]
        assert selling.of_offers([own], now=NOW) == {"S": selling.OWN}  # type: ignore[list-item]


def test_a_refund_on_the_day_of_the_statement_is_in_it(buyer: object) -> None:
    shop = sold.opened(now=NOW)
    sku = sold.goods(shop, now=NOW)
    order = finished(buyer, (sku, 1))
    refunded(order, 4000, at=NEXT)
    finished(buyer, (sku, 1), at=NEXT)
    row = services.close_statement(seller_ulid=shop.ulid, now=NEXT)
    assert row is not None
    assert (row.sale_amount, row.refund_amount, row.total_amount) == (9500, -3800, 5700)
    assert selectors.open_amount(shop.ulid) == 9500 == book.available(payable_of(shop.ulid))


def test_the_owner_confirms_or_disputes_his_statement_and_nobody_elses(buyer: object) -> None:
    owner = make_member(name="店主")
    shop = sold.opened(owner=owner.ulid, now=NOW)
    finished(buyer, (sold.goods(shop, now=NOW), 1))
    row = services.close_statement(seller_ulid=shop.ulid, now=NEXT)
    assert row is not None
    with pytest.raises(NotFound):
        services.answer_statement(ulid=row.ulid, member=buyer, agrees=True, now=NEXT)  # type: ignore[arg-type]
    with pytest.raises(InvalidInput):
        services.answer_statement(ulid=row.ulid, member=owner, agrees=False, reason=" ", now=NEXT)
    assert selectors.statement(row.ulid).state == "draft"
    services.answer_statement(ulid=row.ulid, member=owner, agrees=False, reason="少了一单", now=NEXT)
    told = selectors.statement(row.ulid)
    assert (told.state, told.dispute_reason, told.decided_by) == ("disputed", "少了一单", f"member:{owner.ulid}")
    services.answer_statement(ulid=row.ulid, member=owner, agrees=True, now=NEXT)
    assert selectors.statement(row.ulid).state == "confirmed"
    services.dispute_statement(ulid=row.ulid, reason="we look again", actor="user:boss", now=NEXT)
    with pytest.raises(services.DisputedByStaff):
        services.answer_statement(ulid=row.ulid, member=owner, agrees=True, now=NEXT)
    trail = AuditRecord.objects.filter(target=row.document).order_by("pk").values_list("actor", "action")
    mine = f"member:{owner.ulid}"
    assert [one for one in trail if one[1].startswith("statement.")][-3:] == [
        (mine, "statement.disputed"),
        (mine, "statement.confirmed"),
        ("user:boss", "statement.disputed"),
    ]


def test_what_a_store_owes_of_its_income_is_kept_back_from_its_statement(buyer: object) -> None:
    """A debt of 3.00 after a refund: the next statement pays 85.00 of sales less it, and no fen is left anywhere."""
    shop = sold.store(now=NOW)
    finished(buyer, (sold.goods(shop, price=10_000, now=NOW), 1))
    coming = selectors.open_amount(shop.ulid)
    for code, amount in ((f"debt.store.{shop.ulid}", 300), (f"store.wallet.{shop.ulid}", 0)):
        if amount:
            sales.ledger.post_entry(
                key=code, kind="test", moves=[sales.Move(code, "house", amount)], document="t", occurred_at=NOW
            )
    row = services.close_statement(seller_ulid=shop.ulid, now=NEXT)
    assert row is not None
    assert (row.award_amount, row.total_amount) == (-300, coming - 300)
    assert book.balance(f"debt.store.{shop.ulid}") == 0
    assert payable(shop) == row.total_amount and book.available(payable_of(shop.ulid)) == 0


def test_a_store_that_owes_more_than_it_has_coming_waits(buyer: object) -> None:
    shop = sold.store(now=NOW)
    sales.ledger.post_entry(
        key="d",
        kind="test",
        moves=[
            sales.Move(f"debt.store.{shop.ulid}", "house", 300),
            sales.Move("house", f"store.wallet.{shop.ulid}", 200),
        ],
        document="t",
        occurred_at=NOW,
    )
    assert services.close_statement(seller_ulid=shop.ulid, now=NEXT) is None
    assert (book.balance(f"store.wallet.{shop.ulid}"), book.balance(f"debt.store.{shop.ulid}")) == (200, -300)


def test_a_store_owners_page_shows_its_income_and_he_answers_his_statement(buyer: object) -> None:
    from tests.tenant_apps.backoffice.conftest import signed_in

    owner = make_member(name="店主")
    shop = sold.store(owner=owner.ulid, now=NOW)
    finished(buyer, (sold.goods(shop, now=NOW), 1))
    row = services.close_statement(seller_ulid=shop.ulid, now=NEXT)
    assert row is not None
    connection.tenant.state = "active"
    Mall.objects.update(state="active")
    browser = signed_in(owner.user)
    assert browser.get(f"/seller/{shop.ulid}/income").status_code == 200
    assert signed_in(make_member().user).get(f"/seller/{shop.ulid}/income").status_code == 404
    assert browser.get(f"/seller/statements/{row.ulid}")["Location"] == f"/seller/{shop.ulid}/statements/{row.ulid}"
    here = f"/seller/{shop.ulid}/statements/{row.ulid}"
    page = browser.get(here).content.decode()
    assert 'value="right"' in page and 'value="wrong"' in page
    answer = browser.post(here, {"answer": "wrong", "reason": "少了"}, follow=True)
    assert "少了" in answer.content.decode() and selectors.statement(row.ulid).state == "disputed"
    other = signed_in(make_member().user).post(here, {"answer": "right"})
    assert other.status_code == 404 and selectors.statement(row.ulid).state == "disputed"
