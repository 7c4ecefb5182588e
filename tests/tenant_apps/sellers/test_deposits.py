"""A seller's deposit: paid by an ordinary order, a liability, deducted by two persons, given back by a refund."""

import datetime as dt

import pytest
from django.db import connection, transaction

from saas.identity import services as identity
from saas.kernel.errors import InvalidInput
from saas.ledger import selectors as book
from saas.tenants.malls.models import Mall
from tenant_apps.orders import services as orders
from tenant_apps.orders.models import Order, OrderLine
from tenant_apps.orders.rules import RefundWish, WantedLine
from tenant_apps.orders.services.checkout import DepositNotYours, FeeAlone
from tenant_apps.orders.services.fees import DepositUsed
from tenant_apps.sellers import selectors, services
from tenant_apps.sellers.models import SellerDay, StatementLine
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
    Order.objects.filter(pk=order.pk).update(state="completed", completed_at=NOW)
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


def test_what_was_deducted_cannot_be_refunded(shop):
    order = paid(shop, asked(shop))
    completed(order)
    services.deduct_deposit(seller_ulid=shop.ulid, amount=120_000, reason="假货赔付", actor=ANNA, now=NOW)
    assert (deposit(shop), book.balance("house")) == (380_000, 120_000)
    assert book.statement(deposit_of(shop.ulid))[0].memo == "假货赔付"
    with pytest.raises(DepositUsed), transaction.atomic():
        refunded(order, 380_001)
    assert deposit(shop) == 380_000
    refunded(order, 380_000)
    assert (deposit(shop), book.balance("house")) == (0, 120_000)


@pytest.mark.parametrize(("amount", "reason"), [(0, "r"), (-5, "r"), (500_001, "r"), (100, " ")])
def test_a_wrong_deduction_changes_nothing(shop, amount, reason):
    completed(paid(shop, asked(shop)))
    with pytest.raises(InvalidInput):
        services.deduct_deposit(seller_ulid=shop.ulid, amount=amount, reason=reason, actor=ANNA, now=NOW)
    assert deposit(shop) == 500_000


def test_in_an_open_mall_a_deduction_and_an_adjustment_take_two_persons(shop, grocery):
    completed(paid(shop, asked(shop)))
    Mall.objects.filter(pk=grocery.pk).update(state="active")
    for call in (services.deduct_deposit, services.adjust_payable):
        for second in ("", ANNA):
            with pytest.raises(identity.SecondPersonNeeded):
                call(seller_ulid=shop.ulid, amount=100, reason="r", actor=ANNA, approved_by=second, now=NOW)
    assert deposit(shop) == 500_000 and not StatementLine.objects.exists()
    services.deduct_deposit(seller_ulid=shop.ulid, amount=100, reason="r", actor=ANNA, approved_by=BO, now=NOW)
    assert deposit(shop) == 499_900


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
