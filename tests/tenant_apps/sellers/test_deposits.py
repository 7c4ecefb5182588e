"""A seller's deposit: paid by an ordinary order, a liability, deducted by two persons, given back by a refund."""

import datetime as dt

import pytest
from django.db import connection, transaction

from saas.identity import services as identity
from saas.kernel.clock import china_date
from saas.kernel.errors import InvalidInput, NotFound
from saas.kernel.ids import new_ulid
from saas.kernel.states import IllegalTransition
from saas.ledger import selectors as book
from saas.messaging.notices.models import Notice
from saas.tenants.malls.models import Mall
from tenant_apps.orders import services as orders
from tenant_apps.orders.models import Order, OrderLine, Refund
from tenant_apps.orders.rules import RefundWish, WantedLine
from tenant_apps.orders.services.checkout import DepositNotYours, FeeAlone
from tenant_apps.orders.services.fees import DepositUsed
from tenant_apps.sellers import selectors, services
from tenant_apps.sellers.models import Deduction, Seller, SellerDay, StatementLine
from tenant_apps.sellers.rules import Asked, deposit_of, payable_of
from tenant_apps.settlement import facts
from tenant_apps.settlement import selectors as shares
from tenant_apps.settlement import services as settlement
from tenant_apps.settlement.models import Award, LineSettlement
from tests.factories import orders as make
from tests.factories import sales
from tests.factories import sellers as sold
from tests.factories.people import make_member
from tests.tenant_apps.orders.test_memberships import NOW, pay, place
from tests.tenant_apps.storefront.test_buying_pages import signed_in

DAY = dt.timedelta(days=1)
ANNA, BO = "user:ANNA", "user:BO"


@pytest.fixture
def shop(grocery):
    connection.tenant.state = "rehearsal"
    Mall.objects.filter(pk=grocery.pk).update(state="rehearsal")
    owner = make_member(name="店主")
    for mode in ("distribution", "store_income", "merchant_referral", "manager_award", "shop_growth"):
        sales.publish(mode, now=NOW - DAY)
    return sold.opened(owner=owner.ulid, referrer=make_member(name="介绍人", promoter=True).ulid, now=NOW - DAY)


def asked(shop, amount=500_000, kind=Asked.DEPOSIT):
    services.ask_payment(seller_ulid=shop.ulid, kind=kind, amount=amount, actor=ANNA, now=NOW)
    return next(one for one in selectors.asked_of(shop.ulid) if one.kind is kind)


def paid(shop, what, buyer=None):
    owner = buyer or selectors.seller(shop.ulid).owner
    order = pay(place(owner, WantedLine(what.sku, 1), address=None))
    settlement.award_order(order=facts.paid_order(order.ulid), now=NOW)
    return order


def completed(order):
    Order.objects.filter(pk=order.pk).update(state="completed", shipped_at=NOW, received_at=NOW, completed_at=NOW)
    settlement.release_order(order=facts.paid_order(order.ulid), now=NOW)


def refunded(order, value):
    line = OrderLine.objects.get(order=order)
    case = orders.request_refund(
        order_ulid=order.ulid, reason="退店", actor=make.CLERK, now=NOW, wishes=[RefundWish(line.ulid, 0, value)]
    )
    orders.approve_refund(refund_ulid=case.ulid, actor=make.CLERK, now=NOW)
    _, refund = facts.approved_refund(case.ulid)
    settlement.apply_refund(order=facts.paid_order(order.ulid), refund=refund, now=NOW)
    sales.return_money(refund, now=NOW)


def deposit(shop):
    return book.balance(deposit_of(shop.ulid))


def test_a_deposit_is_a_liability_and_nobody_earns_from_it(shop):
    order = paid(shop, asked(shop))
    assert (order.total_amount, order.aftersales_days, order.state) == (500_000, 0, "received")
    completed(order)
    assert (deposit(shop), book.balance("house"), book.balance(payable_of(shop.ulid))) == (500_000, 0, 0)
    row = LineSettlement.objects.get()
    assert (row.payable_amount, row.house_amount, row.funds_amount, row.awarded_amount) == (500_000, 0, 0, 0)
    assert not Award.objects.exists() and not StatementLine.objects.exists() and not SellerDay.objects.exists()
    trace = shares.trace_order(order.ulid)
    assert trace.lines[0].adds_up and deposit_of(shop.ulid) in [one.account for one in trace.lines[0].terms]
    assert selectors.asked_of(shop.ulid) == []
    page = signed_in(order.member).get(f"/orders/{order.ulid}", HTTP_ACCEPT_LANGUAGE="en")
    assert page.status_code == 200 and "Your shop sold goods" not in page.content.decode()  # it is paid, not sold


def test_a_refund_takes_the_deposit_back_in_parts_to_the_fen(shop):
    order = paid(shop, asked(shop, 100_01))
    completed(order)
    refunded(order, 33_33)
    assert (deposit(shop), book.balance("house")) == (66_68, 0)
    refunded(order, 66_68)
    assert (deposit(shop), book.balance("house")) == (0, 0)
    assert LineSettlement.objects.get().payable_amount == 0 and not StatementLine.objects.exists()


def test_a_refund_before_completion_never_reaches_the_account(shop):
    order = paid(shop, asked(shop))
    refunded(order, 500_000)
    assert (deposit(shop), book.balance("house"), book.balance(f"order.escrow.{order.ulid}")) == (0, 0, 0)


def announced(shop, amount=120_000, **more):
    return services.announce_deduction(
        seller_ulid=shop.ulid, amount=amount, reason="假货赔付", actor=ANNA, now=NOW, **more
    )


def test_an_announced_deduction_is_held_and_taken_when_nobody_objects(shop):
    order = paid(shop, asked(shop))
    completed(order)
    form = new_ulid()
    row = announced(shop, form=form)
    assert announced(shop, form=form) == row  # the button was pressed twice
    assert (deposit(shop), book.available(deposit_of(shop.ulid)), book.balance("house")) == (500_000, 380_000, 0)
    with pytest.raises(DepositUsed), transaction.atomic():
        refunded(order, 380_001)
    with pytest.raises(InvalidInput):
        announced(shop, 380_001)
    with pytest.raises(InvalidInput):  # not before its day
        services.decide_deduction(ulid=row.ulid, takes=True, reason="r", actor=ANNA, now=NOW)
    assert services.take_due_deductions(now=NOW + 7 * DAY - dt.timedelta(seconds=1)) == 0
    assert [services.take_due_deductions(now=NOW + 7 * DAY) for _again in range(2)] == [1, 0]
    assert (deposit(shop), book.available(deposit_of(shop.ulid)), book.balance("house")) == (380_000, 380_000, 120_000)
    assert book.statement(deposit_of(shop.ulid))[0].memo == "假货赔付"
    refunded(order, 380_000)
    assert (deposit(shop), book.balance("house")) == (0, 120_000)


def test_a_seller_objects_and_the_mall_decides(shop):
    completed(paid(shop, asked(shop)))
    owner = selectors.seller(shop.ulid).owner
    for takes, left, house in ((False, 500_000, 0), (True, 380_000, 120_000)):
        row = announced(shop)
        with pytest.raises(NotFound):
            services.dispute_deduction(ulid=row.ulid, member=make_member(), reason="不是我", now=NOW)
        with pytest.raises(InvalidInput):
            services.dispute_deduction(ulid=row.ulid, member=owner, reason=" ", now=NOW)
        with pytest.raises(services.DisputeLate):
            services.dispute_deduction(ulid=row.ulid, member=owner, reason="晚了", now=NOW + 7 * DAY)
        services.dispute_deduction(ulid=row.ulid, member=owner, reason="货是正品", now=NOW)
        assert services.take_due_deductions(now=NOW + 30 * DAY) == 0
        with pytest.raises(InvalidInput):
            services.decide_deduction(ulid=row.ulid, takes=takes, reason="", actor=ANNA, now=NOW)
        services.decide_deduction(ulid=row.ulid, takes=takes, reason="鉴定报告", actor=BO, now=NOW)
        with pytest.raises(IllegalTransition):
            services.decide_deduction(ulid=row.ulid, takes=True, reason="再来", actor=BO, now=NOW)
        assert (deposit(shop), book.available(deposit_of(shop.ulid)), book.balance("house")) == (left, left, house)


@pytest.mark.parametrize(("amount", "reason"), [(0, "r"), (-5, "r"), (500_001, "r"), (100, " ")])
def test_a_wrong_deduction_changes_nothing(shop, amount, reason):
    completed(paid(shop, asked(shop)))
    with pytest.raises(InvalidInput):
        services.announce_deduction(seller_ulid=shop.ulid, amount=amount, reason=reason, actor=ANNA, now=NOW)
    assert book.available(deposit_of(shop.ulid)) == 500_000 and not Deduction.objects.exists()


def test_in_an_open_mall_a_deduction_and_an_adjustment_take_two_persons(shop, grocery):
    completed(paid(shop, asked(shop)))
    Mall.objects.filter(pk=grocery.pk).update(state="active")
    for call in (services.announce_deduction, services.adjust_payable):
        for second in ("", ANNA):
            with pytest.raises(identity.SecondPersonNeeded):
                call(seller_ulid=shop.ulid, amount=100, reason="r", actor=ANNA, approved_by=second, now=NOW)
    assert book.available(deposit_of(shop.ulid)) == 500_000 and not StatementLine.objects.exists()
    announced(shop, 100, approved_by=BO)
    assert book.available(deposit_of(shop.ulid)) == 499_900


def test_who_leaves_gets_his_deposit_back_when_all_is_settled(shop):
    deposit_order = paid(shop, asked(shop))
    completed(deposit_order)
    row = announced(shop)
    buyer, tea = make_member(), sold.goods(shop, price=10_000, now=NOW)
    order = make.paid(buyer, (tea, 1), now=NOW)
    settlement.award_order(order=facts.paid_order(order.ulid), now=NOW)
    services.leave_mall(ulid=shop.ulid, actor=ANNA, reason="转行", now=NOW)
    with pytest.raises(InvalidInput):
        sold.goods(shop, title="新茶", now=NOW)
    later = NOW + 30 * DAY

    def step():
        return orders.finish_leaving(seller_ulid=shop.ulid, now=later), orders.what_is_open(shop.ulid)

    gone, left = step()
    assert (gone, left.orders, left.deductions, left.deposit) == (False, 1, 1, 500_000)
    completed(order)
    services.take_due_deductions(now=NOW + 7 * DAY)
    gone, left = step()
    assert (gone, left.orders, left.coming, left.deductions) == (False, 0, 10_000 - 500 + order.freight_amount, 0)
    statement = services.close_statement(seller_ulid=shop.ulid, now=later)
    assert statement is not None and step()[1].statements == 1
    services.confirm_statement(ulid=statement.ulid, actor=ANNA, now=later)
    services.pay_statement(ulid=statement.ulid, reference="REF-2026", actor=ANNA, now=later)
    assert step()[0] is False  # the refund is on its way
    case = Refund.objects.get(order=deposit_order)
    assert (case.amount, case.state, case.requested_by) == (380_000, "approved", "system")
    assert step()[0] is False and Refund.objects.count() == 1  # not twice
    _, refund = facts.approved_refund(case.ulid)
    settlement.apply_refund(order=facts.paid_order(deposit_order.ulid), refund=refund, now=later)
    sales.return_money(refund, now=later)
    orders.mark_refunded(refund_ulid=case.ulid, now=later)
    assert step()[0] is True and selectors.seller(shop.ulid).state == "left"
    assert (deposit(shop), book.balance(payable_of(shop.ulid)), row.amount) == (0, 0, 120_000)
    assert step()[0] is False


def test_licences_that_run_out_warn_twice_and_pause_the_shop(shop):
    def on(days):
        services.watch_papers(now=NOW + days * DAY)
        return selectors.seller(shop.ulid).papers_warned, selectors.seller(shop.ulid).state

    Seller.objects.filter(pk=shop.pk).update(licence_until=china_date(NOW) + 40 * DAY)
    assert [on(9), on(10), on(11), on(33), on(34)] == [
        (0, "active"), (30, "active"), (30, "active"), (7, "active"), (7, "active"),
    ]  # fmt: skip
    assert Notice.objects.filter(kind="seller_licence").count() == 2
    owner = selectors.seller(shop.ulid).owner
    values = {
        "seller_ulid": shop.ulid,
        "content": b"%PDF-1.7\n%%EOF",
        "content_type": "application/pdf",
        "kind": "licence",
    }
    with pytest.raises(NotFound):
        services.add_seller_paper(**values, actor="x", member=make_member(), now=NOW)
    row = services.add_seller_paper(
        **values, until=china_date(NOW) + 400 * DAY, actor=f"member:{owner.ulid}", member=owner, now=NOW
    )
    assert on(35) == (7, "active")  # it waits for the mall's look
    services.check_paper(seller_ulid=shop.ulid, name=row.papers[0]["file"], good=True, actor=ANNA, now=NOW)
    assert on(36) == (0, "active") and on(41) == (0, "active")
    assert on(401) == (0, "paused")


def test_only_the_owner_pays_it_and_by_itself(shop):
    what, tea = asked(shop), sold.goods(shop, price=5_000, now=NOW)
    with pytest.raises(DepositNotYours):
        place(make_member(), WantedLine(what.sku, 1), address=None)
    owner = selectors.seller(shop.ulid).owner
    with pytest.raises(FeeAlone):
        place(owner, WantedLine(what.sku, 1), WantedLine(tea.ulid, 1))
    assert not Order.objects.exists()


def test_asking_again_changes_the_price_and_it_can_be_taken_back(shop):
    asked(shop, 500_000)
    assert asked(shop, 300_000).amount == 300_000
    assert len(selectors.asked_of(shop.ulid)) == 1
    services.withdraw_asked(seller_ulid=shop.ulid, kind=Asked.DEPOSIT, actor=ANNA, now=NOW)
    assert selectors.asked_of(shop.ulid) == []
    with pytest.raises(InvalidInput):
        services.ask_payment(seller_ulid=shop.ulid, kind=Asked.DEPOSIT, amount=0, actor=ANNA, now=NOW)
    nobody = sold.opened(now=NOW)
    with pytest.raises(InvalidInput):
        services.ask_payment(seller_ulid=nobody.ulid, kind=Asked.DEPOSIT, amount=5, actor=ANNA, now=NOW)


def test_a_joining_fee_is_the_malls_own_income_and_nobody_elses(shop):
    order = paid(shop, asked(shop, 88_800, Asked.JOIN_FEE))
    completed(order)
    assert (deposit(shop), book.balance("house")) == (0, 88_800)
    assert not Award.objects.exists() and not StatementLine.objects.exists()
