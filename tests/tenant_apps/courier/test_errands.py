"""Errands over real HTTP against the sandbox: called once, never lost, followed to the end, paid by whose goods they are."""

import datetime as dt
import hashlib
import json

import pytest
from django.utils import translation

from saas.channels.contract import BadNotice
from saas.identity.models import AuditRecord
from saas.kernel.errors import InvalidInput, NotFound
from saas.kernel.states import IllegalTransition
from saas.ledger import selectors as book
from tenant_apps.courier import handlers
from tenant_apps.courier import services as courier
from tenant_apps.courier.models import CourierAccount, CourierNotice, Errand
from tenant_apps.courier.rules import ErrandState, Provider, owed
from tenant_apps.courier.services import asking, calling
from tenant_apps.orders.models import Order, Parcel
from tenant_apps.sellers.models import StatementLine
from tests.factories import sales
from tests.tenant_apps.courier.conftest import NOW, bought

POSITION = (23_130_000, 113_265_000)
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def call(order, *, weight=1_000, note="", actor="user:clerk"):
    return courier.call_service(
        order_ulid=order.ulid, weight_grams=weight, position=POSITION, note=note, actor=actor, now=NOW
    )


def said(dada, errand, step):
    """The rider's step, and the callback that tells of it, carried in by hand."""
    dada.step(errand.number, step)
    return receive(dada.callback(errand.number), errand)


def receive(body, errand, *, token=""):
    token = token or errand.account.notify_token
    return courier.receive_callback(provider="dada", token=token, body=json.dumps(body).encode(), now=NOW)


def test_an_errand_of_a_sellers_goods_from_the_quote_to_the_statement(
    store, dada, drain, django_capture_on_commit_callbacks
):
    order = bought(store)
    assert (order.latitude_e6, order.longitude_e6) == POSITION
    quote = courier.quote_service(order_ulid=order.ulid, weight_grams=6_000, position=POSITION, now=NOW)
    assert (quote.fee_amount, quote.distance_meters, Errand.objects.count()) == (800, 1_800, 0)
    errand = call(order, note="电梯在东侧")
    assert (errand.state, errand.fee_amount, errand.payer_ulid) == ("waiting", 650, store.ulid)
    with pytest.raises(courier.ErrandOpen):
        call(order)
    assert len(dada.orders()) == 1
    for step, state in (("accept", "accepted"), ("arrive", "arrived"), ("fetch", "carrying")):
        row = said(dada, errand, step)
        with django_capture_on_commit_callbacks(execute=True):
            assert drain() >= 1
        errand.refresh_from_db()
        assert (errand.state, errand.rider_name, errand.rider_phone) == (state, "达小骑", "13900001234")
        row.refresh_from_db()
        assert row.outcome == "asked"
    order.refresh_from_db()
    parcel = Parcel.objects.get(order=order)
    assert (order.state, order.carrier, parcel.tracking_number) == ("shipped", "Dada", errand.number)
    assert parcel.tracking["state"] == "delivering" and "达小骑 13900001234" in parcel.tracking["events"][-1]["text"]
    with pytest.raises(IllegalTransition):
        courier.cancel_errand(errand_ulid=errand.ulid, reason="too late", actor="user:clerk", now=NOW)
    dada.step(errand.number, "finish")  # no callback comes: the schedule asks
    assert courier.ask_service(errand_ulid=errand.ulid, now=NOW) == "delivered"
    assert courier.ask_service(errand_ulid=errand.ulid, now=NOW) == "over"
    errand.refresh_from_db()
    assert (errand.booked_amount, errand.ended_at) == (650, NOW)
    line = StatementLine.objects.get(source=f"courier:{errand.ulid}")
    assert (line.seller_ulid, line.kind, line.amount) == (store.ulid, "deduction", -650)
    assert sum(sales.posted().values()) == 0 and book.balance("channel.dada") == 650
    parcel.refresh_from_db()
    assert parcel.tracking["state"] == "delivered"
    assert AuditRecord.objects.filter(action="courier.moved").count() == 5
    order.refresh_from_db()
    assert order.state == "shipped"  # whether it arrived is the shopper's word, or time's


def test_the_store_pays_for_the_malls_goods_too_and_for_calling_off(store, dada):
    order = bought(store, own=False)
    house = book.balance("house")
    errand = call(order)
    assert errand.payer_ulid == store.ulid
    dada.step(errand.number, "accept")
    courier.ask_service(errand_ulid=errand.ulid, now=NOW)
    with pytest.raises(InvalidInput):
        courier.cancel_errand(errand_ulid=errand.ulid, reason=" ", actor="user:clerk", now=NOW)
    gone = courier.cancel_errand(errand_ulid=errand.ulid, reason="the shopper is away", actor="user:clerk", now=NOW)
    assert (gone.state, gone.deduct_amount, gone.booked_amount) == ("cancelled", 200, 200)
    line = StatementLine.objects.get(source=f"courier:{errand.ulid}")
    assert (line.seller_ulid, line.amount, book.balance("house")) == (store.ulid, -200, house)
    again = call(order)  # another one may be called now
    assert again.number != errand.number and Errand.objects.count() == 2
    order.refresh_from_db()
    assert order.state == "paid"


def test_unknown_is_never_failed_and_never_called_twice(store, dada):
    order = bought(store)
    dada.fault("error_after")
    errand = call(order)
    assert (errand.state, errand.reason) == ("calling", "no clear answer") and len(dada.orders()) == 1
    assert courier.ask_service(errand_ulid=errand.ulid, now=NOW) == "waiting"
    errand.refresh_from_db()
    assert (errand.state, errand.fee_amount, len(dada.orders())) == ("waiting", 650, 1)
    courier.cancel_errand(errand_ulid=errand.ulid, reason="x", actor="user:clerk", now=NOW)

    dada.fault("error_before")  # it never got there: asked, not known, sent again under its own number
    lost = call(order)
    assert lost.state == "calling" and len(dada.orders()) == 1
    dada.fault("garbage")
    assert courier.ask_service(errand_ulid=lost.ulid, now=NOW) == "unknown"
    assert courier.ask_service(errand_ulid=lost.ulid, now=NOW) == "waiting"
    assert [one["number"] for one in dada.orders()] == [errand.number, lost.number]

    dada.fault("error_after")
    gone = courier.cancel_errand(errand_ulid=lost.ulid, reason="x", actor="user:clerk", now=NOW)
    assert gone.state == "cancelled"  # called off without an answer: asked, and so it is
    third = call(order)
    Errand.objects.filter(pk=third.pk).update(state="calling")
    third.refresh_from_db()  # a duplicate is refused there: that the number is known settles it
    assert calling.send(third, now=NOW) == "waiting" and len(dada.orders()) == 3


def test_refused_is_said_and_nothing_is_owed(store, dada):
    order = bought(store)
    account = CourierAccount.objects.get(active=True)
    account.shops = {store.ulid: "0404"}
    account.save()
    with pytest.raises(courier.CourierUnclear, match="门店不存在"):
        courier.quote_service(order_ulid=order.ulid, weight_grams=1_000, position=POSITION, now=NOW)
    errand = call(order)
    assert (errand.state, errand.reason, errand.booked_amount) == ("refused", "门店不存在", 0)
    assert call(order).state == "refused" and dada.orders() == []
    account.shops = {}
    account.save()
    with pytest.raises(courier.CourierNotReady):
        call(order)
    for weight, position, note, field in (
        (0, POSITION, "", "weight"),
        (100_001, POSITION, "", "weight"),
        (1, None, "", "latitude"),
        (1, POSITION, "x" * 101, "note"),
    ):
        account.shops = {store.ulid: "1"}
        account.save()
        with pytest.raises(InvalidInput) as refused:
            courier.call_service(
                order_ulid=order.ulid, weight_grams=weight, position=position, note=note, actor="user:clerk", now=NOW
            )
        assert refused.value.field == field
    Order.objects.filter(pk=order.pk).update(delivery_kind="express", delivery_store="")
    with pytest.raises(courier.NotForCourier):
        call(order)
    assert Errand.objects.count() == 2


def test_callbacks_that_are_forged_replayed_stale_or_anothers(store, dada, django_capture_on_commit_callbacks, drain):
    errand = call(bought(store))
    dada.step(errand.number, "accept")
    genuine = dada.callback(errand.number)
    for bad in ({**genuine, "update_time": 1}, {**genuine, "signature": ""}, {**genuine, "signature": None}, {}, []):
        with pytest.raises(BadNotice):
            receive(bad, errand)
    with pytest.raises(NotFound):
        receive(genuine, errand, token="another-malls-token")
    stranger = {**genuine, "order_id": "C" + "0" * 26}
    parts = sorted(str(stranger[name]) for name in ("client_id", "order_id", "update_time"))
    stranger["signature"] = hashlib.md5("".join(parts).encode()).hexdigest()
    with pytest.raises(NotFound):
        receive(stranger, errand)
    assert not CourierNotice.objects.exists()
    first = receive(genuine, errand)
    assert first is not None and receive(genuine, errand) is None and CourierNotice.objects.count() == 1
    # Anybody can sign like this (there is no secret in it): what it claims is asked for, not believed.
    forged = {**genuine, "order_status": 4}
    assert receive(forged, errand) is not None
    with django_capture_on_commit_callbacks(execute=True):
        drain()
    errand.refresh_from_db()
    assert (errand.state, errand.booked_amount) == ("accepted", 0)
    assert asking.note_callback(notice_ulid=first.ulid, now=NOW) is None  # seen once


def test_an_own_courier_is_followed_by_hand(store):
    order = bought(store, position=False)
    for name, phone, field in (
        ("", "13800000001", "rider_name"),
        ("小王", "no", "rider_phone"),
        ("x" * 41, "13800000001", "rider_name"),
    ):
        with pytest.raises(InvalidInput) as refused:
            courier.call_own(order_ulid=order.ulid, rider_name=name, rider_phone=phone, actor="member:x", now=NOW)
        assert refused.value.field == field
    errand = courier.call_own(
        order_ulid=order.ulid, rider_name="小王", rider_phone="13800000001", actor="member:x", now=NOW
    )
    with pytest.raises(IllegalTransition):
        courier.step_by_hand(errand_ulid=errand.ulid, state="delivered", actor="member:x", now=NOW)
    for state in ("carrying", "delivered"):
        courier.step_by_hand(errand_ulid=errand.ulid, state=state, actor="member:x", now=NOW)
    errand.refresh_from_db()
    order.refresh_from_db()
    assert (errand.provider, errand.state, errand.booked_amount, order.state) == (
        Provider.MANUAL,
        "delivered",
        0,
        "shipped",
    )
    assert Parcel.objects.get(order=order).carrier == "Courier of the store"
    assert [one["state"] for one in errand.events] == ["accepted", "carrying", "delivered"]


def test_a_question_is_scheduled_until_the_errand_is_over(store, dada, django_capture_on_commit_callbacks, drain):
    errand = call(bought(store))
    dada.step(errand.number, "fetch")
    with django_capture_on_commit_callbacks(execute=True):
        drain(until=NOW + 2 * MINUTE)
    errand.refresh_from_db()
    assert errand.state == "carrying"
    assert handlers.QUERY_LIMIT == 60
    for state, fee, deduct, cost in (
        (ErrandState.DELIVERED, 650, 0, 650),
        (ErrandState.RETURNED, 650, 200, 850),
        (ErrandState.CANCELLED, 650, 200, 200),
        (ErrandState.REFUSED, 650, 0, 0),
    ):
        assert owed(state, fee_amount=fee, deduct_amount=deduct) == cost


def test_an_account_is_tried_before_it_is_stored(store, dada, settings):
    before = CourierAccount.objects.get(active=True)
    good = {"app_key": before.app_key, "source_id": before.source_id}
    with pytest.raises(courier.AccountRefused, match="签名错误"):
        courier.store_account(fields={**good, "app_secret": "wrong"}, shops={}, actor="user:owner", now=NOW)
    with pytest.raises(InvalidInput) as refused:
        courier.store_account(fields={**good, "source_id": ""}, shops={}, actor="user:owner", now=NOW)
    assert refused.value.field == "source_id" and CourierAccount.objects.count() == 1
    kept = courier.store_account(fields=good, shops={store.ulid: " 77 ", "other": ""}, actor="user:owner", now=NOW)
    assert kept.shops == {store.ulid: "77"} and CourierAccount.objects.filter(active=True).get().pk == kept.pk
    assert kept.notify_token != before.notify_token and kept.app_secret_sealed.startswith("v1.")
    settings.COURIER_SANDBOX_ORIGIN = "http://127.0.0.1:1"
    with pytest.raises(courier.AccountRefused):
        courier.store_account(fields=good, shops={}, actor="user:owner", now=NOW)
    courier.disconnect(actor="user:owner")
    with pytest.raises(NotFound):
        courier.disconnect(actor="user:owner")
