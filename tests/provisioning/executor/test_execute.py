"""The executor makes a whole mall or, rolled back, leaves none: whatever kills it on the way."""

import httpx
import pytest
from django.conf import settings
from django.db import connection

from provisioning.executor import engine, selectors, services
from provisioning.executor import schema as template
from provisioning.executor.models import ExecutedStep, Execution
from provisioning.rules import RunKind, steps_of
from saas.identity.models import User
from saas.identity.roles import Role, has_role
from saas.kernel.clock import now
from saas.messaging.bus.models import OutboxEvent
from saas.tenants.malls import selectors as malls
from saas.tenants.malls.activation import in_mall
from saas.tenants.malls.models import Domain, Entitlement, Mall
from tenant_apps.design import selectors as design
from tenant_apps.modes import selectors as modes
from tests.provisioning.executor.conftest import in_a_process_that_dies_at, make_order, unmake

_INNER = {"schema": ("registered", "replayed"), "starter_data": ("filled",)}
# In the order in which a run comes by them.
POINTS = [
    f"provision.{step}.{when}"
    for step in steps_of(RunKind.PROVISION)
    for when in ("begun", *_INNER.get(step.value, ()), "done", "recorded")
]
HALFWAY = [point for point in POINTS if not point.endswith((".begun", ".recorded"))]
UNMAKING = [f"provision.{step}.{when}" for step in steps_of(RunKind.ROLLBACK) for when in ("begun", "done")]


@pytest.fixture
def cell(committed, web):
    """A cell with real commits: the executor works in transactions of its own."""
    connection.set_schema_to_public()


def make(order):
    services.accept_order(order=order, now=now())
    engine.execute(order["run"])


def assert_whole(order):
    mall = malls.mall_by_ulid(order["mall"])
    assert mall.state == "rehearsal"
    assert template.tables_of(order["schema"]) == template.template_tables()
    assert mall.schema_version == template.migrations_hash()
    assert Domain.objects.get(tenant=mall).domain == order["host"]
    assert Entitlement.objects.filter(mall=mall).count() == 2
    assert list((settings.MEDIA_ROOT / "t" / order["mall"]).iterdir()) == []  # the probe is gone again
    with in_mall(mall):
        assert list(User.objects.values_list("phone", "is_staff")) == [("+8613800138000", True)]
        assert has_role(User.objects.get(), Role.OWNER)
        assert design.branding().name == "Little Orchard"
        assert modes.history(mode="settlement").count() == 1
    connection.set_schema_to_public()
    execution = Execution.objects.get(run=order["run"])
    assert execution.state == "succeeded"
    assert set(ExecutedStep.objects.filter(execution=execution).values_list("state", flat=True)) == {"success"}


def assert_absent(order):
    assert template.tables_of(order["schema"]) == frozenset()
    mall = Mall.objects.filter(ulid=order["mall"]).first()
    assert mall is None or mall.state == "gone"
    assert not Domain.objects.filter(domain=order["host"]).exists()
    assert not Entitlement.objects.filter(mall__ulid=order["mall"]).exists()
    assert not (settings.MEDIA_ROOT / "t" / order["mall"]).exists()


def facts(order):
    told = OutboxEvent.objects.filter(topic="provision.step_finished", destination="control").order_by("pk")
    return [
        (event.payload["sequence"], event.payload["step"], event.payload["outcome"])
        for event in told
        if event.payload["run"] == order["run"]
    ]


def test_makes_a_whole_mall_and_tells_control_of_each_step(cell, web):
    order = make_order()
    make(order)
    assert_whole(order)
    expected = [(step.value, outcome) for step in steps_of(RunKind.PROVISION) for outcome in ("started", "succeeded")]
    assert facts(order) == [(n, *one) for n, one in enumerate(expected, start=1)]
    answer = httpx.get(f"{web}/", headers={"Host": order["host"]}, trust_env=False)
    assert answer.status_code == 200


def test_a_repeated_order_changes_nothing(cell):
    order = make_order()
    make(order)
    before = facts(order)
    make(order)
    assert facts(order) == before
    assert Execution.objects.count() == 1


def test_killed_at_any_point_it_ends_whole(cell):
    """One run is killed at each: it comes to the next only if the last death has left what can be gone on with."""
    template.template_text(template.owner_url())
    order = make_order()
    for point in POINTS:
        assert in_a_process_that_dies_at(point, lambda: make(order)) == 137, point
        assert point == POINTS[-1] or selectors.due_runs(now=now()) == [order["run"]]  # what the sweeper goes on with
    for run in selectors.due_runs(now=now()):
        engine.execute(run)
    assert_whole(order)


def test_killed_halfway_through_a_step_a_rollback_ends_absent(cell):
    for point in HALFWAY:
        order = make_order()
        assert in_a_process_that_dies_at(point, lambda: make(order)) == 137, point  # noqa: B023
        make(unmake(order))
        assert_absent(order)
        assert Execution.objects.get(run=order["run"]).state in ("cancelled", "succeeded")


def test_killed_at_any_point_of_the_rollback_it_ends_absent(cell):
    order = make_order()
    make(order)
    back = unmake(order)
    for point in UNMAKING:
        assert in_a_process_that_dies_at(point, lambda: make(back)) == 137, point
        assert back["run"] in selectors.due_runs(now=now()), point
    for run in selectors.due_runs(now=now()):
        engine.execute(run)
    assert_absent(order)
    assert Execution.objects.get(run=back["run"]).state == "succeeded"


def test_an_order_that_was_overtaken_by_a_rollback_makes_nothing(cell):
    order = make_order()
    make(unmake(order))
    assert services.accept_order(order=order, now=now()) is None
    assert_absent(order)


def test_a_failing_step_waits_then_fails_and_a_retry_goes_on_from_it(cell):
    order = make_order(host="grocery.localhost")  # another mall's
    services.accept_order(order=order, now=now())
    waits = []
    while (wait := engine.execute(order["run"])) is not None:
        waits.append(wait)
        assert engine.execute(order["run"]) is None  # not before its time
        Execution.objects.filter(run=order["run"]).update(due_at=now())
    assert waits == [1, 4, 15, 60]
    execution = Execution.objects.get(run=order["run"])
    step = ExecutedStep.objects.get(execution=execution, name="domain")
    assert (execution.state, step.state, step.attempts) == ("failed", "failure", 5)
    assert "already in use" in step.log
    assert facts(order)[-1][1:] == ("domain", "failed")
    assert Domain.objects.get(domain="grocery.localhost").tenant.name == "Green Basket"

    again = {**order, "serial": 2, "host": "mended.localhost"}
    make(again)
    assert_whole(again)
    assert [one[1:] for one in facts(order)[-7:]] == [
        ("schema", "succeeded"),
        ("starter_data", "succeeded"),
        ("media_storage", "succeeded"),
        ("domain", "started"),
        ("domain", "succeeded"),
        ("smoke_test", "started"),
        ("smoke_test", "succeeded"),
    ]


def test_a_cancelled_run_stops_before_its_next_step(cell):
    order = make_order()
    services.accept_order(order=order, now=now())
    step = services.begin_step(execution=Execution.objects.get(run=order["run"]), now=now())
    services.cancel_order(run=order["run"], serial=1)
    services.record_success(step=step, log="done", now=now())
    assert engine.execute(order["run"]) is None
    states = ExecutedStep.objects.order_by("position").values_list("state", flat=True)
    assert list(states) == ["success", *["pending"] * 4]


def test_a_live_mall_refuses_its_rollback(cell):
    mall = Mall.objects.get(schema_name="t_test_grocery")
    order = make_order(RunKind.ROLLBACK, mall=mall.ulid, schema=mall.schema_name, host="grocery.localhost")
    services.accept_order(order=order, now=now())
    assert engine.execute(order["run"]) == 1
    assert template.tables_of("t_test_grocery") == template.template_tables()
    mall.refresh_from_db()
    assert mall.state == "active"


def test_a_storefront_that_does_not_answer_fails_the_smoke_test(cell, settings):
    settings.CELL_INTERNAL_ORIGIN = "http://127.0.0.1:9"
    order = make_order()
    services.accept_order(order=order, now=now())
    assert engine.execute(order["run"]) == 1
    assert malls.mall_by_ulid(order["mall"]).state == "creating"
