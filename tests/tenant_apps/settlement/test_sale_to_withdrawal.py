"""The whole story through the real orders, payments and events: bought, paid, completed, refunded, withdrawn."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.utils import translation

from saas.kernel import clock
from saas.kernel.ids import new_ulid
from saas.ledger import selectors as book
from saas.messaging.bus import services as bus
from saas.messaging.bus.models import OutboxEvent
from saas.tenants.malls.models import Mall
from tenant_apps.members import services as members
from tenant_apps.members.models import Member
from tenant_apps.orders import services as orders
from tenant_apps.orders.models import Order, OrderLine
from tenant_apps.orders.rules import RefundWish
from tenant_apps.payments.models import Payment
from tenant_apps.payouts import services as payouts
from tenant_apps.payouts.rules import Payee
from tenant_apps.settlement import selectors
from tenant_apps.settlement.models import LineSettlement
from tests.factories import catalog, sales
from tests.factories.orders import CLERK, placed
from tests.factories.people import make_member

NETWORK = ("payment.refund_due", "payment.query_due")


@pytest.fixture
def deliver() -> Callable[[], None]:
    """Bring every due event to its handlers, newest first, those that would call the channel excepted; twice each."""

    def run() -> None:
        while rows := list(
            OutboxEvent.objects.filter(done_at=None, destination="local", available_at__lte=clock.now())
            .exclude(topic__in=NETWORK)
            .order_by("-pk")
            .values_list("event_id", flat=True)
        ):
            for event_id in rows:
                assert bus.deliver(event_id, now=clock.now())
        _identity()

    return run


def _identity() -> None:
    sales.posted()
    for row in LineSettlement.objects.all():
        kept = row.cash_amount - row.returned_cash_amount + row.voucher_amount - row.returned_voucher_amount
        assert kept == row.payable_amount + row.cost_amount + row.pool_amount + row.awarded_amount + row.house_amount


def pay(order: Order) -> None:
    """The channel says that the order is paid."""
    payment = Payment.objects.create(
        ulid=new_ulid(),
        number=new_ulid(),
        document=f"order:{order.ulid}",
        credential=sales.credential(),
        channel="wechat",
        method="native",
        amount=order.total_amount,
        description="test",
        state="paid",
        transaction_id=new_ulid(),
        expires_at=clock.now(),
        created_at=clock.now(),
        paid_at=clock.now(),
    )
    move = sales.Move("channel.rehearsal", "clearing.payment", order.total_amount)
    sales.ledger.post_entry(
        key=f"payment:{payment.ulid}",
        kind="payment",
        moves=[move],
        document=payment.document,
        occurred_at=clock.now(),
    )
    body = {"document": payment.document, "amount": payment.amount, "payment": payment.ulid}
    bus.publish("payment.confirmed", body, key=payment.ulid)


def refund(order: Order, value: int | None, *, restock: bool) -> None:
    """Staff refund a part of the first line (None: everything) and the channel sends it."""
    now = clock.now() + dt.timedelta(days=60)
    line = OrderLine.objects.get(order=order)
    wishes = None if value is None else [RefundWish(line.ulid, 0, value)]
    case = orders.request_refund(order_ulid=order.ulid, reason="test", actor=CLERK, now=now, wishes=wishes)
    orders.approve_refund(refund_ulid=case.ulid, actor=CLERK, now=now, restock=restock)


def complete(order: Order) -> None:
    now = clock.now()
    orders.ship_order(order_ulid=order.ulid, carrier="顺丰", number="SF1234567890", actor=CLERK, now=now)
    orders.receive_order(order_ulid=order.ulid, actor=CLERK, now=now)
    orders.complete_order(order_ulid=order.ulid, actor="system", now=now + dt.timedelta(days=8))


@pytest.fixture
def family(grocery: object) -> tuple[Member, Member, Member]:
    sales.publish(now=clock.now() - dt.timedelta(minutes=1))
    a = make_member(name="赵一", promoter=True)
    b = make_member(name="钱小二", referrer=a, promoter=True)
    return a, b, make_member(name="孙小三", referrer=b)


def test_from_the_cart_to_the_bank(
    family: tuple[Member, Member, Member], deliver: Callable[[], None], grocery: Mall
) -> None:
    a, b, buyer = family
    Mall.objects.filter(pk=grocery.pk).update(state="rehearsal")
    order = placed(buyer, (catalog.single(price=400_000, supply=100_000), 1))
    pay(order)
    deliver()
    assert selectors.wallet_summary(b.ulid).frozen == 20_000
    with translation.override("en"):
        award = selectors.awards_of_member(b.ulid)[0]
        assert order.number in award.why
        assert "5% of ¥4000.00 paid in money is ¥200.00" in award.why
        assert "孙*三" in award.why
        assert "7 days after the goods are received" in award.standing
    complete(order)
    deliver()
    assert book.balance(f"order.escrow.{order.ulid}") == 0
    assert (selectors.wallet_summary(b.ulid).available, selectors.wallet_summary(a.ulid).available) == (20_000, 8_000)
    refund(order, 100_000, restock=False)
    deliver()
    assert (selectors.wallet_summary(b.ulid).available, selectors.wallet_summary(a.ulid).available) == (15_000, 6_000)
    row = payouts.request_withdrawal(
        member=b,
        amount=15_000,
        payee=Payee("钱小二", "招商银行", "6225888812345678"),
        idempotency_key="story-0001",
        now=clock.now(),
    )
    payouts.approve(actor=CLERK, ulid=row.ulid, now=clock.now())
    payouts.record_manual_transfer(actor=CLERK, ulid=row.ulid, reference="CMB-0001", now=clock.now())
    refund(order, None, restock=True)
    deliver()
    summary = selectors.wallet_summary(b.ulid)
    assert (summary.available, summary.debt, summary.earned) == (0, 15_000, 0)
    _money_arrives()
    assert sales.posted() == {"bank": 13_950, "fee": 1_050, "debt": -15_000}
    assert book.uncleared() == []
    lines = selectors.awards_of_order(order.ulid)
    assert [(one.payee, one.net_amount, one.state) for one in lines[0].awards] == [
        ("钱小二", 0, "clawed_back"),
        ("赵一", 0, "clawed_back"),
    ]


def _money_arrives() -> None:
    from tenant_apps.payments.models import PaymentRefund

    for row in PaymentRefund.objects.all():
        move = sales.Move("clearing.refund", "channel.rehearsal", row.amount)
        sales.ledger.post_entry(
            key=f"refunded:{row.ulid}", kind="refunded", moves=[move], document=row.document, occurred_at=clock.now()
        )


def test_completion_may_overtake_payment_and_a_refund_both(
    family: tuple[Member, Member, Member], deliver: Callable[[], None]
) -> None:
    _, b, buyer = family
    order = placed(buyer, (catalog.single(price=10_000, supply=4_000), 1))
    pay(order)
    event = OutboxEvent.objects.get(topic="payment.confirmed")
    assert bus.deliver(event.event_id, now=clock.now())
    complete(order)
    refund(order, 3_333, restock=False)
    deliver()  # refund_approved, completed, paid: the newest first
    assert selectors.wallet_summary(b.ulid).available == 500 - 167
    assert book.balance(f"order.escrow.{order.ulid}") == 0


def test_cancelled_before_shipping_everything_goes_back(
    family: tuple[Member, Member, Member], deliver: Callable[[], None]
) -> None:
    _, b, buyer = family
    sku = catalog.single(price=10_000, supply=4_000, stock=3)
    order = placed(buyer, (sku, 1))
    pay(order)
    deliver()
    now = clock.now()
    case = orders.request_refund(order_ulid=order.ulid, reason="changed my mind", actor=CLERK, now=now)
    orders.approve_refund(refund_ulid=case.ulid, actor=CLERK, now=now)
    deliver()
    _money_arrives()
    assert sales.posted() == {}
    assert book.uncleared() == []
    assert selectors.wallet_summary(b.ulid).frozen == 0
    with translation.override("en"):
        assert "refunded before the award was released" in selectors.awards_of_member(b.ulid)[0].standing


def test_the_chain_is_the_one_at_the_time_of_payment(
    family: tuple[Member, Member, Member], deliver: Callable[[], None]
) -> None:
    a, b, _ = family
    late = make_member(name="周四", referrer=b)
    buyer = make_member(name="吴五", referrer=late)
    order = placed(buyer, (catalog.single(price=10_000, supply=4_000), 1))
    members.apply_to_promote(member=late, approve_at_once=True, now=clock.now())
    members.close_account(member=b, now=clock.now())
    pay(order)
    deliver()
    frozen = [selectors.wallet_summary(one.ulid).frozen for one in (late, b, a)]
    assert frozen == [500, 0, 0]  # b's share stays with the mall: nobody moves up
    order.refresh_from_db()
    assert [one[:4] for one in order.sale_facts["chain"]] == [
        [late.ulid, True, True, 0],
        [b.ulid, False, False, 0],
        [a.ulid, True, True, 0],
    ]


@pytest.mark.parametrize("completed", [False, True])
def test_a_refund_without_cash_is_refunded_when_it_is_approved(
    family: tuple[Member, Member, Member], deliver: Callable[[], None], completed: bool
) -> None:
    """A line paid by vouchers alone goes back: there is no money for a channel to send, so nobody has to say it came."""
    _, _, buyer = family
    order = placed(buyer, (catalog.single(price=10_000, supply=4_000), 1), (catalog.single(price=2_000, supply=500), 1))
    by_voucher = OrderLine.objects.filter(order=order).order_by("-cash_amount").first()
    assert by_voucher is not None
    value = by_voucher.cash_amount
    OrderLine.objects.filter(pk=by_voucher.pk).update(cash_amount=0, voucher_amount=value)
    Order.objects.filter(pk=order.pk).update(
        goods_amount=order.goods_amount - value, total_amount=order.total_amount - value
    )
    order.refresh_from_db()
    reserve = [sales.Move("bank", "voucher.reserve", value)]
    sales.ledger.post_entry(key="reserve", kind="test", moves=reserve, document="test", occurred_at=clock.now())
    pay(order)
    deliver()
    if completed:
        complete(order)
        deliver()
    now = clock.now()
    wish = RefundWish(by_voucher.ulid, 1, None)
    case = orders.request_refund(order_ulid=order.ulid, reason="test", actor=CLERK, now=now, wishes=[wish])
    orders.approve_refund(refund_ulid=case.ulid, actor=CLERK, now=now, restock=True)
    deliver()
    case.refresh_from_db()
    assert (case.state, case.amount) == ("refunded", 0)
    line = LineSettlement.objects.get(line_ulid=by_voucher.ulid)
    assert (line.returned_voucher_amount, line.awarded_amount) == (value, 0)
    if not completed:
        complete(order)
        deliver()
    assert book.balances(["voucher.reserve"])["voucher.reserve"].posted == value
    assert book.balance(f"order.escrow.{order.ulid}") == 0
    assert book.uncleared() == []
