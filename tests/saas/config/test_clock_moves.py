"""A rehearsal's own clock: what falls due on the way is done in order, the other mall's clock and the world's stand still."""

import datetime as dt
import os
from collections.abc import Callable

import pytest
from django.db import IntegrityError, connection, connections, transaction
from django_tenants.utils import schema_context

from saas.config import jobs
from saas.config.delivery import run_delivery
from saas.identity import services as identity
from saas.identity.models import SignInCode
from saas.kernel import clock
from saas.messaging.bus.models import OutboxEvent
from saas.messaging.notices import services as notices
from saas.tenants.backend.base import MallClockMoved
from saas.tenants.jobs import selectors, services
from saas.tenants.jobs.rules import JobKind, JobState
from saas.tenants.malls import selectors as malls
from saas.tenants.malls import services as mall_services
from saas.tenants.malls.activation import in_mall
from saas.tenants.malls.models import Mall
from tenant_apps.orders.models import OrderHistory
from tests.factories import orders
from tests.factories.catalog import single
from tests.factories.people import make_member, next_phone

SECOND = dt.timedelta(seconds=1)


def moved(mall: Mall, *, days: float) -> dt.datetime:
    """Let a job move the mall's clock; where it stands then."""
    start = clock.now()
    job = services.start_job(
        mall=mall.ulid,
        kind=JobKind.CLOCK,
        asked={"from": start.isoformat(), "to": (start + dt.timedelta(days=days)).isoformat()},
        actor="user:owner",
        now=clock.real_now(),
    )
    with schema_context("public"):
        while jobs.take(job.ulid):
            pass
    done = selectors.job(job.ulid)
    assert (done.state, done.progress.get("failed", 0), done.progress["percent"]) == (JobState.DONE, 0, 100), done.error
    connection.set_tenant(malls.mall_by_ulid(mall.ulid))
    return clock.now()


def other() -> Mall:
    with schema_context("public"):
        return Mall.objects.get(schema_name="t_test_beauty")


def test_thirty_days_happen_in_their_order_and_nobody_else_notices(rehearsing):
    buyer, sku = make_member(), single(stock=9)
    unpaid, sent = orders.placed(buyer, (sku, 1)), orders.shipped(buyer, (sku, 1))
    before = clock.now()
    assert clock.ahead() == dt.timedelta(0)

    after = moved(rehearsing, days=30)

    assert dt.timedelta(days=30) <= after - before < dt.timedelta(days=30, minutes=2)
    unpaid.refresh_from_db()
    sent.refresh_from_db()
    assert (unpaid.state, sent.state) == ("cancelled", "completed")
    cancelled = OrderHistory.objects.filter(order=unpaid).latest("pk")
    assert unpaid.payment_due_at <= cancelled.at < unpaid.payment_due_at + dt.timedelta(minutes=1)
    times = dict(OrderHistory.objects.filter(order=sent).values_list("state", "at"))
    due = sent.shipped_at + dt.timedelta(days=sent.auto_receive_days)
    assert due <= times["received"] < due + dt.timedelta(minutes=1)
    assert times["received"] < times["completed"] < after
    with in_mall(other()):
        assert abs(clock.now() - clock.real_now()) < SECOND
    assert other().clock_offset_seconds == 0

    # What is scheduled in the moved mall lies in its calendar; the outbox itself goes by the world's.
    late = orders.placed(buyer, (sku, 1))
    event = OutboxEvent.objects.get(topic="order.payment_due", key=late.ulid)
    assert abs(event.available_at - (late.payment_due_at - clock.ahead())) < SECOND
    with transaction.atomic():
        notices.send_notice(kind="sign_in_code", to_phone=next_phone(), context={"code": "1", "minutes": 5}, key="k")
    notice = OutboxEvent.objects.get(topic="notice.queued", done_at=None)
    assert abs(notice.available_at - clock.real_now()) < 5 * SECOND
    drain_now(notice)
    again = OutboxEvent.objects.filter(topic="notice.queued", done_at=None).first()
    assert again is None or again.available_at - clock.real_now() < dt.timedelta(hours=1)

    # People, codes and limits live in the world.
    ulid = identity.send_code(purpose="sign_in", target=next_phone(), ip="10.0.0.1", now=clock.real_now())
    assert SignInCode.objects.get(ulid=ulid).expires_at - clock.real_now() < dt.timedelta(minutes=11)
    # A process that read the clock before it was moved writes nothing.
    stale = malls.mall_by_ulid(rehearsing.ulid)
    stale.clock_offset_seconds -= 60
    connection.set_tenant(stale)
    with pytest.raises(MallClockMoved), transaction.atomic():
        orders.placed(buyer, (sku, 1))
    connection.set_tenant(rehearsing)


def drain_now(event: OutboxEvent) -> None:
    assert run_delivery(event_id=event.event_id, mall=event.mall, fact=False)


def test_a_live_mall_keeps_the_worlds_time_and_no_clock_goes_back(rehearsing):
    ahead = clock.now() + dt.timedelta(days=2)
    with pytest.raises(mall_services.ClockIsReal, match="Peony Beauty"):
        mall_services.move_clock(other().ulid, to=ahead)
    assert other().clock_offset_seconds == 0
    assert mall_services.move_clock(rehearsing.ulid, to=ahead).clock_offset_seconds == 2 * 86400
    back = mall_services.move_clock(rehearsing.ulid, to=ahead - dt.timedelta(days=1))
    assert back.clock_offset_seconds == 2 * 86400
    with schema_context("public"), pytest.raises(IntegrityError), transaction.atomic():
        Mall.objects.filter(ulid=other().ulid).update(clock_offset_seconds=1)
    start = {"mall": rehearsing.ulid, "kind": JobKind.CLOCK, "asked": {}, "actor": "user:o", "now": clock.real_now()}
    services.start_job(**start)
    with pytest.raises(services.JobUnderWay):
        services.start_job(**start)


@pytest.mark.parametrize("place", ["clock.moved", "clock.worked"])
def test_a_worker_killed_on_the_way_is_followed_by_one_that_goes_on(committed, place):
    with schema_context("public"):
        Mall.objects.filter(schema_name="t_test_grocery").update(state="rehearsal", live_at=None)
        mall = Mall.objects.get(schema_name="t_test_grocery")
    connection.set_tenant(mall)
    with transaction.atomic():
        order = orders.placed(make_member(), (single(), 1))
    start = clock.now()
    asked = {"from": start.isoformat(), "to": (start + dt.timedelta(days=3)).isoformat()}
    job = services.start_job(mall=mall.ulid, kind=JobKind.CLOCK, asked=asked, actor="user:o", now=clock.real_now())
    assert dying(place, lambda: jobs.take(job.ulid)) == 137
    half = malls.mall_by_ulid(mall.ulid).clock_offset_seconds
    assert 0 < half < 3 * 86400 and selectors.job(job.ulid).state == JobState.RUNNING
    connection.set_schema_to_public()
    assert jobs.take(job.ulid) is False
    assert selectors.job(job.ulid).state == JobState.DONE
    connection.set_tenant(malls.mall_by_ulid(mall.ulid))
    assert dt.timedelta(days=3) <= clock.now() - start < dt.timedelta(days=3, minutes=2)
    assert [one.state for one in OrderHistory.objects.filter(order=order).order_by("pk")] == [
        "pending_payment",
        "cancelled",
    ]


def dying(place: str, act: Callable[[], object]) -> int:
    """Run `act` in a forked process that dies at a place as by kill -9; its exit status."""
    for one in connections.all():
        one.close()
        one.close_pool()
    child = os.fork()
    if child == 0:
        os.environ["CRASH_AT"] = place
        try:
            connection.set_schema_to_public()
            act()
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
