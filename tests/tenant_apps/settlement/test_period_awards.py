"""A shop's month through the real book: set aside, paid once, limited, taken back after refunds, resumable."""

import datetime as dt

import pytest
from django.db import connection

from saas.ledger import selectors as book
from saas.tenants.malls.models import Mall
from tenant_apps.orders import services as orders
from tenant_apps.orders.models import Order, OrderLine
from tenant_apps.orders.rules import RefundWish
from tenant_apps.sellers import services as seller_services
from tenant_apps.sellers.models import Seller, StatementLine
from tenant_apps.sellers.rules import credit_of
from tenant_apps.settlement import facts, services, tasks
from tenant_apps.settlement.models import Award, PeriodPayment
from tenant_apps.settlement.rules import debt_of, wallet_of
from tenant_apps.settlement.services import periods
from tests.factories import orders as make
from tests.factories import sales
from tests.factories import sellers as sold
from tests.factories.people import make_member

NOW = dt.datetime(2026, 11, 2, 4, 0, tzinfo=dt.UTC)
SOLD = dt.datetime(2026, 11, 20, 4, 0, tzinfo=dt.UTC)
TICK = dt.datetime(2026, 12, 7, 16, 0, tzinfo=dt.UTC)  # midnight in China, the eighth
NEXT_TICK = dt.datetime(2027, 1, 7, 16, 0, tzinfo=dt.UTC)
NOVEMBER = periods.Month(dt.date(2026, 11, 1))


@pytest.fixture
def buyer(grocery: Mall) -> object:
    connection.tenant.state = "rehearsal"
    Mall.objects.filter(pk=grocery.pk).update(state="rehearsal")
    return make_member(name="李买家", now=NOW)


@pytest.fixture
def manager(buyer: object) -> object:
    return make_member(name="王店长", now=NOW)


def finished(buyer: object, seller: Seller, price: int, *, at: dt.datetime = SOLD) -> Order:
    order = make.paid(buyer, (sold.goods(seller, price=price, now=NOW), 1), now=NOW)  # type: ignore[arg-type]
    services.release_order(order=facts.paid_order(order.ulid), now=at)
    return order


def refunded(order: Order, value: int, at: dt.datetime) -> None:
    line = OrderLine.objects.get(order=order)
    case = orders.request_refund(
        order_ulid=order.ulid, reason="test", actor=make.CLERK, now=at, wishes=[RefundWish(line.ulid, 0, value)]
    )
    orders.approve_refund(refund_ulid=case.ulid, actor=make.CLERK, now=at, restock=False)
    _, refund = facts.approved_refund(case.ulid)
    services.apply_refund(order=facts.paid_order(order.ulid), refund=refund, now=at)
    sales.return_money(refund, now=at)


def wallet(member: object) -> int:
    return book.balance(wallet_of(member.ulid))  # type: ignore[attr-defined]


def sound() -> None:
    sales.posted()
    assert book.check_ledger() == []
    assert book.uncleared() == []


def test_a_months_award_is_paid_once_and_the_rest_is_the_houses(buyer: object, manager: object) -> None:
    sales.publish("manager_award", now=NOW)
    shop = sold.store(rate_ppm=100_000, owner=manager.ulid, now=NOW)  # type: ignore[attr-defined]
    finished(buyer, shop, 4_000_000)
    assert book.balance("accrual.manager_award") == 80_000
    house = book.balance("house")
    assert tasks.pay_period_awards(now=TICK - dt.timedelta(seconds=1)) == 0
    assert [tasks.pay_period_awards(now=TICK) for _ in range(3)] == [1, 0, 0]
    assert wallet(manager) == 40_000  # 40 000.00 → 400.00
    assert (book.balance("accrual.manager_award"), book.balance("house") - house) == (0, 40_000)
    row = PeriodPayment.objects.get()
    assert (row.period_key, row.base_amount, row.rate_ppm, row.due_amount, row.amount) == (
        "2026-11",
        4_000_000,
        10_000,
        40_000,
        40_000,
    )
    sound()


def test_a_refund_inside_the_seven_days_lowers_the_month(buyer: object, manager: object) -> None:
    sales.publish("manager_award", now=NOW)
    shop = sold.store(rate_ppm=100_000, owner=manager.ulid, now=NOW)  # type: ignore[attr-defined]
    order = finished(buyer, shop, 5_000_000)
    refunded(order, 1_000_000, TICK - dt.timedelta(days=2))
    tasks.pay_period_awards(now=TICK)
    assert wallet(manager) == 40_000
    sound()


def test_a_refund_after_the_payment_is_taken_back_at_the_next_tick(buyer: object, manager: object) -> None:
    sales.publish("manager_award", now=NOW)
    shop = sold.store(rate_ppm=100_000, owner=manager.ulid, now=NOW)  # type: ignore[attr-defined]
    other = sold.store(name="二号店", rate_ppm=100_000, owner=buyer.ulid, now=NOW)  # type: ignore[attr-defined]
    order = finished(buyer, shop, 5_000_000)
    tasks.pay_period_awards(now=TICK)
    assert wallet(manager) == 100_000
    finished(buyer, other, 1_000_000, at=TICK)
    refunded(order, 1_000_000, TICK + dt.timedelta(days=1))
    assert book.balance("accrual.manager_award") == 20_000  # the other shop's: the house bore the refunded accrual
    assert [tasks.pay_period_awards(now=NEXT_TICK) for _ in range(2)] == [1, 0]
    row = PeriodPayment.objects.get(seller_ulid=shop.ulid)
    assert (row.amount, row.clawed_amount, wallet(manager)) == (100_000, 60_000, 40_000)
    assert wallet(buyer) == 10_000
    sound()


def test_what_is_not_there_any_more_is_owed(buyer: object, manager: object) -> None:
    sales.publish("manager_award", now=NOW)
    shop = sold.store(rate_ppm=100_000, owner=manager.ulid, now=NOW)  # type: ignore[attr-defined]
    order = finished(buyer, shop, 5_000_000)
    tasks.pay_period_awards(now=TICK)
    move = sales.Move(wallet_of(manager.ulid), "bank", 70_000)  # type: ignore[attr-defined]
    sales.ledger.post_entry(key="spent", kind="test", moves=[move], document="t", occurred_at=TICK)
    refunded(order, 5_000_000, TICK)
    tasks.pay_period_awards(now=NEXT_TICK)
    assert (wallet(manager), book.balance(debt_of(manager.ulid))) == (0, -70_000)  # type: ignore[attr-defined]
    sales.posted()


def test_a_mode_that_was_switched_off_pays_nobody(buyer: object, manager: object) -> None:
    sales.publish("manager_award", now=NOW)
    shop = sold.store(rate_ppm=100_000, owner=manager.ulid, now=NOW)  # type: ignore[attr-defined]
    finished(buyer, shop, 5_000_000)
    sales.publish("manager_award", now=SOLD, enabled=False)
    house = book.balance("house")
    tasks.pay_period_awards(now=TICK)
    assert (wallet(manager), book.balance("house") - house) == (0, 100_000)
    assert not PeriodPayment.objects.exists()


def test_months_that_were_missed_are_paid_later(buyer: object, manager: object) -> None:
    sales.publish("manager_award", now=NOW)
    shop = sold.store(rate_ppm=100_000, owner=manager.ulid, now=NOW)  # type: ignore[attr-defined]
    finished(buyer, shop, 4_000_000)
    finished(buyer, shop, 1_000_000, at=TICK)
    assert tasks.pay_period_awards(now=NEXT_TICK) == 2
    assert dict(PeriodPayment.objects.values_list("period_key", "amount")) == {"2026-11": 40_000, "2026-12": 10_000}


def test_a_run_that_was_cut_off_is_finished_by_the_next(
    buyer: object, manager: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    sales.publish("manager_award", now=NOW)
    sales.publish("shop_growth", now=NOW)
    shop = sold.store(rate_ppm=100_000, owner=manager.ulid, now=NOW)  # type: ignore[attr-defined]
    finished(buyer, shop, 20_000_000)

    class Cut(BaseException):
        """As if the process had been killed."""

    def cut(**_: object) -> None:
        raise Cut

    from django.db import transaction

    with monkeypatch.context() as patch, pytest.raises(Cut), transaction.atomic():
        patch.setattr(PeriodPayment.objects, "bulk_create", lambda *_, **__: cut())
        periods.pay_month(mode="manager_award", month=NOVEMBER, now=TICK)
    assert (wallet(manager), PeriodPayment.objects.count()) == (0, 0)
    assert Award.objects.filter(period_key="").count() == 2
    assert periods.pay_month(mode="manager_award", month=NOVEMBER, now=TICK) == 1
    assert tasks.pay_period_awards(now=TICK) == 1  # the other mode
    assert wallet(manager) == 400_000
    sound()


def test_growth_credits_fees_and_the_credit_pays_the_next_yearly_fee(buyer: object) -> None:
    sales.publish("shop_growth", now=NOW)
    shop = sold.opened(now=NOW)
    finished(buyer, shop, 50_000_000)
    assert book.balance("accrual.shop_growth") == 500_000  # 20 % of a take of 25 000.00
    tasks.pay_period_awards(now=TICK)
    assert book.balance(credit_of(shop.ulid)) == 250_000  # level 3: 10 %
    shop.refresh_from_db()
    assert shop.level == 3
    Seller.objects.filter(pk=shop.pk).update(service_fee_amount=300_000)
    line = seller_services.charge_service_fee(seller_ulid=shop.ulid, now=TICK)
    assert line is not None and line.amount == -50_000
    assert book.balance(credit_of(shop.ulid)) == 0
    sound()


def test_whoever_brought_the_seller_in_is_paid_for_a_year(buyer: object, manager: object) -> None:
    sales.publish("merchant_referral", now=NOW)
    shop = sold.opened(referrer=manager.ulid, now=NOW)  # type: ignore[attr-defined]
    finished(buyer, shop, 1_000_000)
    tasks.pay_period_awards(now=TICK)
    assert wallet(manager) == 5_000  # 10 % of a take of 500.00
    later = NOW + dt.timedelta(days=366)
    order = make.placed(buyer, (sold.goods(shop, now=NOW), 1), now=later)  # type: ignore[arg-type]
    assert OrderLine.objects.get(order=order).seller["referrer"] == ""
    assert StatementLine.objects.get().fee_amount == 50_000
    sound()


def test_who_was_paid_reads_why(buyer: object, manager: object) -> None:
    from django.utils import translation

    from tenant_apps.settlement import selectors

    for mode in ("manager_award", "shop_growth", "merchant_referral"):
        sales.publish(mode, now=NOW)
    shop = sold.store(rate_ppm=100_000, owner=manager.ulid, referrer=buyer.ulid, now=NOW)  # type: ignore[attr-defined]
    finished(buyer, shop, 10_000_000)
    tasks.pay_period_awards(now=TICK)
    with translation.override("en"):
        told = {one.rule: one.why for one in selectors.months(sellers_ulids=[shop.ulid])}
    assert told == {
        "Manager award": "“天河服务点” sold ¥100000.00 itself in 2026-11: the tier of this turnover is 2%, which is ¥2000.00; ¥2000.00 was paid out of what the sales had set aside.",
        "Shop growth": "“天河服务点” ended 2026-11 at level 2, which has 5% of its take back: ¥500.00 of ¥10000.00; ¥500.00 was credited for service fees. Points noted for a promotion: 1000.",
        "Reward for bringing in sellers": "You brought “天河服务点” in. The mall's take on its sales of 2026-11 was ¥10000.00; 10% of it, at most what is promised, is ¥1000.00; ¥1000.00 was paid.",
    }
    assert [one.amount for one in selectors.months(payee=buyer.ulid)] == [100_000]  # type: ignore[attr-defined]
    sound()
