"""A public demo is made anew from its seed, killed anywhere; no other mall is touched, and none that is no demo."""

import datetime as dt

import psycopg
from django.core.files.base import ContentFile
from django.db import connection, transaction
from django_tenants.utils import schema_context

from provisioning.archives import demos, services, snapshot, tasks
from provisioning.archives.models import Backup
from provisioning.executor.schema import owner_url
from provisioning.rehearsals import resets
from saas.config import jobs
from saas.identity.models import AuditRecord
from saas.kernel.clock import CHINA, real_now
from saas.messaging.bus.models import OutboxEvent
from saas.tenants.jobs import selectors
from saas.tenants.jobs import services as job_services
from saas.tenants.jobs.models import Job
from saas.tenants.malls import selectors as malls
from saas.tenants.malls.activation import in_mall
from saas.tenants.malls.models import Mall
from saas.tenants.malls.storage import mall_storage
from tenant_apps.orders.models import Order
from tests.factories import orders
from tests.factories.catalog import single
from tests.factories.people import make_member
from tests.provisioning.archives.conftest import GROCERY, media_of, shop, web  # noqa: F401
from tests.provisioning.executor.conftest import _media, in_a_process_that_dies_at  # noqa: F401

BEAUTY = "01JBEAVTYBEAVTYBEAVTYBEAVT"
SEED = "01JSEEDSEEDSEEDSEEDSEEDSEE"


def at(hour: int, days: int = 0) -> dt.datetime:
    return real_now().astimezone(CHINA).replace(hour=hour, minute=0, second=0, microsecond=0) + dt.timedelta(days=days)


def digests(schema: str) -> dict:
    with psycopg.connect(owner_url()) as plain:
        return snapshot.digests(plain, schema)


def rehearsing(mall) -> None:
    with schema_context("public"):
        Mall.objects.filter(ulid=mall.ulid).update(state="rehearsal", live_at=None)
    malls.forget_mall(mall)


def marked(shop, settings):  # noqa: F811
    """The grocery as a demo with its seed, and what it looked like then."""
    settings.BACKUP_HOUR = -1  # no night for the others
    rehearsing(shop.mall)
    connection.set_schema_to_public()
    demos.follow_switch(mall=GROCERY, hour=4, seed=SEED, actor="user:op", now=real_now())
    assert tasks.work(now=real_now())["taken"] >= 1  # the same round keeps the pictures
    assert Backup.objects.get(ulid=SEED).state == "ready"
    assert demos.look_after(now=at(3, 1)) == [] and demos.look_after(now=at(4, 1)) == [GROCERY]
    return digests(shop.mall.schema_name)


def soil(shop) -> None:  # noqa: F811
    """What a day of visitors leaves behind."""
    shop.buy()
    with in_mall(shop.mall):
        mall_storage().save(f"t/{GROCERY}/p/visitor/400.webp", ContentFile(b"dirt"))
        for name in [one for one in media_of(GROCERY) if "visitor" not in one]:
            mall_storage().delete(f"t/{GROCERY}/{name}")
    connection.set_schema_to_public()


def job() -> Job:
    connection.set_schema_to_public()
    return Job.objects.filter(mall=GROCERY, kind="reset").latest("pk")


def without_audit(found: dict) -> dict:
    return {name: one for name, one in found.items() if name != "identity_auditrecord"}


def schemas() -> set[str]:
    with psycopg.connect(owner_url()) as plain:
        return {
            name for (name,) in plain.execute("SELECT nspname FROM pg_namespace WHERE nspname ~ '^t_(reset|aside)'")
        }


def test_made_anew_at_its_hour_killed_anywhere_and_no_other_mall_moves(shop, settings):  # noqa: F811
    other = malls.mall_by_ulid(BEAUTY)
    with in_mall(other), transaction.atomic():
        orders.completed(make_member(name="Somebody else"), (single("口红"), 1))
        mall_storage().save(f"t/{BEAUTY}/p/own/400.webp", ContentFile(b"other"))
    connection.set_schema_to_public()
    theirs, events = digests(other.schema_name), OutboxEvent.objects.filter(mall=BEAUTY).order_by("pk")
    waiting = list(events.values_list("event_id", "done_at", "destination"))
    seeded, pictures = marked(shop, settings), media_of(GROCERY)
    connection.set_schema_to_public()
    assert job().actor == "system" and demos.look_after(now=at(4, 1)) == []  # one runs
    job_services.finish_job(job(), now=real_now())
    assert demos.look_after(now=at(23, 1)) == []  # made anew since its hour
    assert demos.look_after(now=at(3, 2)) == []
    for point in ("restored", "closed", "uncommitted", "changed", "tidied"):
        soil(shop)
        assert digests(shop.mall.schema_name) != seeded
        assert media_of(GROCERY) == ["p/visitor/400.webp"]
        with transaction.atomic():
            demos.start_reset(mall=GROCERY, actor="user:op", now=real_now())
        ulid = job().ulid
        assert in_a_process_that_dies_at(f"reset.{point}", lambda: jobs.take(ulid)) == 137, point  # noqa: B023
        connection.set_schema_to_public()
        state = malls.mall_by_ulid(GROCERY).state
        assert state == ("resetting" if point in ("closed", "uncommitted") else "rehearsal"), point
        whole = without_audit(digests(shop.mall.schema_name)) == without_audit(seeded)
        assert whole is (point in ("changed", "tidied")), point  # all or nothing
        jobs.take(ulid)
        done = selectors.job(ulid)
        assert (done.state, done.progress["percent"], done.error) == ("done", 100, ""), (point, done.error)
        assert without_audit(digests(shop.mall.schema_name)) == without_audit(seeded), point
        assert media_of(GROCERY) == pictures and schemas() == set()
        assert malls.mall_by_ulid(GROCERY).state == "rehearsal"
    with in_mall(shop.mall):
        assert AuditRecord.objects.filter(action="mall.reset").count() == 1  # of this copy's life
        assert Order.objects.count() == 4
    shop.buy()  # it works
    connection.set_schema_to_public()
    local = OutboxEvent.objects.filter(mall=GROCERY, destination="local", topic="order.payment_due")
    assert local.count() >= 1
    assert digests(other.schema_name) == theirs
    assert list(events.values_list("event_id", "done_at", "destination")) == waiting
    assert media_of(BEAUTY) == ["p/own/400.webp"]
    told = OutboxEvent.objects.filter(topic="demo.reported", destination="control", mall=GROCERY).latest("pk").payload
    assert (told["state"], told["rows"] > 100, told["error"]) == ("done", True, "")
    with psycopg.connect(owner_url()) as plain:  # nothing in the schema remembers the name it was restored under
        texts = plain.execute(
            "SELECT prosrc FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE nspname = %s",
            [shop.mall.schema_name],
        ).fetchall()
    assert texts and not [text for (text,) in texts if "t_reset_" in text]


def test_a_live_mall_and_a_wrong_seed_are_refused_by_name_and_the_door_is_polite(shop, client, settings):  # noqa: F811
    before = digests(shop.mall.schema_name)
    connection.set_schema_to_public()
    demos.start_reset(mall=GROCERY, actor="user:op", now=real_now())
    jobs.take(job().ulid)
    failed = job()
    assert (failed.state, shop.mall.name in failed.error) == ("failed", True)
    assert digests(shop.mall.schema_name) == before
    assert OutboxEvent.objects.filter(topic="demo.reported").latest("pk").payload["state"] == "failed"
    host = malls.primary_origin(shop.mall).split("//")[1]
    marked(shop, settings)
    connection.set_schema_to_public()
    job_services.finish_job(job(), now=real_now())
    assert "noindex" not in client.get("/", HTTP_HOST=host).content.decode()  # a demo is open to everybody
    connection.set_schema_to_public()
    for changes in ({"live_at": real_now(), "state": "active"}, {"schema_version": "newer"}):
        kept = Mall.objects.filter(ulid=GROCERY).values(*changes)[0]
        Mall.objects.filter(ulid=GROCERY).update(**changes)
        demos.start_reset(mall=GROCERY, actor="user:op", now=real_now())
        jobs.take(job().ulid)
        assert job().state == "failed" and job().error, changes
        Mall.objects.filter(ulid=GROCERY).update(**kept)
    assert without_audit(digests(shop.mall.schema_name)) == without_audit(before)
    connection.set_schema_to_public()
    Mall.objects.filter(ulid=GROCERY).update(state="resetting")
    malls.forget_mall(shop.mall)
    answer = client.get("/", HTTP_HOST=host)
    assert answer.status_code == 503 and b'http-equiv="refresh"' in answer.content
    connection.set_schema_to_public()
    Mall.objects.filter(ulid=GROCERY).update(state="rehearsal")
    malls.forget_mall(shop.mall)
    resets._reopen(GROCERY)
    # retention keeps the seed while the mall is a demo, and lets it go with its pictures afterwards
    later = real_now() + dt.timedelta(days=400)
    settings.BACKUP_DAILY = settings.BACKUP_WEEKLY = settings.BACKUP_MONTHLY = 0  # only the newest stays by the rule
    services.take_backup(mall=GROCERY, reason="nightly", actor="system", now=later)
    services.apply_retention(mall=GROCERY, now=later)
    assert Backup.objects.get(ulid=SEED).state == "ready"
    demos.follow_switch(mall=GROCERY, hour=None, seed=SEED, actor="user:op", now=real_now())
    services.apply_retention(mall=GROCERY, now=later)
    assert Backup.objects.get(ulid=SEED).state == "deleted"
    assert list(mall_storage().walk(f"backups/{GROCERY}/{SEED}.media/")) == []
