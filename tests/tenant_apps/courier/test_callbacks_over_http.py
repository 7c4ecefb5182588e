"""Callbacks over real HTTP into a running cell: the services' own arrive once; forged, stale, replayed, another mall's do
nothing."""

import hashlib
import json
import time
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
from django.db import connection, transaction
from django_tenants.utils import schema_context

from saas.kernel.clock import now
from saas.tenants.malls.activation import in_mall
from saas.tenants.malls.models import Mall
from tenant_apps.courier import services as courier
from tenant_apps.courier.models import CourierAccount, CourierNotice, Errand, ParcelWatch
from tenant_apps.courier.services import trackers, watching
from tenant_apps.orders import services as orders
from tenant_apps.orders.models import Parcel
from tenant_apps.sellers import services as sellers
from tests.factories import catalog, sales
from tests.factories import orders as make
from tests.factories import sellers as shops
from tests.factories.people import make_member
from tests.tenant_apps.courier.conftest import EARLIER, PLACE, Dada, bought
from tests.tenant_apps.courier.test_tracking import Kuaidi
from tests.tenant_apps.payments.conftest import web  # noqa: F401

NOW = now()


def until(condition: Any) -> Any:
    deadline = time.monotonic() + 15
    while not (found := condition()):
        assert time.monotonic() < deadline, "nothing came"
        time.sleep(0.05)
    return found


def send(url: str, body: bytes, kind: str = "application/json") -> int:
    """A POST to a mall of this machine under its own name."""
    parts = urlsplit(url)
    headers = {"Host": parts.netloc, "Content-Type": kind}
    reply = httpx.post(
        f"http://127.0.0.1:{parts.port}{parts.path}", content=body, headers=headers, timeout=20, trust_env=False
    )
    return reply.status_code


def mall_of(schema):
    with schema_context("public"):
        return Mall.objects.get(schema_name=schema)


def test_callbacks_of_both_services_reach_a_running_cell_once(web, dada_server, settings, drain):  # noqa: F811
    settings.COURIER_SANDBOX_ORIGIN = dada_server
    other = mall_of("t_test_beauty")
    with in_mall(other):
        theirs = courier.connect_sandbox(shops={}, actor="user:owner", now=NOW)
    with in_mall(mall_of("t_test_grocery")):
        with transaction.atomic():
            sales.publish("orders", now=EARLIER, store_handover=True)
            row = shops.store(now=EARLIER, owner=make_member(name="店主").ulid, rate_ppm=50_000)
            store = sellers.set_handover(ulid=row.ulid, terms=PLACE, actor=make.CLERK, now=EARLIER)
            bought_order = bought(store)
        account = courier.connect_sandbox(shops={store.ulid: "11047059"}, actor="user:owner", now=NOW)
        dada = Dada(dada_server, account.app_key)
        errand = courier.call_service(
            order_ulid=bought_order.ulid, weight_grams=1_000, position=(1, 1), note="", actor="user:clerk", now=NOW
        )
        url = str(errand.task["callback_url"])
        assert url.startswith("http://grocery.localhost:")
        dada.fault("garbage")
        assert (
            courier.ask_service(errand_ulid=errand.ulid, now=NOW) == "unknown"
        )  # written down, outside any transaction
        dada.fault("twice")
        dada.step(errand.number, "accept")  # the service's own callback, sent two times
        until(lambda: CourierNotice.objects.exists())
        drain()
        errand.refresh_from_db()
        assert (errand.state, errand.rider_name, CourierNotice.objects.count()) == ("accepted", "达小骑", 1)

        genuine = dada.callback(errand.number)
        replayed = json.dumps(genuine).encode()
        assert send(url, replayed) == send(url, replayed) == 200 and CourierNotice.objects.count() == 1
        forged = {**genuine, "signature": "0" * 32}
        stale = {**genuine, "update_time": genuine["update_time"] - 900}  # signed for another instant
        for content in (forged, stale, {}, []):
            assert send(url, json.dumps(content).encode()) == 401
        assert send(url, b"\xff{") == 401
        assert send(url[:-1] + ("A" if url[-1] != "A" else "B"), replayed) == 404
        swapped = url.replace("grocery.", "beauty.")
        assert send(swapped, replayed) == 404  # our address under their name
        assert send(swapped.rsplit("/", 1)[0] + f"/{theirs.notify_token}", replayed) == 404  # theirs, our errand
        assert send(url.rsplit("/", 1)[0] + f"/{theirs.notify_token}", replayed) == 404
        assert send(url.replace("/dada/", "/nobody/"), replayed) == 404
        parts = sorted(str(one) for one in (genuine["client_id"], errand.number, 7))
        aged = {
            **genuine,
            "update_time": 7,
            "order_status": 4,
            "signature": hashlib.md5("".join(parts).encode()).hexdigest(),
        }
        assert send(url, json.dumps(aged).encode()) == 200  # anybody can sign like this: it is asked about
        drain()
        errand.refresh_from_db()
        assert (errand.state, errand.booked_amount, Errand.objects.count()) == ("accepted", 0, 1)

        tracker = courier.connect_tracking_sandbox(actor="user:owner", now=NOW)
        kuaidi = Kuaidi(dada_server, trackers.accounts.secret_of(tracker))
        with transaction.atomic():
            order = make.paid(make_member(), (catalog.single(), 1), now=NOW)
            parcel = orders.send_parcel(
                order_ulid=order.ulid, carrier="圆通速递", number="YT7777777777", actor=make.CLERK, now=NOW
            )
        watch = courier.follow_parcel(parcel_ulid=parcel.ulid, actor="system", now=NOW)
        assert watching.ask(watch_ulid=watch.ulid, now=NOW) == "followed"
        kuaidi.control("step", number=watch.number, step="collect")  # pushed by the service itself
        until(lambda: CourierNotice.objects.filter(watch=watch).exists())
        drain()
        assert Parcel.objects.get(pk=parcel.pk).tracking["state"] == "collected"
        push = urlencode(kuaidi.push(watch.number)).encode()
        address = watching._callback_url(tracker)
        form = "application/x-www-form-urlencoded"
        assert send(address, push, form) == 200 and CourierNotice.objects.filter(watch=watch).count() == 1
        assert send(address, push.replace(b"sign=", b"sign=0"), form) == 401
        assert send(address.replace("grocery.", "beauty."), push, form) == 404
        assert ParcelWatch.objects.get().state == "followed"
    with in_mall(other):
        assert not CourierNotice.objects.exists() and CourierAccount.objects.count() == 1
    connection.set_schema_to_public()
