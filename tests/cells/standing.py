"""Two cells with a mall each, made by the real pipeline: neither answers for the other, and control is not needed to sell.

SCALE 5, points 3 and 7.
"""

from dataclasses import dataclass

import httpx
import pytest

from tests import environment
from tests.cells.conftest import Platform, wait_until

OPEN_MALL = """
from saas.runtime import inside_control
from saas.tenants.vendors.models import Cell
from saas.tenants.vendors import services as vendors
vendors.ensure_cell(cell_id="{cell}", internal_origin="{origin}")
Cell.objects.update(accepts_new=False)
Cell.objects.filter(cell_id="{cell}").update(accepts_new=True)
answer(inside_control.open_mall(key="{cell}", name="Mall {cell}", subdomain="mall-{cell}", owner="{cell}@example.com"))
"""

IN_MALL = """
from django.db import connection
from saas.kernel.clock import now
from saas.tenants.malls import selectors as registry
from saas.tenants.malls.activation import in_mall
mall = registry.mall_by_ulid("{mall}")
with in_mall(mall):
{body}
"""

ORDER = """
    from django.db import transaction
    from tests.factories import catalog, orders, people
    from tenant_apps.payments import services as paying
    from tenant_apps.payments.rules import Method
    with transaction.atomic():
        order = orders.placed(people.make_member(name="Buyer"), (catalog.single(), 2))
    begun = paying.start_payment(
        document=f"order:{order.ulid}", amount=order.total_amount, description="Order", method=Method.NATIVE,
        payer_openid="", member_ulid=order.member.ulid, client_ip="127.0.0.1", expires_at=order.payment_due_at, now=now(),
    )
    answer({"order": order.ulid, "code": begun.code_url})
"""

COMPLETE = """
    import datetime as dt
    from tenant_apps.orders import services
    from tenant_apps.orders.models import Order
    order = Order.objects.get(ulid="{order}")
    connection.tenant.live_at = now()  # as if open: what is sold in a rehearsal is not told to control
    services.ship_order(order_ulid=order.ulid, carrier="SF", number="SF12345678", actor="user:clerk", now=now())
    services.receive_order(order_ulid=order.ulid, actor="system", now=now())
    services.complete_order(order_ulid=order.ulid, actor="system", now=now() + dt.timedelta(days=30))
"""


@dataclass
class Malls:
    """The mall of each cell: ULID and host."""

    platform: Platform
    by_cell: dict[str, dict[str, str]]

    def inside(self, cell: str, body: str) -> object:
        """Run code in a cell's process, its mall active."""
        return self.platform.call(IN_MALL.format(mall=self.by_cell[cell]["mall"], body=body), "cell", cell)

    def state_of(self, order: str) -> str:
        """The state of an order in the first cell's mall, read from its table."""
        with self.platform.connect("c1", "mallwright_owner") as connection:
            query = "SELECT schema_name FROM malls_mall WHERE ulid = %s"
            (schema,) = connection.execute(query, [self.by_cell["c1"]["mall"]]).fetchone()
            return connection.execute(f'SELECT state FROM "{schema}".orders_order WHERE ulid = %s', [order]).fetchone()[
                0
            ]


@pytest.fixture(scope="module")
def malls(servers: Platform):
    """Both cells up, with a mall each."""
    servers.worker("control")
    for cell in ("c1", "c2"):
        servers.web(cell)
        servers.worker("cell", cell)
        servers.spawn(["-m", "saas.messaging.relay"], "relay", cell)
    made = {}
    for cell in ("c1", "c2"):
        wait_until(lambda cell=cell: servers.answers(cell), seconds=300, what=f"web of {cell}")
        run = servers.call(OPEN_MALL.format(cell=cell, origin=f"http://127.0.0.1:{servers.ports[cell]}"), "control")
        assert run["state"] == "succeeded", run
        made[cell] = {"mall": run["mall"], "host": run["host"]}
    yield Malls(servers, made)
    for process in list(servers.processes):
        servers.end(process, kill=True)


def test_each_cell_answers_for_its_own_mall_only(malls):
    hosts = {cell: mall["host"] for cell, mall in malls.by_cell.items()}
    assert malls.platform.get("c1", hosts["c1"]) == 200
    assert malls.platform.get("c2", hosts["c2"]) == 200
    assert malls.platform.get("c1", hosts["c2"]) in (404, 421)
    assert malls.platform.get("c2", hosts["c1"]) in (404, 421)


def test_work_for_a_mall_of_another_cell_raises(malls):
    code = """
from saas.config.delivery import run_delivery
from saas.kernel.errors import NotFound
try:
    run_delivery(event_id="01JNOSVCHEVENT000000000000", mall="{mall}", fact=False)
except NotFound as error:
    answer(str(error))
"""
    said = malls.platform.call(code.format(mall=malls.by_cell["c2"]["mall"]), "cell", "c1")
    assert said == f"no mall {malls.by_cell['c2']['mall']} in this cell"


RULE = """
import datetime as dt
from saas.kernel.clock import now
from saas.tenants.vendors import ruling
ruling.approve_subject(
    mall="{mall}", subject="third_level", until=now() + dt.timedelta(days=30), reason="opinion read",
    opinion="file 7", off_wechat=True, actor="user:operator", now=now(),
)
"""
PUBLISH = """
    from tenant_apps.modes import selectors, services
    try:
        services.publish_settings(
            actor="user:owner", mode="distribution", values={"rate_ppm": [50_000, 20_000, 10_000]}, reason="test",
            approved_by="user:second",
            now=now(), accept_cautions=True,
        )
    except services.SettingsRefused as refused:
        answer([one.code for one in refused.data["problems"]])
    else:
        answer(sorted(selectors.current_version_ids(now=now())))
"""


def test_an_approval_crosses_to_the_cell_of_its_mall_and_to_no_other(malls):
    assert "approval_missing" in malls.inside("c1", PUBLISH)
    malls.platform.call(RULE.format(mall=malls.by_cell["c1"]["mall"]), "control")
    ruled = """
    from tenant_apps.modes.models import ModeRuling
    answer(list(ModeRuling.objects.values_list("kind", "subject", "is_on", "version")))
"""
    arrived = wait_until(lambda: malls.inside("c1", ruled), seconds=60, what="the ruling in the cell")
    assert arrived == [["approval", "third_level", True, 1]]
    assert malls.inside("c1", PUBLISH) == ["distribution", "settlement"]
    assert malls.inside("c2", ruled) == []
    assert "approval_missing" in malls.inside("c2", PUBLISH)


def test_no_key_leaves_a_mall_and_every_mall_table_has_a_primary_key(malls):
    for cell, mall in malls.by_cell.items():
        with malls.platform.connect(cell, "mallwright_owner") as connection:
            (schema,) = connection.execute(
                "SELECT schema_name FROM malls_mall WHERE ulid = %s", [mall["mall"]]
            ).fetchone()
            outward = connection.execute(
                "SELECT c.conname FROM pg_constraint c JOIN pg_class f ON f.oid = c.confrelid WHERE c.contype = 'f'"
                " AND c.connamespace = %s::regnamespace AND f.relnamespace <> c.connamespace",
                [schema],
            ).fetchall()
            keyless = connection.execute(
                "SELECT relname FROM pg_class r WHERE relkind = 'r' AND relnamespace = %s::regnamespace AND NOT EXISTS"
                " (SELECT 1 FROM pg_constraint WHERE conrelid = r.oid AND contype = 'p')",
                [schema],
            ).fetchall()
        assert (outward, keyless) == ([], [])


def test_with_control_stopped_an_order_is_paid_and_its_fact_arrives_after(malls):
    platform = malls.platform
    place = environment.HOME / "cells-sandbox"
    command = ["-m", "tenant_apps.payments.sandbox", "--port", str(platform.ports["sandbox"]), "--home", str(place)]
    platform.spawn(command, "cell")
    control_worker = next(process for process in platform.processes if "control-c1@%h" in process.args)
    platform.end(control_worker, kill=True)
    database = platform.database("control")
    with platform.first.connect() as launcher:
        launcher.execute(f"ALTER DATABASE {database} ALLOW_CONNECTIONS false")
        launcher.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [database])
    try:
        wait_until(lambda: _answers(platform.ports["sandbox"]), seconds=60, what="the sandbox")
        placed = malls.inside("c1", ORDER)
        pressed = httpx.post(placed["code"].replace("/qr/", "/cashier/"), data={"do": "pay", "back": ""})
        assert pressed.status_code < 400
        wait_until(lambda: malls.state_of(placed["order"]) == "paid", seconds=60, what="the payment's notice")
        malls.inside("c1", COMPLETE.format(order=placed["order"]))
        assert malls.state_of(placed["order"]) == "completed"
        with platform.connect("c1") as connection:
            query = "SELECT count(*) FROM bus_outboxevent WHERE topic = 'sale.completed' AND done_at IS NULL"
            assert connection.execute(query).fetchone() == (1,)
    finally:
        with platform.first.connect() as launcher:
            launcher.execute(f"ALTER DATABASE {database} ALLOW_CONNECTIONS true")
    platform.worker("control")

    def sold() -> tuple | None:
        with platform.connect("control") as connection:
            query = "SELECT orders, sales_amount FROM vendors_mallday WHERE mall = %s"
            return connection.execute(query, [malls.by_cell["c1"]["mall"]]).fetchone()

    wait_until(sold, seconds=90, what="the fact of the sale")
    assert sold()[0] == 1


def _answers(port: int) -> bool:
    try:
        httpx.get(f"http://127.0.0.1:{port}/", timeout=2)
    except httpx.HTTPError:
        return False
    return True
