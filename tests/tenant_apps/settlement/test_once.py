"""Awarded once, released once, taken back once: two workers on one order, kill -9 anywhere, the newest event first."""

import datetime as dt
import threading
from collections.abc import Callable, Iterator

import pytest
from django.db import connection, transaction

from saas.kernel import clock
from saas.ledger import selectors as book
from saas.messaging.bus.models import OutboxEvent
from saas.tenants.malls.activation import in_mall
from saas.tenants.malls.models import Mall
from tenant_apps.members.models import Member
from tenant_apps.orders import services as orders
from tenant_apps.orders.models import Order, OrderLine
from tenant_apps.orders.rules import RefundWish
from tenant_apps.payments.models import PaymentRefund
from tenant_apps.settlement import facts, services
from tenant_apps.settlement.models import Award, ClawBack, OrderSettlement, SettledRefund
from tenant_apps.settlement.rules import wallet_of
from tests.cases import cases
from tests.factories import catalog, sales
from tests.factories import orders as make
from tests.factories.people import make_member
from tests.tenant_apps.settlement.killing import deliver_killed

WORKERS = 6
STRIDE = 3 if cases(1) == 1 else 1  # a full run dies before every single statement


@pytest.fixture
def mall(committed: None) -> Iterator[Mall]:
    from django_tenants.utils import schema_context

    with schema_context("public"):
        found = Mall.objects.get(schema_name="t_test_grocery")
    with in_mall(found):
        yield found
    connection.set_schema_to_public()


@pytest.fixture
def sold(mall: Mall) -> tuple[Order, Member, Member]:
    """A paid order of two lines of 100.00 with two above the buyer."""
    with transaction.atomic():
        sales.publish(now=clock.now() - dt.timedelta(minutes=1))
        a = make_member(name="赵一", promoter=True)
        b = make_member(name="钱小二", referrer=a, promoter=True)
        buyer = make_member(name="孙小三", referrer=b)
        skus = [catalog.single(title, price=10_000, supply=4_000, stock=9) for title in ("茶", "米")]
        order = make.paid(buyer, *((sku, 1) for sku in skus))
    return order, a, b


def together(mall: Mall, work: Callable[[], object]) -> None:
    """The same work by several threads at once, each with its own connection; nobody may fail."""
    start, faults = threading.Barrier(WORKERS), []

    def run() -> None:
        try:
            with in_mall(mall):
                start.wait()
                work()
        except Exception as error:  # handed to the test below
            faults.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []


def complete(order: Order) -> None:
    now = clock.now()
    with transaction.atomic():
        orders.ship_order(order_ulid=order.ulid, carrier="顺丰", number="SF1234567890", actor=make.CLERK, now=now)
        orders.receive_order(order_ulid=order.ulid, actor=make.CLERK, now=now)
        orders.complete_order(order_ulid=order.ulid, actor="system", now=now + dt.timedelta(days=8))


def refund(order: Order, value: int) -> str:
    now = clock.now()
    line = OrderLine.objects.filter(order=order).order_by("position")[0]
    with transaction.atomic():
        case = orders.request_refund(
            order_ulid=order.ulid, reason="test", actor=make.CLERK, now=now, wishes=[RefundWish(line.ulid, 0, value)]
        )
        orders.approve_refund(refund_ulid=case.ulid, actor=make.CLERK, now=now, restock=False)
    return case.ulid


def arrived(*refunds: str) -> None:
    """The channel has sent the money of these cases."""
    for ulid in refunds:
        orders.mark_refunded(refund_ulid=ulid, now=clock.now())


def wallet(member: Member) -> tuple[int, int]:
    found = book.balances([wallet_of(member.ulid)])[wallet_of(member.ulid)]
    return found.available, found.held_in


def test_several_workers_on_one_order_are_one_settlement(mall: Mall, sold: tuple[Order, Member, Member]) -> None:
    order, a, b = sold
    together(mall, lambda: services.award_order(order=facts.paid_order(order.ulid), now=clock.now()))
    assert (OrderSettlement.objects.count(), Award.objects.count()) == (1, 4)
    assert (wallet(b), wallet(a)) == ((0, 1_000), (0, 400))
    first, second = refund(order, 3_333), refund(order, 100)

    def refunds() -> None:
        for ulid in (first, second):
            _, approved = facts.approved_refund(ulid)
            services.apply_refund(order=facts.paid_order(order.ulid), refund=approved, now=clock.now())

    together(mall, refunds)
    assert (SettledRefund.objects.count(), PaymentRefund.objects.count()) == (2, 2)
    assert (wallet(b), wallet(a)) == ((0, 1_000 - 172), (0, 400 - 69))
    arrived(first, second)
    complete(order)
    together(mall, lambda: services.release_order(order=facts.paid_order(order.ulid), now=clock.now()))
    assert (wallet(b), wallet(a)) == ((828, 0), (331, 0))
    assert book.balance(f"order.escrow.{order.ulid}") == 0
    assert book.check_ledger() == []
    sales.posted()


def kill_while_delivering(mall: Mall, topic: str) -> int:
    """Deliver the open event of a topic, killed between any two steps; how many were killed."""
    event = OutboxEvent.objects.get(topic=topic, done_at=None)
    killed = deliver_killed(mall=mall.ulid, event=event.event_id, stride=STRIDE)
    OutboxEvent.objects.get(topic=topic, event_id=event.event_id, done_at__isnull=False)
    return killed


def test_killed_between_any_two_steps_everything_happens_once(mall: Mall, sold: tuple[Order, Member, Member]) -> None:
    order, a, b = sold
    assert kill_while_delivering(mall, "order.paid") >= 10 // STRIDE
    assert (wallet(b), wallet(a)) == ((0, 1_000), (0, 400))
    assert list(Award.objects.order_by("pk").values_list("amount", flat=True)) == [500, 200, 500, 200]
    first = refund(order, 3_333)
    assert kill_while_delivering(mall, "order.refund_approved") >= 10 // STRIDE
    assert (wallet(b), wallet(a)) == ((0, 1_000 - 167), (0, 400 - 67))
    arrived(first)
    complete(order)
    assert kill_while_delivering(mall, "order.completed") >= 10 // STRIDE
    assert (wallet(b), wallet(a)) == ((833, 0), (333, 0))
    refund(order, 6_667)
    assert kill_while_delivering(mall, "order.refund_approved") >= 10 // STRIDE
    assert (wallet(b), wallet(a)) == ((500, 0), (200, 0))
    assert (OrderSettlement.objects.count(), Award.objects.count(), ClawBack.objects.count()) == (1, 4, 4)
    assert PaymentRefund.objects.count() == 2
    assert book.balance(f"order.escrow.{order.ulid}") == 0
    assert book.check_ledger() == []
    sales.posted()
