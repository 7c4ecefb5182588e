"""Orders of the mall that stores bring: chosen by the shopper, or offered to the nearest open store that has everything."""

import dataclasses
import datetime as dt
import threading

import pytest
from django.conf import settings
from django.db import connection, transaction
from django_tenants.utils import schema_context

from saas.identity.roles import Role
from saas.kernel import clock
from saas.kernel.ids import new_ulid
from saas.ledger import selectors as book
from saas.messaging.notices.models import Notice
from saas.tenants.malls.activation import in_mall
from saas.tenants.malls.models import Mall
from tenant_apps.catalog.models import Sku
from tenant_apps.counter.models import CreditStock, StoreOffer
from tenant_apps.counter.rules import dispatch as rules
from tenant_apps.counter.rules.dispatch import Candidate
from tenant_apps.counter.rules.hours import Span
from tenant_apps.counter.services import credit, stores
from tenant_apps.counter.services import dispatch as services
from tenant_apps.orders import services as orders
from tenant_apps.orders.delivery import DeliveryWish
from tenant_apps.orders.models import Order
from tenant_apps.orders.rules import DeliveryKind, WantedLine
from tenant_apps.sellers import services as sellers
from tenant_apps.sellers.models import Seller
from tenant_apps.sellers.rules import deposit_of, payable_of
from tenant_apps.sellers.services import Handover
from tests.factories import orders as make
from tests.factories import sales
from tests.factories import sellers as shops
from tests.factories.browser import MallClient
from tests.factories.people import make_member, make_staff
from tests.tenant_apps.backoffice.conftest import signed_in as staff_in
from tests.tenant_apps.counter.test_credit import pay_in

NOW = clock.now()
EARLIER = NOW - dt.timedelta(days=30)
EN = {"HTTP_ACCEPT_LANGUAGE": "en"}
ALWAYS = ((Span(0, 1440),),) * 7


def store(name, *, owner=None, opens=ALWAYS, fee=450):
    row = shops.store(name=name, owner=owner.ulid if owner else "", now=EARLIER)
    terms = Handover(place_text="体育东路", offers_delivery=True, delivery_fee_amount=fee)
    sellers.set_handover(ulid=row.ulid, terms=terms, actor=make.CLERK, now=EARLIER)
    draft = stores.StoreDraft(week=opens)
    stores.describe_store(seller_ulid=row.ulid, draft=draft, actor=make.CLERK, now=EARLIER)
    pay_in(deposit_of(row.ulid), 100_000)
    return row


def lend(row, sku, qty):
    return credit.lend_stock(
        seller_ulid=row.ulid, sku_ulid=sku.ulid, qty=qty, unit_amount=600, actor=make.CLERK, now=EARLIER
    )


def browse(member):
    client = MallClient(HTTP_ACCEPT_LANGUAGE="en")
    client.force_login(member.user, backend=settings.AUTHENTICATION_BACKENDS[0])
    return client


def pieces(sku):
    return Sku.objects.get(pk=sku.pk).stock


@pytest.fixture
def rice(grocery):
    sales.publish("orders", now=EARLIER, dispatch_minutes=10, dispatch_fee_fen=700, store_handover=True)
    return shops.goods(None, price=5_000, supply=1_000, title="米", stock=50, now=EARLIER)


@pytest.fixture
def keeper(grocery):
    return make_member(name="店主")


@pytest.fixture
def near(rice, keeper):
    row = store("近店", owner=keeper)
    lend(row, rice, 5)
    return row


def test_the_nearest_open_store_that_has_everything_comes_first():
    def at(ulid, meters=None, *, district="440106", is_open=True, radius=3_000, **held):
        return Candidate(
            ulid=ulid, area_code=district, is_open=is_open, radius_meters=radius, distance_meters=meters, held=held
        )

    def asked(*candidates, **needs):
        return rules.ranked(candidates, needs=needs or {"rice": 2}, district_code="440106")

    assert asked(at("B", 900, rice=2), at("A", 1_200, rice=9), at("C", None, rice=2)) == ["B", "A", "C"]
    assert asked(at("A", 100, rice=1), at("B", 100, is_open=False, rice=5), at("C", 3_001, rice=5)) == []
    assert asked(at("A", None, district="440113", rice=5), at("B", 10, district="440113", rice=5)) == ["B"]
    assert asked(at("A", 1, rice=2), at("B", 2, rice=2, oil=1), rice=2, oil=1) == ["B"]
    assert rules.take([("r1", "rice", 1), ("r2", "rice", 5), ("r3", "oil", 2)], {"rice": 3}) == {"r1": 1, "r2": 2}
    assert rules.take([("r1", "rice", 1)], {"rice": 2}) is None


def test_declined_goes_to_the_next_accepted_takes_the_pieces_and_the_fee_is_paid_once(rice, near, keeper, drain):
    closed, other, empty = store("关店", opens=((),) * 7), store("远店"), store("空店")
    for row in (closed, other):
        lend(row, rice, 5)
    lend(empty, rice, 1)
    assert pieces(rice) == 34
    order = make.paid(make_member(name="王小明"), (rice, 2))
    drain()
    first = StoreOffer.objects.get()
    assert {near.ulid, other.ulid} >= {first.store_ulid} and first.fee_amount == 700
    asked, then = (near, other) if first.store_ulid == near.ulid else (other, near)
    page = browse(keeper).get(f"/seller/{near.ulid}/offers").content.decode()
    assert ("We bring it" in page) == (asked == near)
    assert order.recipient_phone not in page and order.address_detail not in page
    services.decline(store_ulid=asked.ulid, ulid=first.ulid, actor=make.CLERK, now=clock.now())
    with pytest.raises(services.OfferGone):
        services.accept(store_ulid=asked.ulid, ulid=first.ulid, actor=make.CLERK, now=NOW)
    second = StoreOffer.objects.get(state="offered")
    assert second.store_ulid == then.ulid
    services.accept(store_ulid=then.ulid, ulid=second.ulid, actor=make.CLERK, now=clock.now())
    order.refresh_from_db()
    assert (order.delivery_kind, order.delivery_store, order.state) == ("store_delivery", then.ulid, "paid")
    assert CreditStock.objects.get(seller_ulid=then.ulid).qty == 3
    assert pieces(rice) == 34  # the order took two, the store gave two
    orders.ship_order(order_ulid=order.ulid, carrier=then.name, number="", actor=make.CLERK, now=NOW)
    orders.receive_order(order_ulid=order.ulid, actor="system", now=NOW)
    orders.complete_order(order_ulid=order.ulid, actor="system", now=NOW + dt.timedelta(days=8))
    drain()
    assert book.available(payable_of(then.ulid)) == 700
    drain()
    assert sum(row.posted for row in book.trial_balance()) == 0
    assert Notice.objects.filter(kind="store_offer").count() == 1  # of the two one has an owner


def test_without_an_answer_the_next_is_asked_and_then_nobody(rice, near, drain):
    order = make.paid(make_member(), (rice, 1))
    drain()
    row = StoreOffer.objects.get()
    assert not services.expire(ulid=row.ulid, now=row.due_at - dt.timedelta(seconds=1))
    assert services.expire(ulid=row.ulid, now=row.due_at)
    assert list(StoreOffer.objects.values_list("state", flat=True)) == ["expired"]
    order.refresh_from_db()
    assert (order.delivery_kind, order.delivery_store) == ("express", "")
    with pytest.raises(services.OfferGone):
        services.accept(store_ulid=near.ulid, ulid=row.ulid, actor=make.CLERK, now=NOW)


def test_another_address_asks_the_store_there_and_staff_see_what_none_brings(rice, near, drain):
    there = store("番禺店")
    Seller.objects.filter(pk=there.pk).update(area_code="440113")
    lend(there, rice, 5)
    clerk = staff_in(make_staff(Role.ORDERS))
    order = make.paid(make_member(), (rice, 1))
    drain()

    def moved(address):
        orders.change_order_address(
            order_ulid=order.ulid, address=address, actor=make.CLERK, now=clock.now(), reason="换址"
        )
        drain()
        return [(one.store_ulid, one.state) for one in StoreOffer.objects.order_by("pk")]

    other = dataclasses.replace(make.HOME, detail="体育西路2号")
    assert moved(other) == [(near.ulid, "offered")]  # the same district: the same store is still asked
    panyu = dataclasses.replace(make.HOME, district_code="440113", district="番禺区")
    assert moved(panyu) == [(near.ulid, "withdrawn"), (there.ulid, "offered")]
    with pytest.raises(services.OfferGone):
        services.decline(store_ulid=near.ulid, ulid=StoreOffer.objects.get(state="withdrawn").ulid, actor="x", now=NOW)
    assert moved(make.HOME) == [(near.ulid, "offered"), (there.ulid, "withdrawn")]  # back, and asked anew
    assert "Orders that no store brings" not in clerk.get("/backoffice/", **EN).content.decode()
    row = StoreOffer.objects.get(state="offered")
    services.decline(store_ulid=near.ulid, ulid=row.ulid, actor="member:x", now=clock.now())
    home = clerk.get("/backoffice/", **EN).content.decode()
    assert "Orders that no store brings" in home and "?state=alone" in home
    assert order.number in clerk.get("/backoffice/orders/?state=alone", **EN).content.decode()
    assert moved(panyu) == [(near.ulid, "declined"), (there.ulid, "offered")]
    assert "Orders that no store brings" not in clerk.get("/backoffice/", **EN).content.decode()


def test_what_was_sent_or_is_not_there_any_more_is_not_taken_on(rice, near, drain):
    order = make.paid(make_member(), (rice, 3))
    drain()
    row, stock = StoreOffer.objects.get(), CreditStock.objects.get()
    credit.settle_sold(seller_ulid=near.ulid, ulid=stock.ulid, qty=4, actor=make.CLERK, now=NOW)
    with pytest.raises(services.PiecesMissing):
        services.accept(store_ulid=near.ulid, ulid=row.ulid, actor=make.CLERK, now=NOW)
    order.refresh_from_db()
    assert (order.delivery_kind, CreditStock.objects.get().qty) == ("express", 1)
    orders.ship_order(order_ulid=order.ulid, carrier="顺丰", number="SF1234567890", actor=make.CLERK, now=NOW)
    with pytest.raises(orders.NotAssignable):
        services.accept(store_ulid=near.ulid, ulid=row.ulid, actor=make.CLERK, now=NOW)
    assert StoreOffer.objects.get().state == "offered" and CreditStock.objects.get().qty == 1


def test_a_refund_before_the_store_sets_out_leaves_its_pieces_there(rice, near, drain):
    order = make.paid(make_member(), (rice, 3))
    drain()
    services.accept(store_ulid=near.ulid, ulid=StoreOffer.objects.get().ulid, actor=make.CLERK, now=NOW)
    assert (CreditStock.objects.get().qty, pieces(rice)) == (2, 45)
    line = order.lines.get()
    services.give_back(order_ulid=order.ulid, qtys={line.sku_ulid: 1}, now=NOW)
    assert (CreditStock.objects.get().qty, pieces(rice)) == (3, 44)  # the refund itself puts one back: 45 again
    orders.ship_order(order_ulid=order.ulid, carrier="店", number="", actor=make.CLERK, now=NOW)
    services.give_back(order_ulid=order.ulid, qtys={line.sku_ulid: 3}, now=NOW)
    assert CreditStock.objects.get().qty == 3  # what was sent stays sent


def test_a_store_brings_what_the_shopper_wished_it_to_and_has_the_freight(rice, near, keeper, drain):
    buyer = make_member(name="王小明")
    wish = DeliveryWish("", DeliveryKind.STORE_DELIVERY, near.ulid)
    purchase = orders.place_purchase(
        member=buyer,
        lines=[WantedLine(rice.ulid, 2)],
        address=make.HOME,
        expected_total=10_450,
        idempotency_key=new_ulid(),
        now=NOW,
        deliveries=[wish],
    )
    order = purchase.first
    orders.mark_paid(order_ulid=order.ulid, payment=make.fund(order, now=NOW), amount=10_450, now=NOW)
    drain()
    assert not StoreOffer.objects.exists()
    page = f"/seller/{near.ulid}/orders/{order.ulid}"
    client = browse(keeper)
    assert order.number in client.get(f"/seller/{near.ulid}/orders?state=paid").content.decode()
    shown = client.get(page).content.decode()
    assert "your store brings them" in shown and "体育西路1号" in shown
    other = store("别店", owner=make_member(name="别人"))
    assert browse(other.owner).get(page.replace(near.ulid, other.ulid)).status_code == 404
    client.post(page, {"carrier": near.name, "number": "", f"send-{order.lines.get().ulid}": "2"})
    order = Order.objects.get()
    assert (order.state, order.carrier) == ("shipped", near.name)
    orders.receive_order(order_ulid=order.ulid, actor="system", now=NOW)
    orders.complete_order(order_ulid=order.ulid, actor="system", now=NOW + dt.timedelta(days=8))
    drain()
    assert book.available(payable_of(near.ulid)) == 450


def test_answers_at_the_same_moment_take_the_order_on_once(committed, drain):
    with schema_context("public"):
        mall = Mall.objects.get(schema_name="t_test_grocery")
    with in_mall(mall), transaction.atomic():
        sales.publish("orders", now=EARLIER, dispatch_minutes=10)
        rice = shops.goods(None, price=5_000, supply=1_000, title="米", stock=50, now=EARLIER)
        near = store("近店")
        lend(near, rice, 5)
        order = make.paid(make_member(), (rice, 2))
    drain()
    with in_mall(mall):
        offer = StoreOffer.objects.get().ulid
    start, answers = threading.Barrier(10), []

    def answer(step):
        try:
            with in_mall(mall):
                start.wait()
                try:
                    step(store_ulid=near.ulid, ulid=offer, actor="member:x", now=clock.now())
                    answers.append(step.__name__)
                except services.OfferGone:
                    answers.append("gone")
        finally:
            connection.close()

    steps = [services.accept, services.decline] * 5
    threads = [threading.Thread(target=answer, args=(step,)) for step in steps]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert answers.count("gone") == 9
    with in_mall(mall):
        order.refresh_from_db()
        taken = "accept" in answers
        assert (order.delivery_store == near.ulid, CreditStock.objects.get().qty) == (taken, 3 if taken else 5)
