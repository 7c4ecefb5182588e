"""What a purchase costs the mall's database: every statement of web and worker from the first cart request to `paid`."""

import re
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from django.conf import settings as django_settings
from django.db import transaction
from django.db.backends.utils import CursorWrapper

from saas.config.delivery import run_delivery
from saas.messaging.bus.models import OutboxEvent
from tenant_apps.members import services as members
from tenant_apps.orders.models import Order
from tenant_apps.payments.models import Notice
from tests.factories import catalog
from tests.factories.browser import MallClient
from tests.factories.people import NOW, make_member
from tests.statements import FRAME
from tests.tenant_apps.members.test_addresses import GOOD
from tests.tenant_apps.payments.conftest import sandbox, sandbox_server, shop, wait_for, web  # noqa: F401
from tests.tenant_apps.storefront.test_buying_pages import checkout_form

MOST = 45
ON_THE_WAY = ("payment.notice_received", "payment.confirmed")


class Meter:
    """Statements of every connection of this process, by step; those of other threads belong to the notice."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, str]] = []
        self._step, self._thread = "", threading.get_ident()

    def note(self, sql: str) -> None:
        step = self._step if threading.get_ident() == self._thread else "notice"
        if step and not sql.upper().lstrip().startswith(FRAME):
            self.seen.append((step, sql))

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        self._step = name
        yield
        self._step = ""

    def table(self) -> str:
        lines = [f"  {count:3}  {name}" for name, count in Counter(step for step, _ in self.seen).items()]
        return "\n".join([*lines, f"  {len(self.seen):3}  in all"])


@pytest.fixture
def meter(monkeypatch) -> Meter:
    found, execute = Meter(), CursorWrapper._execute

    def noted(self, sql, params, *ignored):
        found.note(str(sql))
        return execute(self, sql, params, *ignored)

    monkeypatch.setattr(CursorWrapper, "_execute", noted)
    return found


def buy(browser, meter, sku, address, origin, wait_for) -> Order:  # noqa: F811
    known = Notice.objects.count()
    with meter.step("add to cart"):
        assert browser.post("/cart/add", {"sku": sku.ulid, "quantity": "1"}).status_code == 302
    with meter.step("cart"):
        assert browser.get("/cart").status_code == 200
    with meter.step("checkout"):
        page = browser.get(f"/checkout?sku={sku.ulid}")
    with meter.step("place"):
        path = browser.post("/checkout", checkout_form(page, address))["Location"]
    with meter.step("pay page"):
        assert browser.get(path).status_code == 200
    with meter.step("start"):
        begun = browser.post(f"{path}/start", {"method": "native"}).content.decode()
    token = re.search(r"/qr/([\w-]+)", begun)[1]
    assert "支付成功" in httpx.post(f"{origin}/cashier/{token}", data={"do": "pay"}, trust_env=False).text
    wait_for(lambda: Notice.objects.count() > known)
    for topic in ON_THE_WAY:
        event = OutboxEvent.objects.get(topic=topic, done_at=None)
        with meter.step(topic):
            assert run_delivery(event_id=event.event_id, mall=event.mall, fact=False)
    order = Order.objects.get(ulid=path.rsplit("/", 1)[1])
    assert order.state == "paid"
    return order


def test_a_purchase_from_cart_to_paid_takes_at_most_45_statements(shop, sandbox, meter, wait_for):  # noqa: F811
    with transaction.atomic():
        member = make_member(name="李小满")
        address = members.add_address(member=member, given=GOOD, now=NOW)
        sku = catalog.single(price=1000, stock=100)
        browser = MallClient()
        browser.force_login(member.user, backend=django_settings.AUTHENTICATION_BACKENDS[0])
    buy(browser, meter, sku, address, sandbox.origin, wait_for)  # caches, and the ledger's hot accounts
    meter.seen.clear()
    buy(browser, meter, sku, address, sandbox.origin, wait_for)
    print("\n" + meter.table())
    assert len(meter.seen) <= MOST, "\n".join(f"{step}: {sql[:150]}" for step, sql in meter.seen)
