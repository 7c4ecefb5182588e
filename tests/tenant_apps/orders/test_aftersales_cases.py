"""A shopper's case from asking to its end: by the table of stages, by the clock, by the mall; and what is refused."""

import datetime as dt
import io
import threading

import pytest
from django.db import connection, transaction
from django_tenants.utils import schema_context
from PIL import Image

from saas.kernel import clock
from saas.kernel.errors import InvalidInput, NotFound
from saas.kernel.states import IllegalTransition
from saas.messaging.bus.models import OutboxEvent
from saas.tenants.malls.activation import in_mall
from saas.tenants.malls.models import Mall
from tenant_apps.catalog.models import Sku
from tenant_apps.catalog.rules import ProductKind
from tenant_apps.catalog.services import InsufficientStock
from tenant_apps.catalog.services.renditions import ImageRefused
from tenant_apps.modes import selectors as modes
from tenant_apps.orders import selectors, services
from tenant_apps.orders.aftersales import OPEN_STAGES, STAGES, CaseDays, Stage, due, may_withdraw
from tenant_apps.orders.models import Order, OrderLine, Refund
from tenant_apps.orders.rules import RefundWish
from tenant_apps.orders.services import checkout
from tests.factories import catalog, people, sales
from tests.factories import orders as make

NOW = clock.now()
DAY = dt.timedelta(days=1)


@pytest.fixture
def buyer(grocery):
    return people.make_member(name="买家")


@pytest.fixture
def sku(grocery):
    return catalog.single(price=1000, supply=400, stock=10)


def _open(order, member, qty=1, value=None, **more):
    line = OrderLine.objects.get(order=order)
    wishes = [RefundWish(line.ulid, qty, value)]
    more = {"service": "return_refund", "reason": "坏果", "now": NOW, "wishes": wishes, **more}
    return services.open_case(order_ulid=order.ulid, member=member, **more)


def _clerk(do, case, **more):
    return do(refund_ulid=case.ulid, actor=make.CLERK, now=NOW, **more)


def _seen(case):
    case.refresh_from_db()
    return case.state, case.stage


def test_every_open_stage_leads_to_an_end_and_only_the_mall_has_no_deadline():
    for stage in Stage:
        reached, edge = {stage}, {stage}
        while edge:
            edge = {after for one in edge for after in STAGES[one]} - reached
            reached |= edge
        assert reached & {Stage.DONE, Stage.CLOSED}, stage
    assert {stage for stage in OPEN_STAGES if due(stage, NOW, CaseDays()) is None} == {Stage.MALL}
    assert may_withdraw(Stage.MALL, sent_back=False) and not may_withdraw(Stage.MALL, sent_back=True)
    assert not may_withdraw(Stage.RETURNED, sent_back=True) and not may_withdraw(Stage.REPLACED, sent_back=False)


def test_goods_come_back_are_checked_and_paid_once(buyer, sku):
    order = make.received(buyer, (sku, 3), now=NOW)
    case = _open(order, buyer, 2)
    assert (case.due_at, case.amount) == (NOW + 3 * DAY, 2000)
    with pytest.raises(services.RefundAbovePaid):
        _open(order, buyer, 2)  # one piece is left beside the open case
    with pytest.raises(IllegalTransition):
        _clerk(services.accept_return, case, restock=True)
    _clerk(services.agree, case, return_address="广州市白云路1号 退货组")
    with pytest.raises(InvalidInput):
        services.send_back(refund_ulid=case.ulid, member=buyer, carrier="顺丰", number="?", now=NOW)
    services.send_back(refund_ulid=case.ulid, member=buyer, carrier="顺丰", number="SF7654321", now=NOW)
    with pytest.raises(IllegalTransition):
        services.withdraw_refund(refund_ulid=case.ulid, member=buyer, now=NOW)
    assert _seen(case) == ("requested", "returned") and case.return_address == "广州市白云路1号 退货组"
    _clerk(services.accept_return, case, restock=True)
    for again in (services.agree, services.accept_return):
        with pytest.raises((IllegalTransition, NotFound)):
            _clerk(again, case, **({"restock": True} if again is services.accept_return else {}))
    assert _seen(case) == ("approved", "done") and case.due_at is None
    assert (Order.objects.get(pk=order.pk).refunded_amount, Sku.objects.get(pk=sku.pk).stock) == (2000, 9)
    services.mark_refunded(refund_ulid=case.ulid, now=NOW)
    assert [one.action for one in selectors.trail(case)] == [
        "case_opened",
        "case_agreed",
        "goods_sent_back",
        "refund_approved",
    ]
    assert {"case_agreed", "goods_sent_back"} <= {one.action for one in selectors.history(order.ulid)}


def test_exchange_takes_stock_moves_no_money_and_holds_completion(buyer, sku):
    order = make.received(buyer, (sku, 3), now=NOW)
    case = _open(order, buyer, 2, service="exchange")
    assert case.amount == 0
    with pytest.raises(IllegalTransition):
        services.approve_refund(refund_ulid=case.ulid, actor=make.CLERK, now=NOW)
    _clerk(services.agree, case)
    services.send_back(refund_ulid=case.ulid, member=buyer, carrier="顺丰", number="SF7654321", now=NOW)
    Sku.objects.filter(pk=sku.pk).update(stock=1)
    with pytest.raises(InsufficientStock):
        _clerk(services.send_replacement, case, carrier="顺丰", number="SF999999")
    assert (_seen(case), Sku.objects.get(pk=sku.pk).stock) == (("requested", "returned"), 1)
    Sku.objects.filter(pk=sku.pk).update(stock=7)
    _clerk(services.send_replacement, case, carrier="顺丰", number="SF999999")
    with pytest.raises(IllegalTransition):
        _clerk(services.send_replacement, case, carrier="顺丰", number="SF999998")
    assert Sku.objects.get(pk=sku.pk).stock == 5
    later = NOW + 8 * DAY
    assert services.complete_if_due(order_ulid=order.ulid, now=later) is False
    services.confirm_replacement(refund_ulid=case.ulid, member=buyer, now=later)
    assert _seen(case) == ("exchanged", "done")
    held = Order.objects.get(pk=order.pk)
    assert (held.refunded_amount, OrderLine.objects.get(order=order).refunded_qty) == (0, 0)
    assert not OutboxEvent.objects.filter(topic="order.refund_approved").exists()
    assert services.complete_if_due(order_ulid=order.ulid, now=later) is True


def test_declined_case_goes_to_the_mall_which_rules_with_reason_and_freight(buyer, sku):
    order = make.received(buyer, (sku, 3), now=NOW)
    case = _open(order, buyer, 1, service="refund_only")
    with pytest.raises(InvalidInput):
        _clerk(services.decline, case, note=" ")
    _clerk(services.decline, case, note="照片看不清")
    with pytest.raises(IllegalTransition):
        _clerk(services.rule, case, outcome="pay", note="x", freight_bearer="seller")
    services.appeal(refund_ulid=case.ulid, member=buyer, note="有视频", now=NOW)
    rule = {"outcome": "pay", "note": "证据充分", "freight_bearer": "seller"}
    for wrong, error in (
        ({"note": ""}, InvalidInput),
        ({"freight_bearer": ""}, InvalidInput),
        ({"outcome": "x"}, InvalidInput),
        ({"freight_amount": 801}, services.RefundAbovePaid),
        ({"freight_amount": -1}, services.RefundAbovePaid),
    ):
        with pytest.raises(error):
            _clerk(services.rule, case, **{**rule, **wrong})
    assert _seen(case) == ("requested", "mall")
    _clerk(services.rule, case, **rule, freight_amount=300)
    assert _seen(case) == ("approved", "done")
    assert (case.amount, case.freight_amount, case.freight_bearer, case.decision) == (1300, 300, "seller", "证据充分")
    rate = selectors.aftersales_rates(since=NOW - DAY)
    assert [(one.seller_ulid, one.orders, one.cases, one.ruled, one.case_ppm) for one in rate] == [
        ("", 1, 1, 1, 1_000_000)
    ]


def test_the_clock_ends_every_stage(buyer, sku, drain):
    order = make.received(buyer, (sku, 6), now=NOW)

    def late(case, days):
        assert services.advance_if_due(refund_ulid=case.ulid, now=NOW + days * DAY - dt.timedelta(seconds=1)) is False
        assert services.advance_if_due(refund_ulid=case.ulid, now=NOW + days * DAY) is True
        assert services.advance_if_due(refund_ulid=case.ulid, now=NOW + days * DAY) is False
        return _seen(case)

    assert late(_open(order, buyer, service="refund_only"), 3) == ("approved", "done")
    declined = _open(order, buyer)
    _clerk(services.decline, declined, note="不")
    assert late(declined, 7) == ("refused", "closed")
    unsent = _open(order, buyer)
    _clerk(services.agree, unsent)
    assert late(unsent, 7) == ("refused", "closed")
    unchecked = _open(order, buyer)
    _clerk(services.agree, unchecked)
    services.send_back(refund_ulid=unchecked.ulid, member=buyer, carrier="顺丰", number="SF7654321", now=NOW)
    assert late(unchecked, 7) == ("approved", "done")
    swap = _open(order, buyer, service="exchange")
    _clerk(services.agree, swap)
    services.send_back(refund_ulid=swap.ulid, member=buyer, carrier="顺丰", number="SF7654322", now=NOW)
    assert late(swap, 7) == ("requested", "mall")
    _clerk(services.rule, swap, outcome="return", note="请补发", freight_bearer="mall")
    _clerk(services.send_replacement, swap, carrier="顺丰", number="SF999999", restock=True)
    assert late(swap, 10) == ("exchanged", "done")
    assert OutboxEvent.objects.filter(topic="order.case_due", key__startswith=f"{swap.ulid}:").count() == 5
    assert Order.objects.get(pk=order.pk).refunded_amount == 2000


def test_the_malls_own_days_hold_for_orders_sold_under_them(buyer, sku):
    before = make.received(buyer, (sku, 1), now=NOW - DAY)
    days = {"answer": 1, "appeal": 3, "return": 4, "check": 2, "replaced": 5}
    sales.publish("orders", now=NOW, **{f"case_{name}_days": value for name, value in days.items()})
    order = make.received(buyer, (sku, 2), now=NOW)
    assert _open(before, buyer).due_at == NOW + 3 * DAY
    case = _open(order, buyer, service="exchange")
    assert case.due_at == NOW + DAY
    assert _clerk(services.agree, case).due_at == NOW + 4 * DAY
    sent = services.send_back(refund_ulid=case.ulid, member=buyer, carrier="顺丰", number="SF7654321", now=NOW)
    assert sent.due_at == NOW + 2 * DAY
    assert _clerk(services.send_replacement, case, carrier="顺丰", number="SF999999").due_at == NOW + 5 * DAY
    again = _open(order, buyer)
    assert _clerk(services.decline, again, note="不").due_at == NOW + 3 * DAY


def test_a_services_window_is_its_own(grocery):
    terms = modes.settings_in_force(now=NOW)
    assert checkout._aftersales_days("service", terms) == 3
    assert checkout._aftersales_days(ProductKind.GOODS, terms) == 7
    sales.publish("settlement", now=NOW, aftersales_days_service=0)
    assert checkout._aftersales_days("service", modes.settings_in_force(now=NOW)) == 0


def test_twenty_who_ask_at_once_get_what_is_left_and_never_more(committed):
    with schema_context("public"):
        mall = Mall.objects.get(schema_name="t_test_grocery")
    with in_mall(mall):
        with transaction.atomic():
            member = people.make_member()
            order = make.received(member, (catalog.single(price=1000, supply=400, stock=10), 5), now=NOW)
        start, answers = threading.Barrier(20), []

        def run():
            try:
                with in_mall(mall):
                    start.wait()
                    answers.append(_open(order, member, service="refund_only").amount)
            except services.RefundAbovePaid:
                answers.append(0)
            finally:
                connection.close()

        threads = [threading.Thread(target=run) for _ in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(answers) == [0] * 15 + [1000] * 5
        assert Refund.objects.filter(stage="seller").count() == 5
    connection.set_schema_to_public()


def test_strangers_other_sellers_and_bad_evidence_change_nothing(buyer, sku, grocery):
    order = make.received(buyer, (sku, 2), now=NOW)
    paid = make.paid(buyer, (sku, 1), now=NOW)
    stranger = people.make_member()
    for error, member, more in (
        (NotFound, stranger, {}),
        (InvalidInput, buyer, {"service": "theft"}),
        (InvalidInput, buyer, {"reason": " "}),
        (services.NothingToReturn, buyer, {"qty": 0, "value": 100}),
        (ImageRefused, buyer, {"photos": [(catalog.picture(), "image/jpeg"), (b"<svg/>", "image/svg+xml")]}),
        (InvalidInput, buyer, {"photos": [(catalog.picture((120, 120)), "image/jpeg")] * 7}),
    ):
        with pytest.raises(error):
            _open(order, member, **more)
    with pytest.raises(services.NothingToReturn):
        _open(paid, buyer)
    assert not Refund.objects.exists()
    buffer = io.BytesIO()
    exif = Image.Exif()
    exif[0x010F] = "SecretCamera"
    Image.new("RGB", (200, 200), "red").save(buffer, format="JPEG", exif=exif)
    assert b"SecretCamera" in buffer.getvalue()
    case = _open(order, buyer, photos=[(buffer.getvalue(), "image/jpeg")])
    kept = services.read_photo(case.evidence, case.evidence[0])
    assert b"SecretCamera" not in kept and dict(Image.open(io.BytesIO(kept)).getexif()) == {}
    with pytest.raises(NotFound):
        services.read_photo([], case.evidence[0])
    other = {"seller_ulid": "01ANOTHERSELLER0000000000"}
    for do, more in (
        (services.agree, other),
        (services.decline, {"note": "x", **other}),
        (services.accept_return, {"restock": True, **other}),
        (services.send_replacement, {"carrier": "顺丰", "number": "SF999999", **other}),
    ):
        with pytest.raises(NotFound):
            _clerk(do, case, **more)
    for do, more in (
        (services.appeal, {"note": "x"}),
        (services.send_back, {"carrier": "顺丰", "number": "SF7654321"}),
        (services.confirm_replacement, {}),
        (services.withdraw_refund, {}),
    ):
        with pytest.raises(NotFound):
            do(refund_ulid=case.ulid, member=stranger, now=NOW, **more)
    assert _seen(case) == ("requested", "seller") and len(case.trail) == 1
    services.withdraw_refund(refund_ulid=case.ulid, member=buyer, now=NOW)
    assert _seen(case) == ("withdrawn", "closed")
