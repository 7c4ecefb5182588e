"""The courier sandbox as a process of its own, and an order that a store brings."""

import datetime as dt
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from saas.kernel import clock
from saas.kernel.ids import new_ulid
from tenant_apps.courier import services as courier
from tenant_apps.orders import services as orders
from tenant_apps.orders.delivery import DeliveryWish
from tenant_apps.orders.rules import DeliveryKind, WantedLine
from tenant_apps.sellers import services as sellers
from tenant_apps.sellers.services import Handover
from tests.factories import orders as make
from tests.factories import sales
from tests.factories import sellers as shops
from tests.factories.people import make_member

_client = httpx.Client(timeout=20, trust_env=False)
PROJECT = Path(__file__).resolve().parents[3]
NOW = clock.now()
EARLIER = NOW - dt.timedelta(days=30)
PLACE = Handover(
    place_text="体育东路 8 号",
    place_phone="02088888888",
    latitude_e6=23_129_000,
    longitude_e6=113_264_000,
    offers_delivery=True,
    delivery_fee_amount=450,
)


@dataclass
class Dada:
    """The control side of the sandbox, over HTTP."""

    origin: str
    app_key: str = ""

    def control(self, path: str, **content: Any) -> Any:
        reply = _client.post(f"{self.origin}/_sandbox/{path}", json={"app_key": self.app_key, **content})
        assert reply.status_code == 200, reply.text
        return reply.json()

    def fault(self, name: str, count: int = 1) -> None:
        self.control("faults", name=name, count=count)

    def step(self, number: str, step: str) -> None:
        self.control("step", number=number, step=step)

    def callback(self, number: str, **facts: Any) -> dict[str, Any]:
        return self.control("callback", number=number, facts=facts)

    def orders(self) -> list[dict[str, Any]]:
        return self.control("orders")


@pytest.fixture(autouse=True)
def _present(request, monkeypatch):
    """The sandbox has the world's clock: NOW is the beginning of each test, not of the whole run."""
    at = clock.real_now()  # no mall of this test is active yet, and an earlier test's may live in the future
    for module in (sys.modules[__name__], request.module):
        monkeypatch.setattr(module, "NOW", at)


@pytest.fixture(scope="session")
def dada_server() -> Iterator[str]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tenant_apps.courier.sandbox", "--port", "0"],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        text=True,
        env={"PATH": "/usr/bin:/bin"},
    )
    line = process.stdout.readline()
    assert "http://" in line, line
    yield line.split()[-1]
    process.terminate()
    assert process.wait(10) is not None


@pytest.fixture
def store(grocery: object) -> Any:
    """A store of 5 % commission that brings goods for 4.50."""
    sales.publish("orders", now=EARLIER, store_handover=True)
    row = shops.store(now=EARLIER, owner=make_member(name="店主").ulid, rate_ppm=50_000)
    return sellers.set_handover(ulid=row.ulid, terms=PLACE, actor=make.CLERK, now=EARLIER)


@pytest.fixture
def dada(store: Any, dada_server: str, settings: Any) -> Dada:
    """The mall has an account at the sandbox in which the store has the number 11047059."""
    settings.COURIER_SANDBOX_ORIGIN = dada_server
    settings.MALL_PORT = "1"  # callbacks of its own find nobody: tests carry them
    row = courier.connect_sandbox(shops={store.ulid: "11047059"}, actor="user:owner", now=NOW)
    return Dada(dada_server, row.app_key)


def bought(store: Any, *, own: bool = True, position: bool = True) -> Any:
    """A paid order of 100.00 that the store brings: of its goods, or of the mall's."""
    sku = shops.goods(store if own else None, now=EARLIER, supply=None if own else 4_000)
    member = make_member(name="李明")
    wish = DeliveryWish(
        store.ulid if own else "",
        DeliveryKind.STORE_DELIVERY,
        store.ulid,
        23_130_000 if position else None,
        113_265_000 if position else None,
    )
    (order,) = orders.place_purchase(
        member=member,
        lines=[WantedLine(sku.ulid, 1)],
        address=make.HOME,
        expected_total=10_450,
        idempotency_key=new_ulid(),
        now=NOW,
        deliveries=[wish],
    ).orders
    assert orders.mark_paid(order_ulid=order.ulid, payment=make.fund(order, now=NOW), amount=10_450, now=NOW)
    order.refresh_from_db()
    return order
