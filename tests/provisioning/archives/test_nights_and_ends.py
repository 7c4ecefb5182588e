"""Every mall is saved once a night and kept by a rule; a drill proves the newest backup; a deleted mall leaves nothing."""

import datetime as dt
import threading

import psycopg
from django.conf import settings as django_settings
from django.db import connection, transaction

from provisioning.archives import drills, handlers, selectors, services, tasks
from provisioning.archives.models import Backup, Drill
from provisioning.executor import schema as template
from provisioning.executor.models import Execution
from provisioning.rules import RunKind
from saas.config import facts
from saas.kernel.clock import now
from saas.kernel.ids import new_ulid
from saas.messaging.bus.models import OutboxEvent
from saas.messaging.bus.services import Event
from saas.tenants.malls import selectors as malls
from saas.tenants.malls import services as mall_services
from saas.tenants.malls.models import Domain, Entitlement, Mall
from saas.tenants.malls.rules import MallState
from tests.provisioning.archives.conftest import logs, take
from tests.provisioning.archives.test_export import order_of
from tests.provisioning.archives.test_restore import orders_of, spoil
from tests.provisioning.executor.conftest import in_a_process_that_dies_at

NIGHT = dt.datetime(2026, 11, 22, 19, 30, tzinfo=dt.UTC)  # half past three in China, on the 23rd


def event(topic, mall, **payload):
    return Event(new_ulid(), topic, mall, 0, {"mall": mall, **payload}, now())


def test_saved_at_night_proved_by_a_drill_and_deleted_for_good(shop):
    _once_a_night(shop)
    _asked_for(shop)
    _drilled(shop)
    _drilled_by_one_of_two(shop)
    _what_is_open(shop)
    _deleted(shop)


def _once_a_night(shop):
    assert tasks.nightly_due(now=NIGHT - dt.timedelta(hours=1)) == []
    malls_here = set(Mall.objects.values_list("ulid", flat=True))
    assert set(tasks.nightly_due(now=NIGHT)) == malls_here
    assert tasks.work(now=NIGHT) == {"taken": len(malls_here), "failed": 0, "drilled": 0}
    assert tasks.nightly_due(now=NIGHT + dt.timedelta(hours=3)) == []
    first = Backup.objects.get(mall=shop.mall.ulid)
    assert (first.state, first.reason, first.actor) == ("ready", "nightly", "system")
    Backup.objects.filter(pk=first.pk).update(started_at=NIGHT - dt.timedelta(days=400))
    services.take_backup(mall=shop.mall.ulid, reason="second", actor="system", now=NIGHT)
    django_settings_weeks = (
        django_settings.BACKUP_DAILY,
        django_settings.BACKUP_WEEKLY,
        django_settings.BACKUP_MONTHLY,
    )
    assert django_settings_weeks == (7, 4, 6)
    assert services.apply_retention(mall=shop.mall.ulid, now=NIGHT) == 0  # the only one of its month stays
    django_settings.BACKUP_MONTHLY, django_settings.BACKUP_WEEKLY, django_settings.BACKUP_DAILY = 1, 1, 1
    try:
        assert services.apply_retention(mall=shop.mall.ulid, now=NIGHT) == 1
    finally:
        django_settings.BACKUP_DAILY, django_settings.BACKUP_WEEKLY, django_settings.BACKUP_MONTHLY = (
            django_settings_weeks
        )
    first.refresh_from_db()
    assert first.state == "deleted"
    assert not (django_settings.MEDIA_ROOT / first.name).exists()


def _asked_for(shop):
    asked = event("backup.requested", shop.mall.ulid, ulid=new_ulid(), reason="before the sale", actor="user:op")
    for _ in range(2):
        handlers.on_backup_requested(asked)
    assert Backup.objects.get(ulid=asked.payload["ulid"]).state == "asked"
    handlers.on_backup_requested(event("backup.requested", new_ulid(), ulid=new_ulid(), reason="x", actor="user:op"))
    assert tasks.work(now=NIGHT)["taken"] == 1
    row = Backup.objects.get(ulid=asked.payload["ulid"])
    assert (row.state, row.reason, row.actor) == ("ready", "before the sale", "user:op")
    told = OutboxEvent.objects.get(topic="backup.reported", payload__backup=row.ulid)
    assert (told.destination, told.payload["sha256"], told.payload["rows"]) == ("control", row.sha256, row.rows)
    assert Backup.objects.get(reason="x").state == "failed"  # of a mall that is not here


def _drilled(shop):
    before = orders_of(shop.mall)
    connection.set_schema_to_public()
    handlers.on_drill_requested(event("drill.requested", shop.mall.ulid, ulid=new_ulid(), actor="user:op"))
    drill = Drill.objects.get()
    assert in_a_process_that_dies_at("drill.restored", lambda: drills.run_drill(drill)) == 137
    connection.set_schema_to_public()
    assert tasks.work(now=NIGHT)["drilled"] == 1
    drill.refresh_from_db()
    assert (drill.passed, drill.report["orders"], drill.report["behind"]) == (True, 4, False), drill.report
    assert drill.backup == selectors.newest_backup(shop.mall.ulid).ulid
    schema = f"t_drill_{shop.mall.ulid.lower()}"
    assert template.tables_of(schema) == frozenset()
    assert OutboxEvent.objects.get(topic="drill.reported").payload["passed"] is True
    spoil(selectors.newest_backup(shop.mall.ulid), lambda content: content.__setitem__(len(content) // 2, 7))
    bad = drills.run_drill(services.ask_drill(mall=shop.mall.ulid, ulid=new_ulid(), actor="system", now=now()))
    assert bad.passed is False
    assert "ArchiveRefused" in bad.report["failure"]
    assert orders_of(shop.mall) == before
    connection.set_schema_to_public()


def _drilled_by_one_of_two(shop):
    """The command and the sweeper have seen the same drill: the second waits, finds it done and leaves it."""
    mall = shop.mall.ulid
    drill = services.ask_drill(mall=mall, ulid=new_ulid(), actor="system", now=now())
    found = []

    def second():
        try:
            found.append(drills.run_drill(Drill.objects.get(pk=drill.pk)))
        finally:
            connection.close()

    with psycopg.connect(template.owner_url(), autocommit=True) as first:
        first.execute("SELECT pg_advisory_lock(hashtextextended(%s, 5))", [f"drill:{mall}"])
        thread = threading.Thread(target=second)
        thread.start()
        thread.join(0.5)
        assert thread.is_alive()
        assert template.tables_of(f"t_drill_{mall.lower()}") == frozenset()
        services.finish_drill(drill=drill, passed=True, report={"rows": 71}, now=now())
    thread.join(60)
    assert [one.report for one in found] == [{"rows": 71}]
    assert OutboxEvent.objects.filter(topic="drill.reported", key=drill.ulid).count() == 1
    connection.set_schema_to_public()


def _what_is_open(shop):
    with transaction.atomic():
        facts.on_closing_asked(event("mall.closing_asked", shop.mall.ulid, deletion="D1"))
    connection.set_schema_to_public()
    said = OutboxEvent.objects.get(topic="mall.closing_facts").payload
    assert (said["deletion"], said["orders"], said["orders_in_all"], said["withdrawals"]) == ("D1", 2, 4, 1)
    assert sum(row["posted"] for row in said["trial_balance"]) == 0


def _deleted(shop):
    order = order_of(RunKind.DELETE, shop.mall, serial=50)
    assert take(order) == "failed"
    assert "the mall is active: only one that is suspended" in logs(order)["close"]
    assert malls.mall_by_ulid(shop.mall.ulid).state == "active"
    mall_services.change_state(shop.mall.ulid, MallState.SUSPENDED, now=now())
    Execution.objects.create(
        run=new_ulid(), mall=shop.mall.ulid, kind="provision", serial=1, due_at=now(), state="succeeded",
        order={"owner": {"phone": "+8613800138000"}},
    )  # fmt: skip
    order = order_of(RunKind.DELETE, shop.mall, serial=51)
    for point in ("provision.close.done", "delete.media_deleted", "delete.schema_dropped"):
        assert in_a_process_that_dies_at(point, lambda: take(order)) == 137, point
        connection.set_schema_to_public()
        Execution.objects.filter(run=order["run"]).update(serial=0)
    assert take(order) == "succeeded", logs(order)
    mall = malls.mall_by_ulid(shop.mall.ulid)
    assert (mall.state, mall.schema_name) == ("gone", shop.mall.schema_name)
    assert template.tables_of(shop.mall.schema_name) == frozenset()
    for folder in (f"t/{mall.ulid}", f"backups/{mall.ulid}"):
        assert not (django_settings.MEDIA_ROOT / folder).exists(), folder
    assert not Backup.objects.filter(mall=mall.ulid, state="ready").exists()
    assert not Domain.objects.filter(tenant=mall).exists()
    assert not Entitlement.objects.filter(mall=mall).exists()
    left = OutboxEvent.objects.filter(mall=mall.ulid).exclude(destination="control", done_at=None)
    assert not left.exists()
    assert not any("13800138000" in str(one.order.get("owner")) for one in Execution.objects.filter(kind="provision"))
    assert take({**order, "serial": 60}) == "active"  # nothing is left to do
    assert Mall.objects.get(ulid="01JBEAVTYBEAVTYBEAVTYBEAVT").state == "active"
    assert template.tables_of("t_test_beauty") == template.template_tables()
