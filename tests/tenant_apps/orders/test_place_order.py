"""An order is placed whole at today's prices, or refused with a name and nothing changed."""

import dataclasses
import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from saas.kernel import clock
from saas.kernel.errors import DomainError
from saas.messaging.bus.models import OutboxEvent
from tenant_apps.catalog import services as catalog_services
from tenant_apps.catalog.models import Sku
from tenant_apps.modes import services as modes
from tenant_apps.orders import selectors, services
from tenant_apps.orders.models import CartLine, Order, OrderLine
from tenant_apps.orders.rules import OrderState, WantedLine
from tests.factories import catalog, people, sales
from tests.factories import orders as make

NOW = clock.now()


@pytest.fixture
def buyer(grocery):
    elder = people.make_member(name="爷", promoter=True)
    parent = people.make_member(name="父", referrer=elder)
    return people.make_member(name="买家", referrer=parent)


@pytest.fixture
def sku(grocery):
    return catalog.single("赣南脐橙", price=3000, supply=1200, stock=10)


def _place(buyer, *lines, total=None, key="key-12345678", address=make.HOME, now=NOW):
    return services.place_order(
        member=buyer,
        lines=lines,
        address=address,
        expected_total=make.total_of(lines, now) if total is None else total,
        idempotency_key=key,
        now=now,
    )


def _nothing_changed(sku):
    assert not Order.objects.exists()
    assert not OutboxEvent.objects.filter(topic__startswith="order.").exists()
    assert Sku.objects.get(pk=sku.pk).stock == sku.stock


def test_places_an_order_with_its_waterfall_pins_and_schedule(buyer, sku):
    other = catalog.single("苹果", price=2000, supply=900, stock=5)
    order = _place(buyer, WantedLine(sku.ulid, 2), WantedLine(other.ulid, 1))
    assert (order.state, order.goods_amount, order.freight_amount, order.total_amount) == (
        OrderState.PENDING_PAYMENT,
        8000,
        800,
        8800,
    )
    lines = [
        (line.title, line.qty, line.gross_amount, line.level_amount, line.cash_amount, line.supply_cost_amount)
        for line in OrderLine.objects.order_by("position")
    ]
    assert lines == [("赣南脐橙", 2, 6000, 6000, 6000, 2400), ("苹果", 1, 2000, 2000, 2000, 900)]
    assert order.sale_facts == {}  # settled at payment
    assert Sku.objects.get(pk=sku.pk).stock == 8
    event = OutboxEvent.objects.get(topic="order.payment_due")
    assert (event.key, event.available_at) == (order.ulid, order.payment_due_at)
    assert [(row.action, row.actor) for row in selectors.history(order.ulid)] == [("placed", f"member:{buyer.ulid}")]
    sale = selectors.sale(order.ulid)
    assert sale.facts.buyer.member == buyer.ulid and sale.facts.buyer.chain == ()
    assert sale.lines[0].facts.cash == 6000 and sale.lines[0].facts.supply_cost == 2400


def test_takes_at_most_fourteen_statements(buyer, sku):
    services.add_to_cart(member=buyer, sku_ulid=sku.ulid, qty=1, now=NOW)
    total = make.total_of([WantedLine(sku.ulid, 1)], NOW)
    with CaptureQueriesContext(connection) as statements:
        _place(buyer, WantedLine(sku.ulid, 1), total=total)
    counted = [row["sql"] for row in statements if "SAVEPOINT" not in row["sql"]]
    assert len(counted) <= 14, "\n".join(counted)
    assert not CartLine.objects.exists()


def test_double_click_is_one_order(buyer, sku):
    first = _place(buyer, WantedLine(sku.ulid, 1))
    again = _place(buyer, WantedLine(sku.ulid, 1), total=1)
    assert first.ulid == again.ulid
    assert Order.objects.count() == 1 and Sku.objects.get(pk=sku.pk).stock == 9


def test_same_key_of_another_member_is_another_order(buyer, sku):
    first = _place(buyer, WantedLine(sku.ulid, 1))
    assert _place(people.make_member(), WantedLine(sku.ulid, 1)).ulid != first.ulid


def test_freight_is_free_from_the_threshold_and_pinned_with_its_version(buyer, sku):
    version = modes.publish_settings(
        actor="user:owner",
        mode="orders",
        values={"freight_fen": 500, "freight_free_from_fen": 6000},
        reason="活动",
        now=NOW,
        combinations=[],
    )
    assert _place(buyer, WantedLine(sku.ulid, 1)).freight_amount == 500
    order = _place(buyer, WantedLine(sku.ulid, 2), key="key-87654321")
    assert order.freight_amount == 0
    assert order.settings_versions["orders"] == version.ulid


def test_refuses_a_changed_price_and_names_the_line(buyer, sku):
    total = make.total_of([WantedLine(sku.ulid, 1)], NOW)
    catalog_services.set_offer_price(sku_ulid=sku.ulid, price_amount=3100, actor=catalog.ACTOR)
    with pytest.raises(services.PriceChanged) as refused:
        _place(buyer, WantedLine(sku.ulid, 1, expected_unit_amount=3000), total=total)
    assert refused.value.code == "price_changed" and "赣南脐橙" in refused.value.text
    assert (refused.value.data["was"], refused.value.data["now"]) == (3000, 3100)
    _nothing_changed(sku)


def test_refuses_a_changed_total(buyer, sku):
    with pytest.raises(services.TotalChanged) as refused:
        _place(buyer, WantedLine(sku.ulid, 1), total=3000)
    assert refused.value.data == {"was": 3000, "now": 3800}
    _nothing_changed(sku)


def test_refuses_when_stock_is_short_and_names_the_sku(buyer, sku):
    with pytest.raises(catalog_services.InsufficientStock) as refused:
        _place(buyer, WantedLine(sku.ulid, 11))
    assert refused.value.data["left"] == 10 and "赣南脐橙" in refused.value.text
    _nothing_changed(sku)


def test_refuses_a_sku_that_went_off_shelf(buyer, sku):
    total = make.total_of([WantedLine(sku.ulid, 1)], NOW)
    catalog_services.take_off_shelf(ulid=sku.product.ulid, actor=catalog.ACTOR, now=NOW)
    with pytest.raises(services.SkuNotSellable):
        _place(buyer, WantedLine(sku.ulid, 1), total=total)
    _nothing_changed(sku)


@pytest.mark.parametrize(
    ("lines", "error"),
    [
        ([], services.EmptyCart),
        ([("it", 0)], services.QuantityOutOfRange),
        ([("it", -1)], services.QuantityOutOfRange),
        ([("it", 100)], services.QuantityOutOfRange),
        ([("it", 60), ("it", 60)], services.QuantityOutOfRange),
        ([("01UNKNOWN", 1)], services.SkuNotSellable),
        ([(str(number), 1) for number in range(51)], services.QuantityOutOfRange),
    ],
    ids=["empty", "none", "negative", "many", "many_in_two", "unknown", "many_lines"],
)
def test_refuses_wrong_lines(buyer, sku, lines, error):
    with pytest.raises(error):
        _place(buyer, *(WantedLine(sku.ulid if one == "it" else one, qty) for one, qty in lines), total=1)
    _nothing_changed(sku)


@pytest.mark.parametrize(
    "changes",
    [
        {"name": " "},
        {"phone": ""},
        {"detail": ""},
        {"district_code": ""},
        {"district_code": "110101"},
        {"province_code": "990000"},
        {"city_code": "440300"},
    ],
)
def test_refuses_an_impossible_address(buyer, sku, changes):
    with pytest.raises(DomainError) as refused:
        _place(buyer, WantedLine(sku.ulid, 1), address=dataclasses.replace(make.HOME, **changes))
    assert refused.value.http_status == 422
    _nothing_changed(sku)


def test_refuses_without_a_key(buyer, sku):
    with pytest.raises(services.KeyMissing):
        _place(buyer, WantedLine(sku.ulid, 1), key="")
    _nothing_changed(sku)


def test_suspended_mall_takes_no_orders(grocery, buyer, sku):
    grocery.state = "suspended"
    try:
        with pytest.raises(services.OrdersClosed):
            _place(buyer, WantedLine(sku.ulid, 1))
    finally:
        grocery.state = "active"
    _nothing_changed(sku)


@pytest.mark.parametrize(
    "changes",
    [
        {"state": "paid"},
        {"paid_at": NOW},
        {"state": "cancelled"},
        {"state": "refunded", "paid_at": NOW},
        {"total_amount": 1},
        {"refunded_amount": 9_999_999},
        {"state": "unknown"},
    ],
)
def test_database_ties_state_to_instants_and_amounts(buyer, sku, changes):
    order = _place(buyer, WantedLine(sku.ulid, 1))
    with pytest.raises(IntegrityError), transaction.atomic():
        Order.objects.filter(pk=order.pk).update(**changes)


def test_history_cannot_be_rewritten(buyer, sku):
    from django.db import ProgrammingError

    order = _place(buyer, WantedLine(sku.ulid, 1))
    with pytest.raises(ProgrammingError), transaction.atomic():
        order.history.update(actor="nobody")


def test_a_version_between_placing_and_payment_changes_nothing_of_the_order(grocery):
    earlier = NOW - dt.timedelta(days=1)
    first = sales.publish(now=earlier, rate_ppm=[50_000, 20_000])
    sku = catalog.single(price=10_000)
    order = make.placed(people.make_member(), (sku, 1), now=NOW)
    sales.publish(now=NOW + dt.timedelta(minutes=1), rate_ppm=[100_000, 50_000])
    paid_at = NOW + dt.timedelta(minutes=2)
    services.mark_paid(
        order_ulid=order.ulid, payment=make.fund(order, now=paid_at), amount=10_000 + order.freight_amount, now=paid_at
    )
    order.refresh_from_db()
    assert order.settings_versions["distribution"] == first.ulid
